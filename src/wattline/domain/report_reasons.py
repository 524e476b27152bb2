"""Why drivers report a charge point."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to choose from; `priority`: low, medium or high."""

    id: int
    identifier: str
    words: str
    priority: str


REASONS: Sequence[Reason] = (
    Reason(1, "does-not-start", "A charge does not start", "high"),
    Reason(2, "stuck-cable", "The cable is stuck", "high"),
    Reason(3, "damaged", "Something is broken", "high"),
    Reason(4, "stops", "The charge stops by itself", "medium"),
    Reason(5, "slow", "It charges slowly", "medium"),
    Reason(6, "wrong-price", "The price is wrong", "medium"),
    Reason(7, "blocked", "Somebody blocks the place", "low"),
    Reason(8, "not-there", "The charge point is not where the map says", "low"),
    Reason(9, "other", "Something else", "low"),
)
