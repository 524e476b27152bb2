"""Keeps raw frames: written in batches, never waited for, and never more than there is room for."""

import asyncio
from collections.abc import Sequence

import structlog

from wattline.database.connection import Database
from wattline.domain.redaction import hide_secrets_in_frame
from wattline.ocpp.spool import Spool
from wattline.operations.frames import FrameRow, bytes_of_frames, keep_frames

log = structlog.get_logger()

WRITE_SECONDS = 1.0
# Frames waiting while PostgreSQL is away; of ordinary size they take some 20 MB.
FRAMES_WAITING_MAX = 20_000
# A frame this long is rare (a firmware log, a local list); its end would tell nothing more.
BODY_CHARACTERS_MAX = 32_768
LOOK_AT_ROOM_SECONDS = 60.0


class Recorder:
    """A spool of frames that stops when the kept ones fill their room on disk."""

    def __init__(self, database: Database, *, bytes_max: int) -> None:
        self._database = database
        self._bytes_max = bytes_max
        self._is_full = False
        self._spool: Spool[FrameRow] = Spool(
            "frames", self._write, every_seconds=WRITE_SECONDS, most=FRAMES_WAITING_MAX
        )

    def put(self, frame: FrameRow) -> None:
        """Record a frame."""
        if not self._is_full:
            self._spool.put(frame)

    async def run(self) -> None:
        """Write frames and watch the room they take, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._spool.run())
            tasks.create_task(self._watch_room())

    async def flush(self) -> None:
        """Write what waits now."""
        await self._spool.flush()

    async def _write(self, frames: Sequence[FrameRow]) -> None:
        await keep_frames(self._database, frames)

    async def _watch_room(self) -> None:
        while True:
            try:
                taken = await bytes_of_frames(self._database)
            except Exception as error:
                log.warning("room of frames unknown", error=repr(error))
            else:
                self._note_room(taken)
            await asyncio.sleep(LOOK_AT_ROOM_SECONDS)

    def _note_room(self, taken: int) -> None:
        if (taken > self._bytes_max) != self._is_full:
            self._is_full = not self._is_full
            log.warning("recording of frames", stopped=self._is_full, bytes=taken, bytes_max=self._bytes_max)


def readable(data: str | bytes) -> str:
    """Return a frame as text that PostgreSQL can keep and that anybody with a right to logs may read."""
    text = data if isinstance(data, str) else data.decode(errors="replace")
    if len(text) > BODY_CHARACTERS_MAX:
        text = f"{text[:BODY_CHARACTERS_MAX]}…"
    return hide_secrets_in_frame(text.replace("\x00", "\ufffd") if "\x00" in text else text)
