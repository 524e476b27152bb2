"""The control port: what programs may ask of emulated charge points, and what they are told when they may not."""

import random
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from wattline.emulator.clock import Clock
from wattline.emulator.control_port import BODY_BYTES_MAX, ControlPort
from wattline.emulator.fleet import Fleet
from wattline.emulator.hardware import HARDWARE
from wattline.emulator.interceptor import Interceptor


@pytest.fixture
def fleet() -> Fleet:
    """Two charge points that nobody has switched on: what people do to them needs no connection."""
    made = Fleet(clock=Clock.from_now(), chance=random.Random(1), interceptor=Interceptor())
    for identity in ("CP-1", "CP 2/ø"):
        made.add(identity, url="ws://127.0.0.1:9/ocpp", password=None, hardware=HARDWARE["dc-50"], connectors=2)
    return made


@pytest.fixture
async def port(fleet: Fleet) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the control port."""
    transport = httpx.ASGITransport(app=ControlPort(fleet))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8420") as client:
        yield client


async def test_all_charge_points_are_listed(port: httpx.AsyncClient) -> None:
    listed = (await port.get("/charge-points")).json()
    assert [box["identity"] for box in listed] == ["CP-1", "CP 2/ø"]
    assert listed[0]["connectors"][0] == {
        "number": 1,
        "status": "Available",
        "errorCode": None,
        "plugged": False,
        "charging": False,
        "powerW": 0,
        "energyWh": 0,
        "registerWh": 0,
        "transactionId": None,
        "idTag": None,
        "soc": None,
        "suspended": None,
    }


async def test_plugging_a_car_in_answers_with_the_state_after_it(port: httpx.AsyncClient) -> None:
    car = {"socPercent": 55, "batteryWh": 80000}
    answer = await port.post("/charge-points/CP-1/plug", json={"connector": 2, "car": car})
    assert answer.status_code == 200
    assert (
        answer.json()["connectors"][1] | {"plugged": True, "status": "Preparing", "soc": 55.0}
        == (answer.json()["connectors"][1])
    )


async def test_an_identity_may_hold_anything(port: httpx.AsyncClient) -> None:
    assert (await port.get("/charge-points/CP%202%2F%C3%B8")).json()["identity"] == "CP 2/ø"


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("plug", None),
        ("tap", {"idTag": "AABB", "connector": 1}),
        ("fault", {"connector": 1, "errorCode": "GroundFailure"}),
        ("clear-fault", {}),
        ("stick-cable", {}),
        ("free-cable", {}),
        ("offline", {"seconds": None}),
        ("online", {}),
        ("power-loss", {"seconds": 5}),
        ("data-transfer", {"vendorId": "org.example", "messageId": "hello", "data": "{}"}),
        ("reboot", {}),
    ],
)
async def test_verbs_do_their_deeds(port: httpx.AsyncClient, verb: str, body: dict[str, Any] | None) -> None:
    answer = await port.post(f"/charge-points/CP-1/{verb}", json=body)
    assert (answer.status_code, answer.json()["identity"]) == (200, "CP-1")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("plug", '{"connector":"one"}', "connector"),
        ("plug", '{"connector":0}', "connector"),
        ("plug", '{"conector":1}', None),
        ("plug", '{"car":{"socPercent":140}}', "car.socPercent"),
        ("plug", '{"car":{"acPhases":5}}', "car.acPhases"),
        ("plug", "{", None),
        ("plug", "[]", None),
        ("plug", b"\xff\xfe", None),
        ("plug", '{"connector":NaN}', None),
        ("tap", "{}", None),
        ("tap", '{"idTag":""}', "idTag"),
        ("tap", '{"idTag":"123456789012345678901"}', "idTag"),
        ("suspend", '{"by":"magic"}', "by"),
        ("offline", '{"seconds":-1}', "seconds"),
        ("power-loss", '{"seconds":1e99}', "seconds"),
    ],
)
async def test_bad_input_is_named(port: httpx.AsyncClient, path: str, body: str | bytes, field: str | None) -> None:
    answer = await port.post(f"/charge-points/CP-1/{path}", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert answer.json().get("field") == field


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("unplug", {}),
        ("plug", {"connector": 3}),
        ("suspend", {}),
        ("fault", {"errorCode": "Bored"}),
    ],
)
async def test_what_cannot_be_done_now_is_a_conflict(port: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    assert (await port.post(f"/charge-points/CP-1/{path}", json=body)).status_code == 409


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/charge-points/NOBODY", 404),
        ("POST", "/charge-points/NOBODY/plug", 404),
        ("POST", "/charge-points/CP-1/dance", 404),
        ("GET", "/", 404),
        ("GET", "/charge-points/CP-1/plug", 405),
        ("DELETE", "/charge-points", 405),
        ("GET", "/charge-points/CP-1/frames?after=x", 400),
        ("GET", "/health", 200),
        ("HEAD", "/health", 200),
    ],
)
async def test_places_and_methods(port: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    assert (await port.request(method, path)).status_code == status


async def test_a_body_without_end_is_cut_off(port: httpx.AsyncClient) -> None:
    answer = await port.post("/charge-points/CP-1/plug", content=b"x" * (BODY_BYTES_MAX + 1))
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "localhost:8420"}, 200),
        ({"Host": "[::1]:8420"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Host": "user@evil.example:8420"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:8400"}, 200),
    ],
)
async def test_pages_of_other_sites_get_nothing(port: httpx.AsyncClient, headers: dict[str, str], status: int) -> None:
    assert (await port.get("/charge-points", headers=headers)).status_code == status


async def test_rules_of_the_interceptor_are_set_shown_and_dropped(port: httpx.AsyncClient) -> None:
    rules = [{"direction": "sent", "action": "Heartbeat", "then": {"do": "drop"}}]
    assert (await port.post("/interceptor", json=rules)).json() == rules
    assert (await port.get("/interceptor")).json() == rules
    assert (await port.delete("/interceptor")).json() == []
    bad = await port.post("/interceptor", json=[{"direction": "sent", "then": {"do": "explode"}}])
    assert (bad.status_code, bad.json()["field"]) == (400, "[0].then.do")
