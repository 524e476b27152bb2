"""Is the box still there? Any frame says so; silence is first broken by a ping, then ended. One task for all boxes.

A box that never answered a ping is not cut for it (field note H11): TCP's own keep-alive finds out when it is gone.
"""

import asyncio
import socket as sockets
from collections.abc import Callable
from datetime import datetime, timedelta

from wattline.database.connection import Database
from wattline.ocpp.patience import will_pass
from wattline.ocpp.session import Session
from wattline.ocpp.sessions import Sessions
from wattline.operations.connections import note_heard
from wattline.wire.ocpp.deviations import Code

# A box that does not read what we write is cut off after this long.
BLOCKED_SECONDS_MAX = 30.0
# When each box was last heard is stored this often.
STORE_SECONDS = 30.0

# The kernel asks a silent box after two minutes, and gives it up after five unanswered questions.
TCP_KEEPALIVE = (("TCP_KEEPIDLE", 120), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 5))


class Liveness:
    """Watches all sessions of a gateway."""

    def __init__(
        self, sessions: Sessions, database: Database, clock: Callable[[], datetime], *, ping_seconds: float
    ) -> None:
        self._sessions = sessions
        self._database = database
        self._clock = clock
        self._ping_seconds = ping_seconds
        self._stored_at: float | None = None

    async def run(self) -> None:
        """Look at every session a few times within the time a ping may take, and store now and then, for ever."""
        loop = asyncio.get_running_loop()
        stored_at = loop.time()
        while True:
            await asyncio.sleep(min(self._ping_seconds / 4, 5.0))
            now = loop.time()
            for session in self._sessions:
                self._look(session, now)
            if now - stored_at >= STORE_SECONDS:
                await self.store(since=stored_at)
                stored_at = now

    def _look(self, session: Session, now: float) -> None:
        socket = session.socket
        if socket.is_overdue or (socket.blocked_at is not None and now - socket.blocked_at > BLOCKED_SECONDS_MAX):
            socket.drop()
        elif socket.pinged_at is not None and now - socket.pinged_at >= self._ping_seconds:
            if socket.has_ponged:
                socket.drop()
            else:
                session.box.note(Code.NO_PONG)
                socket.ping_quietly()
        elif now - socket.heard_at >= self._ping_seconds and socket.pinged_at is None:
            socket.ping_quietly()

    async def store(self, *, since: float) -> None:
        """Store when boxes were heard that were heard after `since`."""
        now, at = asyncio.get_running_loop().time(), self._clock()
        heard = {
            session.box.id: at - timedelta(seconds=now - session.socket.heard_at)
            for session in self._sessions
            if session.socket.heard_at >= since
        }
        if not heard:
            return
        try:
            await note_heard(self._database, heard)
        except Exception as error:
            # What was missed is told by the next frame; only a mistake of ours must not pass in silence.
            if not will_pass(error):
                raise


def keep_alive(socket: sockets.socket) -> None:
    """Let the kernel find out when the other end is gone without a word."""
    socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_KEEPALIVE, 1)
    for name, value in TCP_KEEPALIVE:
        if hasattr(sockets, name):
            socket.setsockopt(sockets.IPPROTO_TCP, getattr(sockets, name), value)
