"""Words charge points use instead of OCPP's, as data (field notes F3). Read by `lenient.py`.

First the same letters in other case or with other separators are tried, then these synonyms, then the fallback.
"""

from collections.abc import Mapping


def bare(word: str) -> str:
    """Strip a word to its letters and digits in lower case: `Suspended_EV`, `suspendedEV` → `suspendedev`."""
    return "".join(letter for letter in word if letter.isalnum()).casefold()


SYNONYMS: Mapping[str, Mapping[str, str]] = {
    "errorCode": {"error": "OtherError", "none": "NoError", "ok": "NoError", "noerrorcode": "NoError"},
    "status": {
        # OCPP 1.5 and 2.x know one word for every state with a car in it.
        "occupied": "Preparing",
        "suspended": "SuspendedEVSE",
        "offline": "Unavailable",
        "fault": "Faulted",
        "error": "Faulted",
    },
    "unit": {
        "hz": "Hertz",
        "%": "Percent",
        "pct": "Percent",
        "amp": "A",
        "amps": "A",
        "ampere": "A",
        "volt": "V",
        "volts": "V",
        "watt": "W",
        "watts": "W",
        "kilowatt": "kW",
        "watthour": "Wh",
        "kilowatthour": "kWh",
        "c": "Celsius",
        "f": "Fahrenheit",
        "degc": "Celsius",
    },
    "measurand": {
        "stateofcharge": "SoC",
        "energyactiveimport": "Energy.Active.Import.Register",
        "energyactiveexport": "Energy.Active.Export.Register",
        "poweractive": "Power.Active.Import",
        "current": "Current.Import",
        "volt": "Voltage",
    },
    "phase": {"1": "L1", "2": "L2", "3": "L3", "a": "L1", "b": "L2", "c": "L3", "phase1": "L1", "phase2": "L2"},
    "context": {"periodic": "Sample.Periodic", "clock": "Sample.Clock", "transactionstart": "Transaction.Begin"},
    "reason": {"evdisconnect": "EVDisconnected", "deauthorize": "DeAuthorized", "emergency": "EmergencyStop"},
}
"""Field → bare word → OCPP's word. A synonym counts only where the schema allows it."""

FALLBACKS: Mapping[str, str] = {"errorCode": "OtherError", "context": "Other", "reason": "Other"}
"""Field → the word for "something else". An optional field without one is left out."""

ORIGINAL_KEPT_IN: Mapping[str, str] = {"errorCode": "vendorErrorCode"}
"""Field → where its unknown word is kept, if that place is free."""

MEANING_DEPENDS_ON: frozenset[str] = frozenset({"measurand", "phase", "unit"})
"""Fields without which a reading would mean something else: without them it is dropped, not read wrongly."""

DEFAULTS: Mapping[tuple[str, str], object] = {
    ("StatusNotification", "errorCode"): "NoError",
    # A stop without a transaction id cannot end a charge, but it must be acknowledged or it comes for ever (T1, T2).
    ("StopTransaction", "transactionId"): 0,
}
"""(Action, required field) → what stands in for it when it is missing."""
