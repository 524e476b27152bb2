"""The guarded client over real sockets, and with a name server that lies."""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.webhooks.receiver import REDIRECT, Receiver, receiving
from wattline.domain.destinations import Reach
from wattline.wire import outward


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


async def post(url: str, *, reach: Reach, seconds_max: float = 5.0) -> tuple[int, bytes]:
    async with outward.open_client(reach=reach) as client:
        return await outward.post(client, url, body=b"{}", headers={}, seconds_max=seconds_max)


async def test_development_reaches_this_machine(receiver: Receiver) -> None:
    assert await post(receiver.url, reach=Reach.THIS_MACHINE) == (200, b"")
    assert receiver.deliveries[0].body == b"{}"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"])
async def test_no_spelling_of_this_machine_passes_in_production(host: str) -> None:
    with pytest.raises(httpx.HTTPError):
        await post(f"https://{host}:1/", reach=Reach.PUBLIC)


async def test_plain_http_is_refused_in_production(receiver: Receiver) -> None:
    with pytest.raises(outward.DestinationRefused, match="https"):
        await post(receiver.url, reach=Reach.PUBLIC)
    assert receiver.deliveries == []


async def test_a_redirect_is_an_answer_not_an_order(receiver: Receiver) -> None:
    receiver.answer = lambda _: REDIRECT
    assert (await post(receiver.url, reach=Reach.THIS_MACHINE))[0] == 302


async def test_a_long_answer_is_cut(receiver: Receiver) -> None:
    receiver.answer = lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1_000_000
    status, start = await post(receiver.url, reach=Reach.THIS_MACHINE)
    assert status == 200
    assert len(start) == outward.ANSWER_BYTES_MAX


async def test_a_receiver_that_never_answers_costs_only_the_time_limit(receiver: Receiver) -> None:
    receiver.answer = lambda _: b""
    with pytest.raises((TimeoutError, httpx.TimeoutException)):
        await post(receiver.url, reach=Reach.THIS_MACHINE, seconds_max=0.2)


async def test_a_name_that_changes_its_mind_is_asked_once(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    port = int(receiver.url.split(":")[2].split("/")[0])
    answers = [["93.184.216.34"], ["127.0.0.1"]]

    async def lying_name_server(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers.pop(0)]

    connected: list[str] = []

    async def note_connection(address: str, *_: object) -> None:
        connected.append(address)
        raise httpx.ConnectError("far away")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", lying_name_server)
    network = outward.GuardedNetwork(reach=Reach.PUBLIC)
    monkeypatch.setattr(network._network, "connect_tcp", note_connection)
    with pytest.raises(httpx.ConnectError):
        await network.connect_tcp("rebinding.example", port)
    assert connected == ["93.184.216.34"]
    with pytest.raises(outward.DestinationRefused):
        await network.connect_tcp("rebinding.example", port)
    assert connected == ["93.184.216.34"]


async def test_one_private_address_refuses_the_whole_name(monkeypatch: pytest.MonkeyPatch) -> None:
    async def two_faced(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (address, port)) for address in ("93.184.216.34", "10.0.0.1")]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", two_faced)
    with pytest.raises(outward.DestinationRefused):
        await outward.GuardedNetwork(reach=Reach.PUBLIC).connect_tcp("two-faced.example", 443)
