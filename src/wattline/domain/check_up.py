"""How is a charge point? What we know of it, weighed and said in plain words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a check found out. `outcome` is that of the question we sent, None when there was nobody to ask."""

    connected: bool
    disconnected_at: datetime | None
    outcome: str | None
    status: str | None
    error_code: str | None
    error_info: str | None
    fresh_status: bool
    deviations: int


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The verdict in one sentence, and what it rests on: pairs of a question and its answer."""

    ok: bool
    sentence: str
    evidence: tuple[tuple[str, str], ...]


def verdict(found: Findings) -> CheckResult:
    """Weigh the findings: contact first, then an answer, then what the box says of itself."""
    ok, sentence = _weigh(found)
    return CheckResult(ok, sentence, tuple(_evidence(found)))


def _weigh(found: Findings) -> tuple[bool, str]:
    if not found.connected:
        return False, "The charge point is disconnected. Check its power and network; then give it five minutes."
    if found.outcome in ("no-answer", "expired", "unknown"):
        return False, "The charge point is connected but does not answer. Reboot it; if that fails, cut its power."
    if found.error_code not in (None, "NoError"):
        return False, f"The charge point reports a fault: {meaning_of_error(found.error_code)}"
    if found.status == "Faulted":
        return False, "The charge point reports a fault without saying which. Reboot it; if it stays, call its maker."
    if found.status == "Unavailable":
        return (
            False,
            "The charge point answers, but is out of service. Put it into service with Change availability.",
        )
    if found.status is None:
        return True, "The charge point answers. It has not said yet how its connector is."
    return True, f"The charge point answers and is well: {STATUS_WORDS.get(found.status, found.status)}."


def meaning_of_error(error_code: str | None) -> str:
    """Explain an OCPP 1.6 error code (section 7.6) and say what to do."""
    return ERROR_WORDS.get(error_code or "", f"{error_code}. Look the code up in the maker's manual.")


def _evidence(found: Findings) -> list[tuple[str, str]]:
    contact = "yes" if found.connected else f"no, since {_moment(found.disconnected_at)}"
    asked = OUTCOME_WORDS.get(found.outcome or "", "not asked")
    status = STATUS_WORDS.get(found.status or "", found.status or "not known")
    evidence = [
        ("Connected", contact),
        ("Asked just now", asked),
        ("Status" if found.fresh_status else "Last known status", status),
    ]
    if found.error_code not in (None, "NoError"):
        evidence.append(("Fault", f"{found.error_code} {found.error_info or ''}".strip()))
    if found.deviations:
        evidence.append(("Oddities of this charge point", f"{found.deviations} kinds noted"))
    return evidence


def _moment(at: datetime | None) -> str:
    return "it was added" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


OUTCOME_WORDS: Mapping[str, str] = {
    "accepted": "it answered and told its status",
    "refused": "it answered, but does not tell its status on request",
    "error": "it answered, but does not know the question",
    "no-answer": "it did not answer",
    "expired": "it was not ready to be asked",
    "unknown": "it lost its connection while we asked",
}

STATUS_WORDS: Mapping[str, str] = {
    "Available": "free",
    "Preparing": "a car is plugged in or a key was shown",
    "Charging": "a car is charging",
    "SuspendedEV": "a car is plugged in and takes no power",
    "SuspendedEVSE": "a car is plugged in and the charge point holds the power back",
    "Finishing": "a charge has ended and the cable is still in",
    "Reserved": "reserved",
    "Unavailable": "out of service",
    "Faulted": "faulted",
}

ERROR_WORDS: Mapping[str, str] = {
    "ConnectorLockFailure": "the lock does not move. Pull and push the plug, then try again.",
    "EVCommunicationError": "it cannot talk to the car. Unplug, wait a moment, plug in again.",
    "GroundFailure": "current flows to earth. Do not use it; call an electrician.",
    "HighTemperature": "it is too hot. Let it cool down and keep its vents free.",
    "InternalError": "something inside failed. Reboot it; if it comes back, call its maker.",
    "LocalListConflict": "its list of charge keys does not fit ours. Send the list again.",
    "OtherError": "it does not say which. Look into its log.",
    "OverCurrentFailure": "the car drew too much current. Unplug, then plug in again.",
    "OverVoltage": "the voltage of the grid is too high. Call an electrician if it stays.",
    "PowerMeterFailure": "it cannot read its meter. Charges cannot be billed; call its maker.",
    "PowerSwitchFailure": "the switch for the power failed. Do not use it; call an electrician.",
    "ReaderFailure": "it cannot read charge keys. Charges can still be started from here.",
    "ResetFailure": "it could not restart. Cut its power for a minute.",
    "UnderVoltage": "the voltage of the grid is too low. Call an electrician if it stays.",
    "WeakSignal": "its mobile or wireless signal is weak. Check the antenna.",
}
