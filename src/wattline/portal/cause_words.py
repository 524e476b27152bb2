"""Causes in words: one plain sentence, the reasoning, what one can do. What depends on the case is in why.py."""

from collections.abc import Mapping

from wattline.domain.causes.finding import Cause
from wattline.domain.causes.starts import Step
from wattline.portal.ends import End

NOT_PAID = "Nothing was taken and nobody pays."
CABLE_HOWTO = (
    "push the plug back into the car, lock the car, then unlock it twice in a row without locking in between. If the "
    "cable stays, unlock the connector under Remote actions, and then call whoever owns the charge point."
)

CAUSE_WORDS: Mapping[Cause, End] = {
    Cause.NO_CONTACT: End(
        "red", "disconnected", "The charge point is disconnected",
        "Without contact no start and no stop reaches it, and nothing can be measured.",
        "cut its power, switch it on again and give it 5 minutes. Then look at router, cable or SIM card, compare its "
        "settings with the installation guide, and last ask the installer or an electrician.",
    ),
    Cause.OUT_OF_SERVICE: End(
        "amber", "maintenance", "The charge point is out of service",
        "It was taken out of service, here or at the charge point, so it lets nobody charge.",
        "put it into service with Change availability, or end its maintenance.",
    ),
    Cause.START_UNANSWERED: End(
        "red", "failed", "The charge point did not answer the start",
        f"It was in contact and was asked, then said nothing. {NOT_PAID}",
        "run a check. If it does not answer that either, reboot it.",
    ),
    Cause.NOT_BEGUN: End(
        "red", "failed", "It never started",
        "The charge point accepted the start, then did not begin within 5 minutes. Nobody pays.",
        "push the plug in until it clicks and look whether the car is locked or asleep, then start again.",
    ),
    Cause.NEVER_SAID_YES: End(
        "red", "failed", "It never started",
        "The charge point never said yes to the start, and did not begin within 5 minutes. Nobody pays.",
        "run a check on the charge point, then start again.",
    ),
    Cause.OVERTAKEN: End(
        "amber", "failed", "Another charge began first",
        f"Somebody else began to charge on this connector before this one could. {NOT_PAID}",
        "wait until that charge ends, or use another connector.",
    ),
    Cause.WAITS_FOR_PLAN: End(
        "current", "scheduled", "It waits for its planned time",
        "The charge is planned, and the charge point holds the energy back until then. That is how it should be.",
        "nothing. To charge at once, stop this charge and start one without a plan.",
    ),
    Cause.SLOW_CAR: End(
        "ink-3", "other", "The car may take no more than this",
        "Every car has a limit of its own, for alternating current often 3.7, 7.4 or 11 kW, and takes less when its "
        "battery is cold or nearly full.",
        "look up in the car or its papers how fast it charges, and whether a limit is set there.",
    ),
    Cause.SLOW_POINT: End(
        "ink-3", "other", "The charge point may be set up for less",
        "Its fuse, its wiring or its own software can keep it below what it could give.",
        "ask the installer which current it was set up for, and look into its own settings.",
    ),
    Cause.SLOW_SHARED: End(
        "ink-3", "other", "Load balancing may have shared the power",
        "Charge points on one grid connection share what it can give, so each gets less while others charge.",
        "look what else charged at this time, and at limits set for this charge point.",
    ),
    Cause.SLOW_CABLE: End(
        "ink-3", "other", "The cable may be the limit",
        "A cable with one phase or thin wires carries less, and a damaged one is throttled.",
        "look at the cable for damage, read on its plug what it carries, and try another one.",
    ),
    Cause.NO_ENERGY: End(
        "amber", "stopped", "No energy was counted",
        "The charge began and ended, but its meter did not move.",
        "look whether the car was full or waited. If cars do charge here without being counted, turn “free charging” "
        "off in the charge point, so that it asks before it gives energy.",
    ),
    Cause.FREE_CHARGING: End(
        "red", "error", "It charges without asking, so no kWh are registered",
        "The charge point says that a car charges, but no charge was started here. Then it gives energy to anybody.",
        "open the charge point’s own settings, let it ask before each charge, and turn “free charging” or “free "
        "vending” off.",
    ),
    Cause.PRICE_CHANGED_SINCE: End(
        "ink-3", "other", "The price was changed after this charge began",
        "A charge keeps the price that it began with, so this one does not cost what is shown now.",
        "compare with the price on this page, not with today’s. The owner of the charge point sets it.",
    ),
    Cause.PRICE_CHANGED_BEFORE: End(
        "ink-3", "other", "The price was changed shortly before",
        "Who charged here before may have expected the old one. The owner of the charge point sets it.",
        "look at the changes of the price group.",
    ),
    Cause.KEY_UNKNOWN: End(
        "red", "failed", "A charge key was not accepted: nobody here knows it",
        "The charge point read a key that belongs to no team of this network.",
        "add the key under the number that its reader shows. Keys have 8, 14 or 20 characters, and not every reader "
        "reads every sort.",
    ),
    Cause.KEY_BLOCKED: End(
        "red", "failed", "A charge key was not accepted",
        "The key is blocked, or may not be used at this charge point.",
        "look whether the key is blocked or its team is frozen, and on which networks it may charge.",
    ),
    Cause.KEY_EXPIRED: End(
        "red", "failed", "A charge key was not accepted: it has expired",
        "The key was valid until a day that has passed.",
        "give the key a later end, or use another one.",
    ),
    Cause.KEY_IN_USE: End(
        "amber", "failed", "A charge key was not accepted: it charges elsewhere",
        "One key has one charge at a time here, and another one runs.",
        "end the other charge first.",
    ),
    Cause.HOLD_TOO_SMALL: End(
        "amber", "paying", "It cost more than was held",
        "What went beyond the hold is owed, and the next money that comes into the wallet pays it.",
        "fill the wallet; the debt is paid by itself.",
    ),
}  # fmt: skip

