"""Many boxes come, go, boot and are heard at the same moment: nobody waits for somebody who waits for them."""

import asyncio
import random
from collections.abc import Sequence
from typing import TypeVar

import asyncpg
import pytest

from tests.operations.story import NOON, Story, begin_story
from tests.operations.test_boxes import create, new_box
from wattline.database.connection import Database
from wattline.ocpp.patience import patiently
from wattline.operations.connections import (
    Lease,
    Newcomer,
    connect_charge_points,
    disconnect_charge_points,
    note_heard,
)
from wattline.operations.devices import Boot, boot_charge_points

T = TypeVar("T")

BOXES = 60
ROUNDS = 12


@pytest.fixture
async def story(database: Database) -> Story:
    """An operator without boxes of note."""
    return await begin_story(database)


async def test_boxes_that_come_and_go_in_any_order_at_once_end_connected(story: Story) -> None:
    boxes = [box.id for box in await create(story, *(new_box(story, f"CROWD{n}", sockets=1) for n in range(BOXES)))]
    leases = await connect(story, boxes)
    dice = random.Random(8)
    for _ in range(ROUNDS):
        gone, new, *_ = await asyncio.gather(
            disconnect_charge_points(story.database, shuffled(dice, leases), now=NOON),
            connect(story, shuffled(dice, boxes)),
            note_heard(story.database, dict.fromkeys(shuffled(dice, boxes), NOON)),
            boot_charge_points(story.database, [boot(box) for box in shuffled(dice, boxes)], now=NOON),
        )
        assert gone is None
        leases = new
    (row,) = await story.rows("select count(*) as n from charge_point where connected and id = any($1)", boxes)
    assert row["n"] == BOXES
    assert await story.rows("select from connector_live where state = 'disconnected'") == []


async def test_whoever_had_to_yield_tries_again() -> None:
    tries: list[int] = []

    async def yield_once() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise asyncpg.DeadlockDetectedError
        return "done"

    assert await patiently(yield_once, seconds_max=60) == "done"


async def connect(story: Story, boxes: Sequence[int]) -> list[Lease]:
    newcomers = [Newcomer(charge_point_id=box, address="192.0.2.1", detail={}) for box in boxes]
    return await connect_charge_points(story.database, "gateway", newcomers, now=NOON)


def boot(box: int) -> Boot:
    return Boot(
        charge_point_id=box, vendor="V", model="M", serial_number=None, firmware_version=None, iccid=None, imsi=None,
        meter_type=None, meter_serial=None, message_id="1",
    )  # fmt: skip


def shuffled(dice: random.Random, things: Sequence[T]) -> list[T]:
    return dice.sample(list(things), len(things))
