"""The gateway: everything that serves charge points, put together, started and stopped in order."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from wattline.database.bus import Bus
from wattline.database.connection import Database
from wattline.ocpp.box import Shared
from wattline.ocpp.collector import Collector
from wattline.ocpp.commander import Commander
from wattline.ocpp.deviation_counter import DeviationCounter
from wattline.ocpp.gathering import Gathering
from wattline.ocpp.handshake import Doorkeeper
from wattline.ocpp.liveness import Liveness
from wattline.ocpp.patience import patiently, will_pass
from wattline.ocpp.reception import Reception
from wattline.ocpp.recorder import Recorder
from wattline.ocpp.server import listen
from wattline.ocpp.sessions import Sessions
from wattline.ocpp.spool import Spool
from wattline.operations import gateways
from wattline.operations.chance import Chance
from wattline.operations.devices import Boot, boot_charge_points
from wattline.operations.handshakes import RefusedHandshake, note_refused_handshakes
from wattline.operations.readings import NewReading, ReadingOutcome, record_readings
from wattline.operations.statuses import StatusReport, report_statuses
from wattline.settings import Settings

log = structlog.get_logger()

# Reports that come at once share a transaction.
REPORTS_MAX = 100
REFUSED_SECONDS = 0.5
# An attacker who changes identity and address all the time fills no more of the table than this per half second.
REFUSED_MAX = 100
# After PostgreSQL was away every gateway looks dead; so many rounds each has time to say otherwise.
GRACE_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running gateway."""

    id: str
    port: int
    sessions: Sessions
    commander: Commander
    deviations: DeviationCounter
    recorder: Recorder


@contextlib.asynccontextmanager
async def serve_gateway(
    settings: Settings,
    database: Database,
    bus: Bus,
    *,
    clock: Callable[[], datetime],
    chance: Chance,
    gateway_id: str,
    listener: socket.socket | None = None,
) -> AsyncIterator[Gateway]:
    """Serve charge points while the block runs. `gateway_id` must be new at every start, `listener` see `listen`.

    PostgreSQL may go away and come back meanwhile. A mistake of ours in a background task cancels the block.
    """
    shared = _share(settings, database, clock, chance, gateway_id)
    sessions = Sessions()
    refused: Spool[RefusedHandshake] = Spool(
        "refused handshakes",
        lambda batch: note_refused_handshakes(database, batch, now=clock()),
        every_seconds=REFUSED_SECONDS,
        most=REFUSED_MAX,
    )
    reception = Reception(shared, sessions)
    doorkeeper = Doorkeeper(settings, database, clock, refused)
    commander = Commander(gateway_id, sessions, database, bus, clock)
    liveness = Liveness(sessions, database, clock, ping_seconds=settings.ocpp.ping_seconds)

    patience = settings.ocpp.patience_seconds
    await patiently(lambda: gateways.beat(database, gateway_id, now=clock()), seconds_max=patience)
    await patiently(lambda: gateways.bury_dead(database, now=clock()), seconds_max=patience)
    background = [
        _keep_alive(shared, sessions), commander.run(), liveness.run(), refused.run(),
        reception.departures.run(), shared.deviations.run(), shared.recorder.run(),
    ]  # fmt: skip
    async with _running(background), listen(settings.ocpp, doorkeeper, reception, sessions, listener) as port:
        log.info("charge points may connect", port=port, gateway=gateway_id)
        yield Gateway(gateway_id, port, sessions, commander, shared.deviations, shared.recorder)
    shared.gathering.close()
    await _store_the_rest(shared, reception, refused)
    try:
        await patiently(lambda: gateways.leave(database, gateway_id, now=clock()), seconds_max=patience)
    except TimeoutError:
        log.warning("could not say goodbye; another gateway will find out that we are gone", gateway=gateway_id)


def _share(
    settings: Settings, database: Database, clock: Callable[[], datetime], chance: Chance, gateway_id: str
) -> Shared:
    async def boot(boots: Sequence[Boot]) -> Sequence[None]:
        await boot_charge_points(database, boots, now=clock())
        return [None] * len(boots)

    async def report(reports: Sequence[StatusReport]) -> Sequence[None]:
        await report_statuses(database, reports, now=clock())
        return [None] * len(reports)

    async def record(readings: Sequence[NewReading]) -> Sequence[ReadingOutcome]:
        return await record_readings(database, readings, now=clock())

    patience = settings.ocpp.patience_seconds
    return Shared(
        gateway_id=gateway_id,
        settings=settings,
        database=database,
        clock=clock,
        chance=chance,
        gathering=Gathering(wait_seconds=settings.ocpp.collect_milliseconds / 1000),
        boots=Collector(boot, most=REPORTS_MAX, wait_seconds=0, patience_seconds=patience),
        statuses=Collector(report, most=REPORTS_MAX, wait_seconds=0, patience_seconds=patience),
        readings=Collector(record, most=settings.ocpp.collect_readings, wait_seconds=0, patience_seconds=patience),
        recorder=Recorder(database, bytes_max=settings.retention.frame_bytes_max),
        deviations=DeviationCounter(database, clock),
    )


@contextlib.asynccontextmanager
async def _running(background: Sequence[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Run endless tasks beside the block; one that fails ends the block."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each) for each in background]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


async def _keep_alive(shared: Shared, sessions: Sessions) -> None:
    """Say that we live and what we did, and bury the dead; drop all sockets when we were taken for dead ourselves."""
    rounds_missed = 0
    while True:
        await asyncio.sleep(gateways.BEAT_SECONDS)
        try:
            now = shared.clock()
            was_buried = await gateways.beat(shared.database, shared.gateway_id, calls=shared.calls.told, now=now)
            if rounds_missed == 0:
                await gateways.bury_dead(shared.database, now=now)
            rounds_missed = max(rounds_missed - 1, 0)
        except Exception as error:
            if not will_pass(error):
                raise
            rounds_missed = GRACE_ROUNDS
            continue
        if was_buried:
            log.error("this gateway was taken for dead; its boxes have to call again", boxes=len(sessions))
            for session in sessions:
                session.socket.drop()


async def _store_the_rest(shared: Shared, reception: Reception, refused: Spool[RefusedHandshake]) -> None:
    """Write what waits in memory; PostgreSQL may be gone already, then it is lost."""
    for flush in (reception.departures.flush, refused.flush, shared.deviations.flush, shared.recorder.flush):
        await flush()
