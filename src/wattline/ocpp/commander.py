"""Hears of commands for the boxes connected here, and looks for what it may have missed."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from wattline.database.bus import Bus
from wattline.database.commands import channel_of
from wattline.database.connection import Database
from wattline.ocpp.patience import will_pass
from wattline.ocpp.sessions import Sessions, send_away
from wattline.operations import commands
from wattline.operations.connections import boxes_now

log = structlog.get_logger()

SWEEP_SECONDS = 5.0


class Commander:
    """Wakes the sessions whose boxes have work."""

    def __init__(
        self, gateway_id: str, sessions: Sessions, database: Database, bus: Bus, clock: Callable[[], datetime]
    ) -> None:
        self._gateway_id = gateway_id
        self._sessions = sessions
        self._database = database
        self._bus = bus
        self._clock = clock

    async def run(self) -> None:
        """Listen and sweep, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._sweep_for_ever())

    async def sweep(self) -> None:
        """Look at the rows: wake whoever has work, settle what waited too long."""
        try:
            await commands.expire(self._database, now=self._clock())
            for charge_point_id in await commands.boxes_with_work(self._database, self._gateway_id):
                self._wake(charge_point_id)
        except Exception as error:
            if not will_pass(error):
                log.exception("sweep for commands failed")

    async def _sweep_for_ever(self) -> None:
        while True:
            await self.sweep()
            await asyncio.sleep(SWEEP_SECONDS)

    async def _listen(self) -> None:
        async with self._bus.subscribe(channel_of(self._gateway_id)) as texts:
            async for text in texts:
                match text.split():
                    case ["call", charge_point_id]:
                        self._wake(int(charge_point_id))
                    case ["close", charge_point_id, epoch]:
                        self._close(int(charge_point_id), int(epoch))
                    case ["record", charge_point_id, what]:
                        self._record(int(charge_point_id), everything=what == "all")
                    case _:
                        # We may have missed words of any kind.
                        await self._catch_up()
                        await self.sweep()

    async def _catch_up(self) -> None:
        """Send away boxes that came back elsewhere meanwhile, and learn what is to be recorded of the others."""
        try:
            known = await boxes_now(self._database, [session.box.id for session in self._sessions])
        except Exception as error:
            if not will_pass(error):
                log.exception("could not look what was missed")
            return
        for box in known:
            self._record(box.charge_point_id, everything=box.record_all_frames)
            session = self._sessions.of(box.charge_point_id)
            if session is not None and session.lease.epoch < box.epoch:
                send_away(session)

    def _wake(self, charge_point_id: int) -> None:
        session = self._sessions.of(charge_point_id)
        if session is not None:
            session.outgoing.wake()

    def _record(self, charge_point_id: int, *, everything: bool) -> None:
        session = self._sessions.of(charge_point_id)
        if session is not None:
            session.box.records_all = everything

    def _close(self, charge_point_id: int, epoch: int) -> None:
        """Send away a box that came back through another gateway."""
        session = self._sessions.of(charge_point_id)
        if session is not None and session.lease.epoch == epoch:
            send_away(session)
