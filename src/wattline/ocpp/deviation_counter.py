"""Counts deviations in memory and stores the counts every few seconds: a box that errs in every message is cheap."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime

import structlog

from wattline.database.connection import Database
from wattline.ocpp.patience import will_pass
from wattline.operations.deviations import Deviations, note_deviations
from wattline.wire.ocpp.deviations import Deviation

log = structlog.get_logger()

FLUSH_SECONDS = 5.0
# Every box of a large gateway with a few kinds each; beyond that, new ones are not counted until the next flush.
KINDS_WAITING_MAX = 50_000


class _Count:
    __slots__ = ("first_at", "last_at", "latest", "seen")

    def __init__(self, latest: Deviation, at: datetime) -> None:
        self.latest, self.seen, self.first_at, self.last_at = latest, 1, at, at


class DeviationCounter:
    """What was noted since the last flush, by box and code."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._counts: dict[tuple[int, str], _Count] = {}
        self._storing = asyncio.Lock()

    def note(self, charge_point_id: int, deviations: Iterable[Deviation]) -> None:
        """Count deviations of a box."""
        for deviation in deviations:
            key = (charge_point_id, deviation.code.value)
            count = self._counts.get(key)
            at = self._clock()
            if count is not None:
                count.latest, count.last_at = deviation, at
                count.seen += 1
            elif len(self._counts) < KINDS_WAITING_MAX:
                self._counts[key] = _Count(deviation, at)

    async def run(self) -> None:
        """Flush for ever."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Store what was counted, and return when it and what is being stored already are stored."""
        async with self._storing:
            await self._store()

    async def _store(self) -> None:
        if not self._counts:
            return
        counts, self._counts = self._counts, {}
        try:
            await note_deviations(self._database, [_row(key, count) for key, count in counts.items()])
        except Exception as error:
            if not will_pass(error):
                log.exception("deviations could not be stored", kinds=len(counts))
                return
            # PostgreSQL is away: keep the old counts unless newer ones have come.
            self._counts = counts | self._counts


def _row(key: tuple[int, str], count: _Count) -> Deviations:
    charge_point_id, code = key
    return Deviations(
        charge_point_id, code, count.latest.path, count.latest.sample, count.seen, count.first_at, count.last_at
    )
