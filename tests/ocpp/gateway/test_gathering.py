"""Sockets of all boxes are read together, and none is forgotten."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator
from functools import partial

from tests.ocpp.gateway.raw_socket import RawBox, frame
from tests.ocpp.gateway.yard import Yard
from tests.waiting import eventually
from wattline.ocpp.gathering import COMPANY, Gathering, pause_seconds

LONG = 3600.0
SHORT = 0.001


class Readers:
    """Some sockets, and what was read from them."""

    def __init__(self, gathering: Gathering, count: int) -> None:
        self.gathering = gathering
        self.pairs = [socket.socketpair() for _ in range(count)]
        self.read: list[bytes] = []
        self.has_read = asyncio.Event()
        for near, _ in self.pairs:
            gathering.add(near.fileno(), partial(self.take, near.fileno()))

    def take(self, descriptor: int) -> None:
        self.read.append(os.read(descriptor, 100))
        self.has_read.set()

    def say(self, number: int, word: bytes) -> None:
        self.pairs[number][1].send(word)

    async def until_read(self) -> None:
        async with asyncio.timeout(60):
            await self.has_read.wait()
        self.has_read.clear()


@contextlib.contextmanager
def gathered(count: int, wait_seconds: float) -> Iterator[Readers]:
    with contextlib.closing(Gathering(wait_seconds=wait_seconds)) as gathering:
        readers = Readers(gathering, count)
        yield readers
        for pair in readers.pairs:
            for each in pair:
                each.close()


async def test_what_comes_after_a_pause_is_read_at_once_and_what_follows_waits_for_company() -> None:
    with gathered(2, LONG) as readers:
        readers.say(0, b"a")
        await readers.until_read()
        readers.say(1, b"b")
        for _ in range(10):
            await asyncio.sleep(0)
        assert readers.read == [b"a"]


async def test_what_gathered_is_read_together() -> None:
    with gathered(3, SHORT) as readers:
        for number, word in enumerate([b"a", b"b", b"c"]):
            readers.say(number, word)
        await readers.until_read()
        assert sorted(readers.read) == [b"a", b"b", b"c"]


async def test_messages_are_read_again_and_again_also_after_a_silence() -> None:
    with gathered(1, SHORT) as readers:
        for word in (b"a", b"b", b"c"):
            readers.say(0, word)
            await readers.until_read()
        assert readers.read == [b"a", b"b", b"c"]


async def test_a_socket_that_cannot_be_read_costs_nobody_elses_message() -> None:
    def fail() -> None:
        os.read(bad.fileno(), 100)
        raise AssertionError("a mistake of ours")

    with gathered(1, SHORT) as readers:
        bad, other = socket.socketpair()
        with bad, other:
            readers.gathering.add(bad.fileno(), fail)
            other.send(b"x")
            readers.say(0, b"a")
            await readers.until_read()
            readers.gathering.remove(bad.fileno())
        assert readers.read == [b"a"]


async def test_a_socket_that_is_left_alone_is_not_read() -> None:
    with gathered(2, SHORT) as readers:
        readers.gathering.remove(readers.pairs[0][0].fileno())
        readers.say(0, b"a")
        readers.say(1, b"b")
        await readers.until_read()
        assert readers.read == [b"b"]


def test_the_more_come_the_sooner_we_look_again() -> None:
    assert pause_seconds(1, 0.02, seconds_max=0.02) == 0.02
    assert pause_seconds(COMPANY * 4, 0.02, seconds_max=0.02) == 0.005


async def test_what_a_box_says_last_before_it_hangs_up_counts(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with RawBox(yard.gateway.port, "BOX-1") as box:
        box.writer.write(
            frame(b'[2,"1","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Faulted"}]')
        )

    async def is_told() -> bool:
        return "StatusNotification" in await yard.log_kinds(box_id)

    await eventually(is_told)
