"""Several charge points of one place that went away together: their power or network went, not they."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

TOGETHER = timedelta(minutes=2)
MANY = 3


@dataclass(frozen=True, slots=True)
class Gone:
    """A charge point without contact: which, where, since when."""

    key: int
    place: int | None
    since: datetime


def gone_together(lost: Sequence[Gone]) -> list[list[int]]:
    """Find groups of at least three that lost contact at one place within two minutes; return their keys."""
    groups: list[list[Gone]] = []
    for each in sorted((one for one in lost if one.place is not None), key=lambda one: (one.place or 0, one.since)):
        if groups and groups[-1][0].place == each.place and each.since - groups[-1][0].since <= TOGETHER:
            groups[-1].append(each)
        else:
            groups.append([each])
    return [[one.key for one in group] for group in groups if len(group) >= MANY]
