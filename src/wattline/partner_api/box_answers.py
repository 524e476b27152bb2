"""What a box answered, and how the API says so."""

from wattline.domain.refusals import Refusal
from wattline.operations.commands import CommandResult


class BoxRefused(Refusal):
    """The box understood and said no."""

    code = "CHARGE_POINT_REFUSED"

    def __init__(self, result: CommandResult) -> None:
        answer = result.answer.get("status") or result.answer.get("errorDescription") or result.answer.get("errorCode")
        super().__init__(f"The charge point did not do it{f': {answer}' if answer else ''}.")


class BoxSilent(Refusal):
    """The box has the call, and said nothing in time. It may still do it."""

    code = "CHARGE_POINT_DID_NOT_ANSWER"

    def __init__(self) -> None:
        super().__init__("The charge point did not answer in time. Look at its state, then try again.")


def must_be_accepted(result: CommandResult) -> None:
    """Raise BoxRefused or BoxSilent unless the box does what it was asked."""
    if result.outcome in ("refused", "error"):
        raise BoxRefused(result)
    if result.outcome != "accepted":
        raise BoxSilent


def status_of(result: CommandResult) -> str:
    """Return the status a box answered with, whichever it is. Raises BoxRefused for an error, and BoxSilent."""
    if result.outcome not in ("accepted", "refused"):
        must_be_accepted(result)
    return str(result.answer.get("status", "Accepted"))
