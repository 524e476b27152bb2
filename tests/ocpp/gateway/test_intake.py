"""Messages of all sockets wait for each other, and none gets lost or overtakes another."""

import asyncio

from tests.ocpp.gateway.raw_socket import RawBox, frame
from tests.ocpp.gateway.yard import Yard
from tests.waiting import eventually
from wattline.ocpp.intake import ENOUGH, Intake, Message
from wattline.settings import Ocpp

LONG = Ocpp(collect_milliseconds=60_000)


async def test_messages_that_come_within_the_window_are_read_together_and_in_order() -> None:
    taken: list[Message] = []
    last_came = asyncio.Event()

    def take(message: Message) -> None:
        taken.append(message)
        if message == "c":
            last_came.set()

    intake = Intake(Ocpp(collect_milliseconds=1))
    for message in ("a", b"b", "c"):
        intake.put(take, message)
    assert taken == []
    async with asyncio.timeout(60):
        await last_came.wait()
    assert taken == ["a", b"b", "c"]


async def test_enough_messages_wait_no_longer() -> None:
    taken: list[Message] = []
    intake = Intake(LONG)
    for number in range(ENOUGH + 1):
        intake.put(taken.append, str(number))
    assert taken == [str(number) for number in range(ENOUGH)]
    intake.flush()
    assert taken[-1] == str(ENOUGH)


async def test_a_message_that_cannot_be_taken_costs_nobody_elses() -> None:
    taken: list[Message] = []

    def fail(message: Message) -> None:
        raise AssertionError(message)

    intake = Intake(LONG)
    intake.put(fail, "a")
    intake.put(taken.append, "b")
    intake.flush()
    assert taken == ["b"]


async def test_what_a_box_says_last_before_it_hangs_up_counts(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with RawBox(yard.gateway.port, "BOX-1") as box:
        box.writer.write(
            frame(b'[2,"1","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Faulted"}]')
        )

    async def is_told() -> bool:
        return "StatusNotification" in await yard.log_kinds(box_id)

    await eventually(is_told)
