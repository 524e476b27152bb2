"""The life of a socket: who wins when there are two, who is still alive, how we say goodbye."""

import asyncio
import contextlib
import secrets
import struct

import msgspec
import pytest

from tests.ocpp.gateway.conftest import now
from tests.ocpp.gateway.raw_socket import RawBox, frame
from tests.ocpp.gateway.yard import Yard
from tests.waiting import eventually
from wattline.database.commands import channel_of
from wattline.ocpp.gateway import serve_gateway
from wattline.operations.chance import SystemChance
from wattline.operations.frames import record_all_frames
from wattline.settings import Ocpp

HEARTBEAT = b'[2,"h","Heartbeat",{}]'


async def test_h8_a_compressed_frame_nobody_agreed_on_closes_with_1002(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with RawBox(yard.gateway.port, "BOX-1") as box:
        box.writer.write(frame(HEARTBEAT, rsv1=True))
        opcode, payload = await box.hear()
        assert (opcode, struct.unpack("!H", payload[:2])[0]) == (8, 1002)
    await yard.until_noted(box_id, "compressed-frame")


async def test_h9_the_newest_socket_wins_without_an_offline_event(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as old:
        await old.boot()
        async with yard.box("BOX-1") as new:
            await new.boot()
            assert (await old.closed()).rcvd.code == 1000  # type: ignore[union-attr]
            await new.tell("Heartbeat", {})
            assert await yard.value("select connected from charge_point where id = $1", box_id)
            kinds = await yard.log_kinds(box_id)
            assert "Disconnect" not in kinds
            assert kinds.count("Connect") == 2
            assert await yard.value("select count(*) from fact where kind = 'ChargePointDisconnected'") == 0
    assert "two-sockets" in await yard.deviations(box_id)


async def test_an_impostor_with_a_wrong_password_does_not_disturb_the_box(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        with pytest.raises(Exception, match="401"):
            await yard.box("BOX-1", "wrong").connect()
        await box.tell("Heartbeat", {})


async def test_two_boxes_under_one_name_raise_an_alarm(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    sockets = []
    for _ in range(4):
        sockets.append(await yard.box("BOX-1").connect())
        await sockets[-1].tell("Heartbeat", {})
    alarms = await yard.rows(
        "select detail from log_line where charge_point_id = $1 and detail ? 'alarm' order by id", box_id
    )
    assert [row["detail"]["alarm"] for row in alarms] == ["two-sockets"]
    assert "two-sockets" in await yard.deviations(box_id)
    await sockets[-1].connection.close()


async def test_h9_a_box_comes_back_while_the_gateway_it_was_at_is_silent(yard: Yard) -> None:
    """That gateway hangs: it lets nothing go, and is not counted dead yet. When it wakes it sends its socket away."""
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as old:
        await old.boot()
        # As if another gateway had taken the box, and the word of it was lost.
        await yard.run("update lease set gateway_id = 'other', epoch = nextval('lease_epoch')")
        await yard.bus.publish(channel_of(yard.gateway.id), "")
        await old.closed()
        assert await yard.value("select gateway_id from lease where charge_point_id = $1", box_id) == "other"
        async with yard.box("BOX-1") as new:
            await new.boot()
            assert await yard.value("select gateway_id from lease") == yard.gateway.id
    assert "Disconnect" not in (await yard.log_kinds(box_id))[:4]


async def test_the_newest_socket_wins_across_gateways(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with (
        serve_gateway(
            yard.settings, yard.database, yard.bus, clock=now, chance=SystemChance(), gateway_id=secrets.token_hex(4)
        ) as other,
        yard.box("BOX-1") as old,
    ):
        await old.boot()
        new = yard.box("BOX-1")
        new.port = other.port
        async with new:
            await new.boot()
            await old.closed()
            assert await yard.value("select gateway_id from lease") == other.id
            assert "Disconnect" not in await yard.log_kinds(box_id)


@pytest.mark.parametrize(
    ("vendor", "says_goodbye"), [("Maker", True), ("JIGU", False)], ids=["a proper goodbye", "H10 just gone"]
)
async def test_h10_on_our_restart(yard: Yard, vendor: str, says_goodbye: bool) -> None:
    await yard.add_box("BOX-1", vendor=vendor)
    box = yard.box("BOX-1")
    async with serve_gateway(
        yard.settings, yard.database, yard.bus, clock=now, chance=SystemChance(), gateway_id=secrets.token_hex(4)
    ) as stopping:
        box.port = stopping.port
        await box.connect()
        await box.tell("Heartbeat", {})
        closing = asyncio.create_task(box.closed())
    closed = await closing
    assert (closed.rcvd is not None and closed.rcvd.code == 1001) == says_goodbye
    assert await yard.value("select count(*) from lease") == 0
    assert await yard.value("select count(*) from gateway") == 1


class TestLiveness:
    """Silence is broken by a ping, then ended; but only for boxes that ever answered one."""

    @pytest.fixture
    def ocpp_settings(self, ocpp_settings: Ocpp) -> Ocpp:
        return msgspec.structs.replace(ocpp_settings, ping_seconds=0.2)

    async def test_h11_a_box_that_never_pongs_is_not_cut_while_it_talks(self, yard: Yard) -> None:
        box_id = await yard.add_box("BOX-1")
        async with RawBox(yard.gateway.port, "BOX-1") as box:
            await yard.until_noted(box_id, "no-pong")
            box.writer.write(frame(HEARTBEAT))
            while (await box.hear())[0] != 1:
                pass

    async def test_h9_old_sockets_that_linger_in_silence_are_no_second_box(self, yard: Yard) -> None:
        box_id = await yard.add_box("BOX-1")
        async with contextlib.AsyncExitStack() as sockets:
            for _ in range(4):
                box = await sockets.enter_async_context(RawBox(yard.gateway.port, "BOX-1"))
                while (await box.hear())[0] != 9:
                    pass
        alarms = await yard.rows("select from log_line where charge_point_id = $1 and detail ? 'alarm'", box_id)
        assert alarms == []

    async def test_a_box_that_used_to_pong_and_fell_silent_is_cut(self, yard: Yard) -> None:
        await yard.add_box("BOX-1")
        async with RawBox(yard.gateway.port, "BOX-1") as box:
            opcode, _payload = await box.hear()
            assert opcode == 9
            box.writer.write(frame(b"", opcode=10))
            await box.end()

    async def test_any_frame_is_a_sign_of_life(self, yard: Yard) -> None:
        await yard.add_box("BOX-1")
        async with RawBox(yard.gateway.port, "BOX-1") as box:
            box.writer.write(frame(b"", opcode=10))
            for _ in range(4):
                assert (await box.hear())[0] == 9
                box.writer.write(frame(HEARTBEAT))
                assert (await box.hear())[0] == 1


async def test_when_a_box_was_heard_last_is_stored(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.tell("Heartbeat", {})
        first = await yard.value("select last_heard_at from charge_point where id = $1", box_id)
        assert first is not None


async def test_a_slow_sender_holds_up_nobody(yard: Yard) -> None:
    await yard.add_box("SLOW")
    await yard.add_box("BOX-1")
    async with RawBox(yard.gateway.port, "SLOW") as slow:
        whole = frame(HEARTBEAT)
        for byte in whole[:-1]:
            slow.writer.write(bytes([byte]))
            await slow.writer.drain()
        async with yard.box("BOX-1") as box:
            await box.tell("Heartbeat", {})
        slow.writer.write(whole[-1:])
        assert (await slow.hear())[0] == 1


async def test_a_message_in_fragments_is_one_message(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    async with RawBox(yard.gateway.port, "BOX-1") as box:
        first, second = frame(HEARTBEAT[:9]), frame(HEARTBEAT[9:], opcode=0)
        box.writer.write(bytes([first[0] & 0x7F]) + first[1:] + frame(b"ping", opcode=9) + second)
        assert await box.hear() == (10, b"ping")
        assert (await box.hear())[0] == 1


async def test_frames_are_recorded_but_meter_values_and_heartbeats_only_on_request(yard: Yard) -> None:
    quiet, watched = await yard.add_box("QUIET"), await yard.add_box("WATCHED", record_all_frames=True)
    for identity in ("QUIET", "WATCHED"):
        async with yard.box(identity) as box:
            await box.boot()
            await box.tell("Heartbeat", {})
    boot = [(True, "BootNotification"), (False, "BootNotification")]
    assert await yard.frames(quiet) == boot
    assert await yard.frames(watched) == [*boot, (True, "Heartbeat"), (False, "Heartbeat")]


async def test_somebody_who_looks_into_a_box_has_everything_recorded_from_now_on(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.tell("Heartbeat", {})
        await record_all_frames(yard.database, box_id, everything=True, asked_by=yard.viewer, now=now())

        async def is_recorded() -> bool:
            await box.tell("Heartbeat", {})
            return (True, "Heartbeat") in await yard.frames(box_id)

        await eventually(is_recorded)


async def test_a_gateway_that_missed_the_word_learns_what_to_record_all_the_same(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.tell("Heartbeat", {})
        await yard.run("update charge_point set record_all_frames = true where id = $1", box_id)
        await yard.bus.publish(channel_of(yard.gateway.id), "")

        async def is_recorded() -> bool:
            await box.tell("Heartbeat", {})
            return (True, "Heartbeat") in await yard.frames(box_id)

        await eventually(is_recorded)


async def test_the_gateway_goes_on_when_a_box_vanishes_in_the_middle_of_a_frame(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    async with RawBox(yard.gateway.port, "BOX-1") as box:
        box.writer.write(frame(HEARTBEAT)[:10])
        box.writer.transport.abort()
        async with yard.box("BOX-1") as again:
            await again.tell("Heartbeat", {})
