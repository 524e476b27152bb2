"""Who pays what: of all price groups that could count for a charge, the one that does (product rules, section 12)."""

from dataclasses import dataclass
from enum import StrEnum

from wattline.domain.refusals import Refusal


class ChosenBy(StrEnum):
    """Why a price group counts, the strongest reason first."""

    EXPLICIT = "explicit"
    MEMBER = "member"
    NESTED_TEAM = "nested-team"
    ROAMING = "roaming"
    PUBLIC = "public"


class NoPrice(Refusal):
    """A public charge point on which nobody set a price; that is not the same as free."""

    code = "NO_PRICE"

    def __init__(self) -> None:
        super().__init__(
            "No price is set at this public charge point. Apply a price group to it; to charge nothing, apply one "
            "with the price 0."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Ids of the price groups that could count; None where there is none.

    `explicit` was named at the start, `member` is that of the driver's membership, `nested_team` that of the paying
    team, `roaming` counts for drivers of other networks only, `public` for everybody else.
    """

    explicit: int | None = None
    member: int | None = None
    nested_team: int | None = None
    roaming: int | None = None
    public: int | None = None


def choose(candidates: Candidates, *, roaming: bool) -> tuple[int, ChosenBy] | None:
    """Return the group that counts and why; None when there is no price at all.

    A driver of another network pays the roaming price, or the public one where there is none, but never one that was
    made for members.
    """
    ranked = [
        (candidates.explicit, ChosenBy.EXPLICIT),
        (None if roaming else candidates.member, ChosenBy.MEMBER),
        (None if roaming else candidates.nested_team, ChosenBy.NESTED_TEAM),
        (candidates.roaming if roaming else None, ChosenBy.ROAMING),
        (candidates.public, ChosenBy.PUBLIC),
    ]
    return next(((group_id, why) for group_id, why in ranked if group_id is not None), None)
