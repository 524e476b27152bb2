"""Whatever a charge point sends, it gets the right error or close code; its socket and the server live on."""

from typing import Any

import pytest

from tests.ocpp.gateway.charge_point import ChargePoint
from tests.ocpp.gateway.raw_socket import RawBox, frame
from tests.ocpp.gateway.yard import Yard

STATUS = {"connectorId": 1, "status": "Available", "errorCode": "NoError"}


async def is_well(box: ChargePoint) -> bool:
    return "currentTime" in await box.tell("Heartbeat", {})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "{}",
        "[]",
        "[2]",
        '{"action":"Heartbeat"}',
        '[2,"1"',
        "[9,1,2]",
        "null",
        "[" * 100_000,
        '[2,"1","Heartbeat",' + '{"a":' * 500 + "1" + "}" * 500 + "]",
    ],
    ids=lambda text: text[:12] or "empty",
)
async def test_what_is_no_message_is_noted_and_the_socket_lives_on(yard: Yard, text: str) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.say(text)
        assert await is_well(box)
    assert await yard.deviations(box_id)


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("Dance", {}, "NotImplemented"),
        ("Reset", {"type": "Hard"}, "NotSupported"),
        ("StatusNotification", {"status": "Available", "errorCode": "NoError"}, "OccurenceConstraintViolation"),
        ("StatusNotification", {**STATUS, "connectorId": "first"}, "TypeConstraintViolation"),
        ("StatusNotification", {**STATUS, "connectorId": 10**30}, "PropertyConstraintViolation"),
        ("StatusNotification", {**STATUS, "connectorId": -4}, "PropertyConstraintViolation"),
        ("StatusNotification", {**STATUS, "connectorId": [[]]}, "TypeConstraintViolation"),
        ("StartTransaction", {"connectorId": 1}, "OccurenceConstraintViolation"),
    ],
)
async def test_calls_we_cannot_act_on_get_their_error(yard: Yard, action: str, payload: Any, code: str) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        answer = await box.ask(action, payload)
        assert (answer[0], answer[2]) == (4, code), answer
        assert await is_well(box)
    assert await yard.deviations(box_id)


async def test_a_message_id_that_is_a_number(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.say('[2,42,"Heartbeat",{}]')
        assert (await box.hear())[:2] == [3, "42"]
    assert "message-id-not-text" in await yard.deviations(box_id)


async def test_nan_and_infinity_are_no_readings(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.say(
            '[2,"n","MeterValues",{"connectorId":1,"meterValue":[{"timestamp":"2026-11-20T12:00:00Z",'
            '"sampledValue":[{"value":NaN},{"value":"1e999","measurand":"Voltage"}]}]}]'
        )
        assert (await box.answer_to("n"))[0] in (3, 4)
        assert await is_well(box)
    assert await yard.value("select count(*) from reading where energy_wh is not null or voltage_v is not null") == 0
    assert await yard.deviations(box_id)


@pytest.mark.parametrize("text", ["\\ud800", "\\u0000", "\\ud83d\\ude00", "\u2603"])
async def test_characters_that_no_database_keeps(yard: Yard, text: str) -> None:
    box_id = await yard.add_box("BOX-1", record_all_frames=True)
    async with yard.box("BOX-1") as box:
        await box.say(f'[2,"1","DataTransfer",{{"vendorId":"V","messageId":"M","data":"a{text}b"}}]')
        assert (await box.hear())[2] == {"status": "UnknownVendorId"}
        await box.say(f'[2,"2{text}","Heartbeat",{{}}]')
        assert (await box.hear())[0] == 3
        assert await is_well(box)
    assert len(await yard.frames(box_id)) == 6


async def test_a_frame_over_the_limit_closes_with_1009(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.say("[" + " " * 1_000_000 + "]")
        closed = await box.closed()
        assert closed.rcvd is not None
        assert closed.rcvd.code == 1009
    await yard.until_noted(box_id, "frame-too-large")
    async with yard.box("BOX-1") as again:
        assert await is_well(again)


async def test_text_that_is_no_utf8_closes_with_1007(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with RawBox(yard.gateway.port, "BOX-1") as box:
        box.writer.write(frame(b'[2,"1","Heartbeat",{"x":"\xff\xfe"}]'))
        opcode, payload = await box.hear()
        assert (opcode, payload[:2]) == (8, (1007).to_bytes(2))
    await yard.until_noted(box_id, "frame-unreadable")


async def test_a_binary_frame_is_read_as_text(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.say(b'[2,"1","Heartbeat",{}]')
        assert (await box.hear())[0] == 3
        await box.say(b"\x00\xff\xfe")
        assert await is_well(box)
    assert {"binary-frame", "frame-unreadable"} <= await yard.deviations(box_id)


async def test_answers_nobody_waits_for_change_nothing(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.tell("Heartbeat", {})
        await box.say([3, "m1", {"status": "Accepted"}])
        await box.say([3, "never-asked", {}])
        await box.say([4, "never-asked", "InternalError", "", {}])
        assert await is_well(box)
    assert {"answer-wrong-way", "answer-unknown"} <= await yard.deviations(box_id)


async def test_one_id_for_two_different_calls(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        assert (await box.ask("StatusNotification", STATUS, message_id="x"))[0] == 3
        other = {**STATUS, "status": "Preparing"}
        assert (await box.ask("StatusNotification", other, message_id="x"))[0] == 3
    assert (await yard.log_kinds(box_id)).count("StatusNotification") == 2
    assert "message-id-reused" in await yard.deviations(box_id)


async def test_a_flood_of_calls_is_answered_in_order_and_held_back(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        for number in range(200):
            await box.say([2, str(number), "StatusNotification", STATUS if number % 2 else {**STATUS, "info": "x"}])
        answers = [await box.hear() for _ in range(200)]
    assert [answer[1] for answer in answers] == [str(number) for number in range(200)]
