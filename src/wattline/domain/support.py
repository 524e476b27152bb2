"""Questions to support: how they move, and how much one may ask."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from wattline.domain.refusals import Invalid, NotReady

SUBJECT_LENGTH_MAX = 150
TEXT_LENGTH_MAX = 4_000
# A page's context is cut here: a letter that long is still read.
CONTEXT_LENGTH_MAX = 8_000
# Whoever asks more than this in a day does not ask.
ASKED_PER_DAY_MAX = 20


class TicketState(StrEnum):
    """Who is expected to do something: support, whoever asked, nobody."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Said(StrEnum):
    """What happens to a question."""

    ANSWERED = "answered"
    ASKED_AGAIN = "asked again"
    CLOSED = "closed"


MOVES: Mapping[tuple[TicketState, Said], TicketState] = MappingProxyType(
    {
        (TicketState.OPEN, Said.ANSWERED): TicketState.ANSWERED,
        (TicketState.OPEN, Said.ASKED_AGAIN): TicketState.OPEN,
        (TicketState.OPEN, Said.CLOSED): TicketState.CLOSED,
        (TicketState.ANSWERED, Said.ANSWERED): TicketState.ANSWERED,
        (TicketState.ANSWERED, Said.ASKED_AGAIN): TicketState.OPEN,
        (TicketState.ANSWERED, Said.CLOSED): TicketState.CLOSED,
        (TicketState.CLOSED, Said.ASKED_AGAIN): TicketState.OPEN,
    }
)


def moved(state: TicketState, said: Said) -> TicketState:
    """Tell in which state a question is afterwards. Raises NotReady for what cannot be."""
    if (state, said) not in MOVES:
        raise NotReady(f"The question is {state}. Whoever asked it can ask again.")
    return MOVES[state, said]


def checked_text(text: str, *, field: str, longest: int = TEXT_LENGTH_MAX) -> str:
    """Return what somebody wrote without blanks around it. Raises Invalid when it is empty or too long."""
    tidy = text.strip()
    if not tidy:
        raise Invalid(field, "is empty. Write what happened and what you expected.")
    if len(tidy) > longest:
        raise Invalid(field, f"is longer than {longest} characters.")
    return tidy
