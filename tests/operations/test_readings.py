"""Meter values: stored once, by batch, and counted for the right charge."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import asyncpg
import msgspec
import pytest

from tests.operations.story import NOON, Story
from wattline.operations.reading_rows import store_and_show

KEY = "04BE7C40"


async def begin(story: Story, connector: int = 1) -> int:
    if not await story.rows("select from charge_key"):
        await story.add_key(KEY)
    return (await story.begin(KEY, connector=connector)).ocpp_transaction_id


async def test_a_reading_is_stored_with_everything_it_said(story: Story) -> None:
    transaction_id = await begin(story)
    sampled = [{"value": "1.2", "unit": "kWh"}, {"value": "57", "measurand": "SoC"}]
    reading = story.reading(1_200, transaction_id=transaction_id, soc_percent=57.0, sampled=sampled)
    assert await story.record(reading) == ["stored"]
    charge = await story.only_charge()
    (row,) = await story.rows("select * from reading")
    assert msgspec.structs.asdict(reading) == {name: row[name] for name in msgspec.structs.asdict(reading)}
    assert row["charge_id"] == charge.id
    assert (charge.energy_wh, charge.power_w, charge.soc_percent) == (200, 11_000, Decimal(57))
    (live,) = await story.rows("select power_w, meter_wh, meter_at from connector_live where connector_id = $1",
                               story.box.connectors[1])  # fmt: skip
    assert tuple(live) == (11_000, 1_200, NOON)


async def test_a_resent_reading_is_stored_once(story: Story) -> None:
    reading = story.reading(1_200, transaction_id=await begin(story))
    assert await story.record(reading) == ["stored"]
    assert await story.record(reading) == ["repeat"]
    assert len(await story.rows("select from reading")) == 1


async def test_a_reading_whose_charge_was_not_told_of_it_before_a_crash_counts_when_it_is_resent(story: Story) -> None:
    reading = story.reading(1_200, transaction_id=await begin(story))
    async with story.database.statement() as tx:
        await store_and_show(tx, [reading])
    assert (await story.only_charge()).energy_wh == 0
    assert await story.record(reading) == ["repeat"]
    assert (await story.only_charge()).energy_wh == 200


async def test_a_batch_holds_readings_of_many_charges_and_many_of_one(story: Story) -> None:
    one, two = await begin(story, 1), await begin(story, 2)
    batch = [
        story.reading(1_000 + 100 * n, transaction_id=which, connector=connector, at=NOON + timedelta(minutes=n))
        for n in (3, 1, 2)
        for connector, which in ((1, one), (2, two))
    ]
    assert await story.record(*batch) == ["stored"] * 6
    assert [charge.energy_wh for charge in await story.charges()] == [300, 300]
    assert [charge.reading_at for charge in await story.charges()] == [NOON + timedelta(minutes=3)] * 2


async def test_pain_7_a_reading_without_transaction_belongs_to_the_open_one(story: Story) -> None:
    await begin(story)
    for minute, missing in enumerate((None, 0, -1), start=1):
        story.later(minutes=1)
        assert await story.measure(1_000 + 100 * minute, missing) == "stored"
    assert (await story.only_charge()).energy_wh == 300


async def test_t2_readings_of_an_idle_connector_are_stored_and_shown(story: Story) -> None:
    assert await story.measure(7_000, None) == "stored"
    assert await story.measure(7_001, 2**63 - 1) == "no-transaction"
    assert await story.measure(7_002, 4_711) == "no-transaction"
    assert len(await story.rows("select from reading where charge_id is null")) == 3
    (live,) = await story.rows("select meter_wh from connector_live where connector_id = $1", story.box.connectors[1])
    assert live["meter_wh"] == 7_002


async def test_readings_of_a_connector_nobody_created_are_stored(story: Story) -> None:
    assert await story.measure(7_000, None, connector=0) == "stored"
    assert await story.measure(7_000, None, connector=9) == "stored"


async def test_readings_told_late_are_counted_at_the_end(story: Story) -> None:
    transaction_id = await begin(story)
    await story.later(minutes=10).measure(3_000, transaction_id)
    await story.measure(1_500, transaction_id, at=NOON + timedelta(minutes=5))
    charge = await story.only_charge()
    assert (charge.energy_wh, charge.reading_at) == (2_000, story.now)
    (live,) = await story.rows("select meter_wh from connector_live where connector_id = $1", story.box.connectors[1])
    assert live["meter_wh"] == 3_000
    await story.later(minutes=1).end(transaction_id, 3_100)
    assert (await story.only_charge()).energy_wh == 2_100


async def test_energy_is_told_every_two_seconds_at_most(story: Story) -> None:
    transaction_id = await begin(story)
    await story.facts()
    for n in range(1, 9):
        await story.later(milliseconds=500).measure(1_000 + n, transaction_id)
    assert await story.facts() == ["ChargeProgressed"] * 2


async def test_a_reading_without_energy_shows_its_power(story: Story) -> None:
    transaction_id = await begin(story)
    await story.measure(1_100, transaction_id)
    await story.later(minutes=1).measure(None, transaction_id, power_w=3_600)
    charge = await story.only_charge()
    assert (charge.energy_wh, charge.power_w, charge.meter_last_wh) == (100, 3_600, 1_100)
    await story.later(minutes=1).measure(1_200, transaction_id, power_w=None)
    charge = await story.only_charge()
    assert (charge.energy_wh, charge.power_w) == (200, 3_600)


async def test_a_completed_charge_takes_no_more_readings(story: Story) -> None:
    transaction_id = await begin(story)
    await story.end(transaction_id, 1_500)
    done = await story.only_charge()
    assert done.completed_at
    assert await story.later(minutes=1).measure(9_000, transaction_id) == "stored"
    assert await story.only_charge() == done


async def test_readings_and_a_stop_at_once_lose_nothing(story: Story) -> None:
    transaction_id = await begin(story)
    await story.status("Charging")
    story.later(minutes=10)
    await asyncio.gather(
        *(story.record(story.reading(1_000 + n, transaction_id=transaction_id)) for n in range(20)),
        story.end(transaction_id, 1_050),
    )
    charge = await story.only_charge()
    assert (charge.state, charge.energy_wh) == ("releasing", 50)
    assert len(await story.rows("select from reading where charge_id = $1", charge.id)) == 20


async def test_a_reading_the_database_refuses_fails_its_batch_so_that_each_is_tried_alone(story: Story) -> None:
    good, bad = story.reading(1_000), story.reading(2**70)
    with pytest.raises(asyncpg.DataError):
        await story.record(good, bad)
    assert await story.rows("select from reading") == []
    assert await story.record(good) == ["stored"]


async def test_a_nul_in_a_reading_costs_one_character_not_the_reading(story: Story) -> None:
    assert await story.record(story.reading(1_000, sampled=[{"value": "1\x000"}])) == ["stored"]
    (row,) = await story.rows("select sampled from reading")
    assert row["sampled"] == [{"value": "1�0"}]


async def test_pain_17_the_work_for_a_reading_does_not_grow_with_the_charge(story: Story) -> None:
    transaction_id = await begin(story)
    for n in range(1, 4):
        batch = [
            story.reading(1_000 + 10 * n, transaction_id=transaction_id, at=NOON + timedelta(seconds=100 * n + k))
            for k in range(100)
        ]
        await story.later(seconds=100).record(*batch)
    plan = "\n".join(row[0] for row in await story.explain_store(story.reading(2_000, transaction_id=transaction_id)))
    assert "charge_pkey" in plan
    # No scan of the readings: they are only inserted.
    assert "Scan on reading" not in plan
    assert "reading_of_charge" not in plan
