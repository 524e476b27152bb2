"""What a charge point does otherwise than OCPP says, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wattline.queries.portal_charge_point import SeenDeviation
from wattline.wire.ocpp.deviations import MEANINGS


@dataclass(frozen=True, slots=True)
class DeviationSaid:
    """One deviation as the page shows it."""

    title: str
    sentence: str
    path: str
    sample: str
    seen: int
    last_at: datetime


def say_deviations(found: Sequence[SeenDeviation]) -> list[DeviationSaid]:
    """Explain each kind; one we have no words for is shown by its name."""
    words = {str(code): meaning for code, meaning in MEANINGS.items()}
    return [
        DeviationSaid(
            title=words[each.code].title if each.code in words else each.code,
            sentence=words[each.code].sentence if each.code in words else "",
            path=each.path,
            sample=each.sample,
            seen=each.seen,
            last_at=each.last_at,
        )
        for each in found
    ]
