"""Who gets in: odd requests of real charge points are mended, strangers learn nothing, owners see why."""

import asyncio

import msgspec
import pytest
from websockets.exceptions import InvalidStatus

from tests.ocpp.gateway.charge_point import ChargePoint
from tests.ocpp.gateway.raw_socket import dial, request
from tests.ocpp.gateway.yard import PASSWORD, Yard, basic
from tests.waiting import eventually
from wattline.settings import Ocpp


async def refusal_of(box: ChargePoint) -> tuple[int, bytes]:
    with pytest.raises(InvalidStatus) as refused:
        await box.connect()
    return refused.value.response.status_code, bytes(refused.value.response.body or b"")


async def test_a_registered_box_gets_in_and_is_connected(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        assert box.connection.subprotocol == "ocpp1.6"
        await box.boot()
        assert await yard.value("select connected from charge_point where id = $1", box_id)
        assert await yard.log_kinds(box_id) == ["Connect", "BootNotification"]

    async def is_gone() -> bool:
        return await yard.log_kinds(box_id) == ["Connect", "BootNotification", "Disconnect"]

    await eventually(is_gone)
    assert not await yard.value("select connected from charge_point where id = $1", box_id)
    assert await yard.value("select count(*) from lease") == 0


async def test_unknown_identity_and_wrong_password_are_answered_alike(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    unknown = await refusal_of(yard.box("NOBODY"))
    wrong = await refusal_of(yard.box("BOX-1", "not the password"))
    missing = await refusal_of(yard.box("BOX-1", None))
    assert unknown == wrong == missing
    assert unknown[0] == 401

    async def kept() -> list[tuple[str, str, int | None]]:
        rows = await yard.rows("select identity, reason, charge_point_id from refused_handshake order by id")
        return [tuple(row) for row in rows] if len(rows) == 3 else []

    expected = [("NOBODY", "unknown", None), ("BOX-1", "password", box_id), ("BOX-1", "no-password", box_id)]
    assert await eventually(kept) == expected
    assert await yard.value("select count(*) from fact where kind = 'HandshakeRefused'") == 3


async def test_who_fails_too_often_is_refused_unread_but_others_are_not(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    await yard.add_box("BOX-2")
    async with yard.box("BOX-2"):
        pass
    codes = [(await refusal_of(yard.box("BOX-1", "wrong")))[0] for _ in range(13)]
    assert codes == [401] * 10 + [429] * 3
    assert (await refusal_of(yard.box("BOX-1")))[0] == 429
    async with yard.box("BOX-2") as neighbour:
        await neighbour.boot()

    async def told_once() -> bool:
        return bool(await yard.value("select count(*) = 1 from refused_handshake where reason = 'throttled'"))

    await eventually(told_once)


async def test_a_box_without_a_password_of_ours_needs_none(yard: Yard) -> None:
    await yard.add_box("OPEN", password=None)
    async with yard.box("OPEN", None) as box:
        await box.boot()


async def test_h1_no_subprotocol_at_all(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1", subprotocols=[]) as box:
        assert box.connection.subprotocol is None
        await box.boot()
    assert "subprotocol-missing" in await yard.deviations(box_id)


class TestStrictAboutSubprotocols:
    """The setting that refuses boxes which name no version."""

    @pytest.fixture
    def ocpp_settings(self, ocpp_settings: Ocpp) -> Ocpp:
        return msgspec.structs.replace(ocpp_settings, allow_missing_subprotocol=False)

    async def test_h1_is_refused_when_the_setting_says_so(self, yard: Yard) -> None:
        await yard.add_box("BOX-1")
        assert (await refusal_of(yard.box("BOX-1", subprotocols=[])))[0] == 400


async def test_a_version_we_do_not_speak_is_refused_and_kept(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    assert (await refusal_of(yard.box("BOX-1", subprotocols=["ocpp2.0.1"])))[0] == 400

    async def kept() -> str | None:
        detail: str | None = await yard.value("select detail from refused_handshake where reason = 'subprotocol'")
        return detail

    assert await eventually(kept) == "ocpp2.0.1"


async def test_the_first_version_of_the_box_that_we_know_is_spoken(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1", subprotocols=["ocpp2.0.1", "ocpp1.6", "ocpp1.5"]) as box:
        assert box.connection.subprotocol == "ocpp1.6"


async def test_h2_the_list_of_versions_begins_empty(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    answer = await dial(yard.gateway.port, request("/ocpp/BOX-1", {"Sec-WebSocket-Protocol": ",ocpp1.6"}))
    assert answer.startswith(b"HTTP/1.1 101")
    assert b"Sec-WebSocket-Protocol: ocpp1.6" in answer


async def test_h3_no_connection_upgrade_header(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    answer = await dial(yard.gateway.port, request("/ocpp/BOX-1", {"Connection": None}))
    assert answer.startswith(b"HTTP/1.1 101")
    await yard.until_noted(box_id, "connection-header-missing")


@pytest.mark.parametrize(
    "path",
    [
        "///ocpp/CP_1",
        "/ocpp///CP_1",
        "/ocpp/CP_1/",
        "/ocpp/4/CP_1",
        "/CP_1",
        "/ws://host:9000/CP_1/SERIAL",
        "/ocpp/CP_1?token=x",
    ],
)
async def test_h4_odd_paths_lead_to_the_box(yard: Yard, path: str) -> None:
    await yard.add_box("CP_1")
    async with yard.box("CP_1", path=path) as box:
        await box.boot()


async def test_h4_an_empty_identity_is_nobody(yard: Yard) -> None:
    assert (await refusal_of(yard.box("BOX-1", path="/ocpp/")))[0] == 401


@pytest.mark.parametrize(
    ("registered", "target"),
    [
        ("20:69:C0:21:AA:01", b"/ocpp/20:69:C0:21:AA:01"),
        ("20:69:C0:21:AA:01", b"/ocpp/20%3A69%3AC0%3A21%3AAA%3A01"),
        ("Garage 1", b"/ocpp/Garage 1"),
        ("Garage 1", b"/ocpp/Garage%201"),
        ("BOX#1", b"/ocpp/BOX#1"),
        ("Box-Ä", "/ocpp/Box-Ä".encode()),
        ("Box-Ä", "/ocpp/Box-Ä".encode("latin-1")),
        ("BOX-1", b"/ocpp/box-1"),
    ],
)
async def test_h5_odd_spellings_of_the_identity(yard: Yard, registered: str, target: bytes) -> None:
    await yard.add_box(registered)
    credentials = basic(f"{registered}:{PASSWORD}".encode())
    answer = await dial(yard.gateway.port, request(target, credentials))
    assert answer.startswith(b"HTTP/1.1 101")


async def test_h5_another_case_is_noted(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("box-1") as box:
        await box.boot()
    assert "identity-spelling" in await yard.deviations(box_id)


@pytest.mark.parametrize("target", ["/ocpp/SITE%2F4", "/ocpp/SITE/4", "/ocpp/site%2f4/"])
async def test_h5_a_slash_may_be_part_of_the_name(yard: Yard, target: str) -> None:
    """Even where a box of the last part's name exists as well: the longer name says more."""
    box_id, other = await yard.add_box("SITE/4"), await yard.add_box("4", password=b"another password")
    credentials = basic(b"SITE/4:" + PASSWORD.encode())
    answer = await dial(yard.gateway.port, request(target, credentials))
    assert answer.startswith(b"HTTP/1.1 101")
    await eventually(lambda: yard.log_kinds(box_id))
    assert await yard.log_kinds(other) == []


async def test_h5_the_password_stands_behind_the_registered_name(yard: Yard) -> None:
    """The address has something around a name with a colon; the login has the name as it is registered."""
    await yard.add_box("20:69:C0:21")
    credentials = basic(b"20:69:c0:21:" + PASSWORD.encode())
    answer = await dial(yard.gateway.port, request("/ocpp/20%3A69%3AC0%3A21/SERIAL", credentials))
    assert answer.startswith(b"HTTP/1.1 101")


@pytest.mark.parametrize("sent", [PASSWORD.encode(), PASSWORD.upper().encode(), bytes.fromhex(PASSWORD)])
async def test_h6_the_password_comes_as_text_or_as_raw_bytes(yard: Yard, sent: bytes) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1", None, headers=basic(b"BOX-1:" + sent)) as box:
        await box.boot()


async def test_h6_a_password_that_is_no_text_at_all(yard: Yard) -> None:
    raw = bytes(range(0x80, 0x94))
    await yard.add_box("BOX-1", password=raw)
    async with yard.box("BOX-1", None, headers=basic(b"BOX-1:" + raw)) as box:
        await box.boot()


async def test_h7_the_scheme_is_written_with_a_colon(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1", None, headers=basic(f"BOX-1:{PASSWORD}".encode(), scheme="Basic:")) as box:
        await box.boot()
    assert "authorization-scheme" in await yard.deviations(box_id)


async def test_a_caller_that_never_finishes_its_request_does_not_hold_up_others(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    reader, writer = await asyncio.open_connection("127.0.0.1", yard.gateway.port)
    writer.write(b"GET /ocpp/BOX-1 HTTP/1.1\r\nHost: a\r\n")
    async with yard.box("BOX-1") as box:
        await box.boot()
    writer.write(b"X-Filler: " + b"x" * 20_000 + b"\r\n")
    async with asyncio.timeout(60):
        assert await reader.read() == b""
    writer.close()


async def test_a_browser_is_told_that_this_is_no_web_page(yard: Yard) -> None:
    answer = await dial(yard.gateway.port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 426")
    assert await yard.value("select count(*) from refused_handshake") == 0
