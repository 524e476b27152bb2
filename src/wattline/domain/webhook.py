"""Which facts a subscriber hears, how many go out at once, and when we try again or give up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

EVERY_EVENT = "*"
# A fact with this event type is for live pages only.
NO_EVENT = "-"

# Entries can be listed for at least 24 hours after they were sent or given up.
ENTRIES_KEPT = timedelta(hours=72)

# A batch that its receiver cannot digest must not hold back everything behind it for a day; a receiver that is
# away must not be met by a crowd of retries each minute.
OPEN_BATCHES_MAX = 5


class Heard(Protocol):
    """The part of a fact that decides who hears it."""

    @property
    def event_type(self) -> str: ...
    @property
    def operator_ids(self) -> Sequence[int]: ...
    @property
    def team_ids(self) -> Sequence[int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What the owner of one API key wants to hear. `team_ids` None means every team."""

    api_key_id: int
    operator_id: int
    operator_ids: frozenset[int]
    team_ids: frozenset[int] | None
    event_types: frozenset[str]

    def hears(self, fact: Heard) -> bool:
        """Tell whether a fact is of a wanted type and about an operator and team of this subscriber."""
        wanted = fact.event_type in self.event_types or EVERY_EVENT in self.event_types
        return (
            wanted
            and fact.event_type != NO_EVENT
            and not self.operator_ids.isdisjoint(fact.operator_ids)
            and (self.team_ids is None or not self.team_ids.isdisjoint(fact.team_ids))
        )


def next_attempt_at(
    *, first_attempt_at: datetime, now: datetime, retry_every: timedelta, give_up_after: timedelta
) -> datetime | None:
    """Tell when to try a failed delivery again, or None when we give up."""
    return now + retry_every if now - first_attempt_at < give_up_after else None


def delivered(status: int) -> bool:
    """Tell whether a receiver's HTTP status means that it has the batch. A redirect does not: it is not followed."""
    return 200 <= status < 300
