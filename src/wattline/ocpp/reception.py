"""Takes boxes in whose handshake went well, and lets them go when their socket ends."""

from collections.abc import Sequence

import structlog

from wattline.ocpp.box import Box, Shared
from wattline.ocpp.collector import Collector
from wattline.ocpp.handshake import address_of
from wattline.ocpp.session import Session
from wattline.ocpp.sessions import Sessions
from wattline.ocpp.socket import BoxSocket
from wattline.ocpp.spool import Spool
from wattline.operations.connections import (
    KnownBox,
    Lease,
    Newcomer,
    connect_charge_points,
    disconnect_charge_points,
)

log = structlog.get_logger()

# Boxes that come at once share a transaction.
NEWCOMERS_MAX = 200
# A lease that ends waits this little for company, and as long as it takes for PostgreSQL.
DEPARTURE_SECONDS = 0.05
DEPARTURES_MAX = 1_000_000


class Reception:
    """The way in and out for boxes."""

    def __init__(self, shared: Shared, sessions: Sessions) -> None:
        self._shared = shared
        self._sessions = sessions
        settings = shared.settings.ocpp
        self._newcomers: Collector[Newcomer, Lease] = Collector(
            self._connect,
            most=NEWCOMERS_MAX,
            wait_seconds=settings.collect_milliseconds / 1000,
            patience_seconds=settings.patience_seconds,
        )
        self.departures: Spool[Lease] = Spool(
            "departures", self._disconnect, every_seconds=DEPARTURE_SECONDS, most=DEPARTURES_MAX
        )

    async def serve(self, socket: BoxSocket, known: KnownBox) -> None:
        """Serve one box from its handshake to its end."""
        box = Box(known, address_of(socket), self._shared)
        self._shared.deviations.note(box.id, socket.deviations)
        socket.deviations = []
        try:
            lease = await self._newcomers.put([self._newcomer(box, socket)], key=box.id, then=first)
        except Exception:
            log.exception("a charge point could not be taken in", identity=box.identity)
            socket.drop()
            return
        session = Session(socket, box, lease)
        try:
            if lease.has_work:
                session.outgoing.wake()
            if self._sessions.enter(session):
                await session.run()
        finally:
            self._sessions.leave(session)
            # Also a loser lets go: its lease has passed on, so nothing comes of it.
            self.departures.put(lease)
            self._shared.deviations.note(box.id, socket.faults())

    def _newcomer(self, box: Box, socket: BoxSocket) -> Newcomer:
        detail: dict[str, object] = {"address": box.address}
        current = self._sessions.of(box.id)
        if current is not None:
            detail["replaces"] = current.box.address
            # An old socket that fell silent only lingers (field note H9); two boxes both talk.
            quiet_seconds = socket.loop.time() - current.socket.heard_at
            talks = quiet_seconds < self._shared.settings.ocpp.ping_seconds
            if talks and self._sessions.takes_turns(box.id, now=socket.loop.time()):
                detail["alarm"] = "two-sockets"
                log.warning(
                    "two connections take turns under one identity",
                    identity=box.identity,
                    addresses=[current.box.address, box.address],
                )
        return Newcomer(charge_point_id=box.id, address=box.address, detail=detail)

    async def _connect(self, newcomers: Sequence[Newcomer]) -> Sequence[Lease]:
        shared = self._shared
        return await connect_charge_points(shared.database, shared.gateway_id, newcomers, now=shared.clock())

    async def _disconnect(self, leases: Sequence[Lease]) -> None:
        await disconnect_charge_points(self._shared.database, leases, now=self._shared.clock())


def first(leases: Sequence[Lease]) -> Lease:
    """Return the only lease of a newcomer."""
    return leases[0]
