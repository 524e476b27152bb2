"""Tariffs that somebody paints or brings in, and what the clock does for them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.domain.pricing import price
from tests.operations.story import NOON, Story, add_operator
from wattline.domain.access import Viewer
from wattline.domain.price_terms import GroupType, TariffStep
from wattline.domain.refusals import Invalid, Unknown
from wattline.operations import tariffs
from wattline.operations.price_freeze import terms_for
from wattline.operations.price_groups import PriceGroupDraft, create_price_group
from wattline.operations.reference_data import seed
from wattline.operations.tariff_hours import TariffNotPublished
from wattline.operations.tariff_imports import import_hours
from wattline.operations.tariff_publication import AHEAD, publish_ahead
from wattline.operations.tariff_weeks import PaintedWeek, delete_week, save_week
from wattline.queries.price_changes import price_changes

DENMARK = 194
HOUR = timedelta(hours=1)


class Desk:
    """Where somebody works on tariffs."""

    def __init__(self, story: Story) -> None:
        self.story, self.database = story, story.database
        self.who: dict[str, Any] = {"asked_by": story.viewer, "now": NOON}

    async def tariff(self, type_: str = "WEEKLY") -> int:
        euro = (await self.story.rows("select id from currency where identifier = 'EUR'"))[0]["id"]
        draft = tariffs.TariffDraft(
            external_id="grid", name="Grid", description="", country_id=DENMARK, currency_id=euro, area="DK1",
            team_id=self.story.team_id, prices_with_vat=True, time_zone="Europe/Copenhagen", tariff_type=type_,
        )  # fmt: skip
        return await tariffs.create_tariff(self.database, draft, **self.who)

    async def paint(self, tariff_id: int, amount: str, group_id: int | None = None, **changes: Any) -> int:
        painted: dict[str, Any] = {
            "active_from": date(2026, 1, 1), "active_to": date(2099, 12, 31), "description": "Always",
            "week": week(amount), **changes,
        }  # fmt: skip
        return await save_week(self.database, tariff_id, group_id, PaintedWeek(**painted), **self.who)

    async def bring(self, tariff_id: int, prices: Sequence[str], *, begin: datetime = NOON) -> tuple[int, int]:
        steps = [TariffStep(begin + number * HOUR, Decimal(each)) for number, each in enumerate(prices)]
        done = await import_hours(self.database, tariff_id, steps, **self.who)
        return done.written, done.kept

    async def known_to(self, tariff_id: int) -> datetime | None:
        found: datetime | None = (
            await self.story.rows("select max(start_at) as at from tariff_price where tariff_id = $1", tariff_id)
        )[0]["at"]
        return found

    async def sell_by(self, tariff_id: int) -> int:
        draft = PriceGroupDraft(
            team_id=self.story.team_id, name="Harbour", type=GroupType.PUBLIC,
            master=price("tariff", "0", tariff_id=tariff_id),
        )  # fmt: skip
        return await create_price_group(self.database, draft, **self.who)

    async def steps(self, group_id: int) -> tuple[TariffStep, ...]:
        async with self.database.begin() as tx:
            terms = await terms_for(
                tx, self.story.box.connectors[1], payer_team_id=None, member_id=None, explicit_group_id=group_id,
                roaming=False, now=NOON,
            )  # fmt: skip
        assert terms is not None
        return terms.tariffs[0].steps


def week(amount: str) -> dict[tuple[int, int], Decimal]:
    return {(day, hour): Decimal(amount) for day in range(7) for hour in range(24)}


@pytest.fixture
async def desk(story: Story) -> Desk:
    """The stage with reference data, and a Danish team."""
    await seed(story.database, now=NOON)
    await story.rows("update team set country_id = $1 returning id", DENMARK)
    return Desk(story)


async def test_a_painted_week_counts_at_once(desk: Desk) -> None:
    tariff_id = await desk.tariff()
    group_id = await desk.paint(tariff_id, "0.40")
    sold = await desk.sell_by(tariff_id)
    assert (await desk.steps(sold))[0].price == Decimal("0.40")
    assert await desk.paint(tariff_id, "0.50", group_id) == group_id
    assert (await desk.steps(sold))[0].price == Decimal("0.50")
    known_to = await desk.known_to(tariff_id)
    assert known_to is not None
    assert known_to > NOON + AHEAD - timedelta(days=1)


async def test_a_hole_changes_nothing(desk: Desk) -> None:
    tariff_id = await desk.tariff()
    group_id = await desk.paint(tariff_id, "0.40")
    holed = {at: price for at, price in week("0.50").items() if at != (5, 6)}
    with pytest.raises(Invalid, match="Saturday from 06:00 to 07:00"):
        await desk.paint(tariff_id, "1", group_id, week=holed)
    with pytest.raises(Invalid, match="another period group of the tariff counts on"):
        await desk.paint(tariff_id, "0.60", active_from=date(2026, 12, 1))
    assert (await desk.steps(await desk.sell_by(tariff_id)))[0].price == Decimal("0.40")


async def test_a_week_that_is_taken_away_takes_its_prices_along(desk: Desk) -> None:
    tariff_id = await desk.tariff()
    group_id = await desk.paint(tariff_id, "0.40")
    sold = await desk.sell_by(tariff_id)
    await delete_week(desk.database, tariff_id, group_id, **desk.who)
    with pytest.raises(TariffNotPublished, match="next 24 hours"):
        await desk.steps(sold)
    with pytest.raises(Unknown):
        await delete_week(desk.database, tariff_id, group_id, **desk.who)


async def test_the_clock_keeps_prices_known_ahead(desk: Desk) -> None:
    tariff_id = await desk.tariff()
    await desk.paint(tariff_id, "0.40")
    assert await publish_ahead(desk.database, now=NOON) == 0
    later = NOON + timedelta(days=100)
    assert await publish_ahead(desk.database, now=later) == 1
    assert await publish_ahead(desk.database, now=later) == 0
    known_to = await desk.known_to(tariff_id)
    assert known_to is not None
    assert known_to > later + AHEAD - timedelta(days=1)
    gaps = await desk.story.rows(
        """select * from (select start_at - lag(start_at) over (order by start_at) as gap from tariff_price
             where start_at > $1) g where gap <> '1 hour'""",
        later,
    )
    assert gaps == []


async def test_the_clock_stops_where_no_week_counts_and_leaves_drafts_alone(desk: Desk) -> None:
    ends = await desk.tariff()
    await desk.paint(ends, "0.40", active_to=date(2026, 12, 1))
    draft = await desk.tariff()
    await publish_ahead(desk.database, now=NOON + timedelta(days=2))
    assert await desk.known_to(ends) == datetime(2026, 12, 1, 22, tzinfo=UTC)
    assert await desk.known_to(draft) is None


async def test_a_week_moves_along_to_other_clocks(desk: Desk) -> None:
    tariff_id = await desk.tariff()
    evening = {at: Decimal(2) if at[1] == 20 else price for at, price in week("1").items()}
    await desk.paint(tariff_id, "1", week=evening)
    dear = (
        "select distinct extract(hour from start_at at time zone 'UTC')::int as hour from tariff_price where price = 2"
    )
    assert [row["hour"] for row in await desk.story.rows(dear)] == [19]
    changes = {"time_zone": "Europe/Helsinki", "active": False}
    await tariffs.update_tariff(desk.database, tariff_id, changes, **desk.who)
    assert [row["hour"] for row in await desk.story.rows(dear)] == [18]
    assert await publish_ahead(desk.database, now=NOON + timedelta(days=20)) == 1


async def test_imported_hours_count_and_what_has_begun_stays(desk: Desk) -> None:
    tariff_id = await desk.tariff("DYNAMIC")
    assert await desk.bring(tariff_id, ["0.10", "0.20", "0.30", "0.40", "0.50"]) == (5, 0)
    assert await desk.bring(tariff_id, ["9", "0.20", "0.35"]) == (1, 2)
    steps = await desk.steps(await desk.sell_by(tariff_id))
    assert [step.price for step in steps[:3]] == [Decimal("0.10"), Decimal("0.20"), Decimal("0.35")]
    hole = [TariffStep(NOON, Decimal(1)), TariffStep(NOON + 2 * HOUR, Decimal(1))]
    with pytest.raises(Invalid, match="Friday 2026-11-20 at"):
        await import_hours(desk.database, tariff_id, hole, **desk.who)


async def test_a_few_hours_must_be_known_of_imported_prices(desk: Desk) -> None:
    tariff_id = await desk.tariff("DYNAMIC")
    await desk.bring(tariff_id, ["0.10", "0.20"])
    with pytest.raises(TariffNotPublished, match="next 4 hours"):
        await desk.steps(await desk.sell_by(tariff_id))


async def test_each_kind_takes_its_own_prices_only(desk: Desk) -> None:
    with pytest.raises(Invalid, match="Only DYNAMIC tariffs take imports"):
        await desk.bring(await desk.tariff(), ["1"])
    with pytest.raises(Invalid, match="are imported"):
        await desk.paint(await desk.tariff("DYNAMIC"), "1")


async def test_a_tariff_in_use_is_not_deleted(desk: Desk) -> None:
    tariff_id = await desk.tariff()
    await desk.paint(tariff_id, "0.40")
    await desk.sell_by(tariff_id)
    with pytest.raises(tariffs.TariffInUse, match="is the price of Harbour"):
        await tariffs.delete_tariff(desk.database, tariff_id, **desk.who)
    unused = await desk.tariff()
    await tariffs.delete_tariff(desk.database, unused, **desk.who)
    with pytest.raises(Unknown):
        await tariffs.delete_tariff(desk.database, unused, **desk.who)


async def test_strangers_reach_no_tariff(desk: Desk) -> None:
    weekly, dynamic = await desk.tariff(), await desk.tariff("DYNAMIC")
    operator_id, _ = await add_operator(desk.database, "Elsewhere")
    desk.who["asked_by"] = Viewer(name="stranger", operator_id=operator_id, operator_ids=(operator_id,))
    for deed in (
        desk.paint(weekly, "1"),
        desk.bring(dynamic, ["1"]),
        tariffs.delete_tariff(desk.database, weekly, **desk.who),
    ):
        with pytest.raises(Unknown):
            await deed


async def test_every_change_is_in_the_history(desk: Desk) -> None:
    tariff_id = await desk.tariff()
    group_id = await desk.paint(tariff_id, "0.40")
    await desk.paint(tariff_id, "0.50", group_id)
    async with desk.database.read() as connection:
        newest, *_ = changes = await price_changes(connection, "tariff", tariff_id, viewer=desk.story.viewer)
    assert [change.deed for change in changes] == ["week", "week", "create"]
    assert (newest.was["periods"][0][-1], newest.became["periods"][0][-1]) == ("0.400000", "0.500000")