# What is asked of somebody at each step, and what each answer means.
STEP_WORDS: Mapping[Step, str] = {
    Step.IN_CONTACT: "The charge point is in contact.",
    Step.WELL: "It is in service and reports no fault.",
    Step.RIGHT_PLACE: "The car stands at this charge point, not at its neighbour; a light shows that it is on.",
    Step.PLUGGED_IN: "The cable is in, at both ends, until it clicks.",
    Step.WAITED: "Somebody waited long enough: a start can take more than 30 seconds.",
    Step.KEY: "The charge key is accepted here, and this charge point has a reader for it.",
    Step.FUNDS: "There is enough money in the wallet that pays.",
}

# Evidence that is no word of OCPP's.
PROOF_WORDS: Mapping[str, str] = {
    "last-contact": "last contact",
    "losses": "contact lost",
    "battery": "battery",
    "state": "state",
    "status": "status",
    "error": "fault",
    "stops-of-ours": "stops asked by us",
    "limits-of-ours": "limits set by us",
    "most-power": "most that flowed",
    "connector-power": "this connector can give",
    "others-power": "most in the charges before",
    "neighbours": "other charges near by meanwhile",
    "charges-here": "charges of ours here",
    "counted": "energy counted",
    "meter-begin": "meter at start",
    "meter-end": "meter at end",
    "price-group": "price",
    "price-change": "price changed",
    "price-fixed": "price fixed",
    "price-chosen": "chosen as",
    "key": "key",
    "card": "card",
    "stopped": "charge ended",
    "cable-in-for": "cable still in for",
    "cable-in": "cable plugged in",
    "asked": "asked to start",
    "no-start": "no StartTransaction in 5 min",
    "forced": "force stopped",
    "start-unsent": "start not sent",
    "stop-reason": "stop reason",
    "SuspendedEV": "StatusNotification SuspendedEV",
    "SuspendedEVSE": "StatusNotification SuspendedEVSE",
    "Charging": "StatusNotification Charging",
    "StopTransaction": "StopTransaction reason",
}
