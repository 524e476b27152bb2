"""Many charge points in one process."""

import asyncio
import random
from collections.abc import Iterable, Mapping

from wattline.emulator.box import make_box
from wattline.emulator.clock import Clock
from wattline.emulator.hardware import Hardware
from wattline.emulator.interceptor import Interceptor
from wattline.emulator.quirks import Quirk
from wattline.emulator.station import Station

# Keeping every charge point's last frames is for people who look at a few.
STATIONS_WITH_FRAMES_MAX = 100


class Fleet:
    """The charge points of one process, by identity, on one clock and under one interceptor."""

    def __init__(self, *, clock: Clock, chance: random.Random, interceptor: Interceptor) -> None:
        self.clock = clock
        self.interceptor = interceptor
        self._chance = chance
        self._stations: dict[str, Station] = {}

    @property
    def stations(self) -> Mapping[str, Station]:
        """Every charge point by its identity."""
        return self._stations

    def add(
        self,
        identity: str,
        *,
        url: str,
        password: str | None,
        hardware: Hardware,
        connectors: int,
        quirks: Iterable[Quirk] = (),
        changed_keys: Mapping[str, str] | None = None,
    ) -> Station:
        """Build a charge point; it dials when it is started."""
        assert identity not in self._stations
        box = make_box(
            identity,
            hardware,
            connectors=connectors,
            now=self.clock.now(),
            quirks=quirks,
            changed_keys=dict(changed_keys or {}),
        )
        station = Station(
            box,
            url,
            password,
            clock=self.clock,
            chance=self.new_chance(),
            interceptor=self.interceptor,
            keeps_frames=len(self._stations) < STATIONS_WITH_FRAMES_MAX,
        )
        self._stations[identity] = station
        return station

    def new_chance(self) -> random.Random:
        """A source of chance of its own for each part, so that one more draw here changes nothing there."""
        return random.Random(self._chance.getrandbits(64))  # noqa: S311 - plays a part, guards nothing

    async def start(self, *, per_second: float) -> None:
        """Switch all charge points on, so many a second: a real network never dials in one instant."""
        loop = asyncio.get_running_loop()
        began_at = loop.time()
        for number, station in enumerate(list(self._stations.values())):
            ahead = number / per_second - (loop.time() - began_at)
            if ahead > 0.01:
                await asyncio.sleep(ahead)
            station.start()

    async def stop(self) -> None:
        """Switch all of them off."""
        await asyncio.gather(*(station.stop() for station in self._stations.values()))
