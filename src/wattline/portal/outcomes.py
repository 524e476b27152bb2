"""What came of a remote action, in words: accepted, refused, no answer, no contact."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from wattline.domain.check_up import CheckResult
from wattline.domain.refusals import NoContact, Refusal
from wattline.operations.commands import CommandResult

# What follows when the charge point says yes, deed by deed.
DONE = {
    "unlock": "The cable should be free. Pull it out.",
    "reboot": "It restarts now. Expect about 2 minutes without contact.",
    "availability": "Done; or, while a charge runs, as soon as it ends.",
    "get-configuration": "Its settings are below.",
    "set-configuration": "The setting is changed.",
    "trigger": "The message comes in a moment; look at the log.",
    "diagnostics": "It prepares the file and uploads it. The log tells how far it is.",
    "log": "It prepares the log and uploads it. The log here tells how far it is.",
    "firmware": "It fetches the firmware. The log tells how far it is.",
    "clear-cache": "It has forgotten the keys it remembered.",
    "reserve": "The connector is kept.",
    "cancel-reservation": "The connector is free for everybody.",
    "set-profile": "The limit holds from now on.",
    "clear-profile": "The limits are gone.",
    "composite-schedule": "Its plan is below.",
    "data-transfer": "Its answer is below.",
    "raw": "Its reply is below.",
}
# The answers that are worth showing as they came.
SHOW_ANSWER = {"composite-schedule", "data-transfer", "raw", "diagnostics", "log"}
ANSWER_LENGTH_MAX = 4000


@dataclass(frozen=True, slots=True)
class Said:
    """An outcome ready to be shown."""

    hue: str
    glyph: str
    heading: str
    reasoning: str = ""
    todo: str = ""
    evidence: tuple[str, ...] = ()
    answer: str = ""


def say(deed: str, label: str, result: CommandResult) -> Said:
    """Put the outcome of a deed into words."""
    answer = _shown(result.answer) if deed in SHOW_ANSWER and result.answer else ""
    status = str(result.answer.get("status", ""))
    match result.outcome:
        case "accepted":
            heading = f"{label}: the charge point said yes"
            done = "It counts after the next reboot." if status == "RebootRequired" else DONE.get(deed, "")
            return Said("green", "completed", heading, done, evidence=_marks(result), answer=answer)
        case "refused":
            reasoning = REFUSED_WORDS.get(status, "It gave no reason beyond the word below.")
            heading = f"{label}: the charge point said no"
            return Said("amber", "failed", heading, reasoning, evidence=_marks(result), answer=answer)
        case "error":
            reasoning = str(result.answer.get("description") or "It did not understand what we asked.")
            heading = f"{label}: the charge point could not do it"
            return Said("amber", "failed", heading, reasoning, evidence=_marks(result), answer=answer)
        case "no-answer" | "unknown":
            reasoning = "Nobody knows whether it has done it. Some charge points are slow; it is not asked twice."
            todo = "look at the log in a minute, or run a check."
            return Said("amber", "paused", f"{label}: no answer", reasoning, todo, _marks(result))
        case _:
            reasoning = "It was not ready to be asked, so nothing was sent."
            return Said(
                "ink", "disconnected", f"{label}: no contact", reasoning, "wait until it is back, then ask again."
            )


REFUSED_WORDS = {
    "Rejected": "It can do this, but not now; a charge that runs or its own settings may forbid it.",
    "NotSupported": "This charge point cannot do that.",
    "NotImplemented": "This charge point cannot do that.",
    "UnlockFailed": "The lock did not move. Put the cable back into the car, lock the car, then unlock twice.",
    "Occupied": "A car is there already.",
    "Faulted": "The connector reports a fault.",
    "Unavailable": "The connector is out of service.",
    "UnknownMessageId": "It does not know this message of its maker’s.",
    "UnknownVendorId": "It does not know this vendor id.",
    "UnknownKey": "It has no setting of this name.",
}


def _marks(result: CommandResult) -> tuple[str, ...]:
    words = [str(result.answer[name]) for name in ("status", "code") if result.answer.get(name)]
    return (*words, f"command {result.command_id}")


def _shown(answer: Mapping[str, object]) -> str:
    return msgspec.json.format(msgspec.json.encode(answer), indent=2).decode()[:ANSWER_LENGTH_MAX]


def say_check(result: CheckResult) -> Said:
    """Put the verdict of a check into words."""
    heading, _, rest = result.sentence.partition(". ")
    evidence = tuple(f"{question}: {answer}" for question, answer in result.evidence)
    hue, glyph = ("green", "completed") if result.ok else ("amber", "paused")
    return Said(hue, glyph, heading.removesuffix("."), todo=rest, evidence=evidence)


def say_refusal(label: str, refusal: Refusal) -> Said:
    """Say why we did not even ask the charge point."""
    happened, _, todo = str(refusal).partition(". ")
    hue, glyph = ("ink", "disconnected") if isinstance(refusal, NoContact) else ("amber", "failed")
    return Said(hue, glyph, f"{label}: not done", f"{happened.removesuffix('.')}.", todo)
