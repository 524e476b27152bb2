"""What is written every now and then: whoever asks for it to be written can rely on it, and a stop loses nothing."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.waiting import eventually
from wattline.ocpp.spool import Spool


class SlowShelf:
    """Somewhere to write to, that takes as long as the test wants."""

    def __init__(self) -> None:
        self.began, self.may_end = asyncio.Event(), asyncio.Event()
        self.kept: list[str] = []

    async def write(self, items: Sequence[str]) -> None:
        self.began.set()
        await self.may_end.wait()
        self.kept += items


@pytest.fixture
def shelf() -> SlowShelf:
    return SlowShelf()


@pytest.fixture
def spool(shelf: SlowShelf) -> Spool[str]:
    return Spool("test", shelf.write, every_seconds=0.001, most=10)


async def test_a_flush_waits_for_what_is_being_written_already(spool: Spool[str], shelf: SlowShelf) -> None:
    spool.put("first")
    regular = asyncio.create_task(spool.run())
    await shelf.began.wait()
    asked = asyncio.create_task(spool.flush())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not asked.done()
    shelf.may_end.set()
    await asked
    assert shelf.kept == ["first"]
    regular.cancel()


async def test_what_was_being_written_at_a_stop_is_written_by_the_last_flush(
    spool: Spool[str], shelf: SlowShelf
) -> None:
    spool.put("first")
    regular = asyncio.create_task(spool.run())
    await shelf.began.wait()
    spool.put("second")
    regular.cancel()
    await eventually(regular.cancelled)
    shelf.may_end.set()
    await spool.flush()
    assert shelf.kept == ["first", "second"]
