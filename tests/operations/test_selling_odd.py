"""Charges that somebody pays for under odd circumstances: nothing is lost, nothing hangs, and the no is clear."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from tests.operations.market import Market, open_market
from tests.operations.story import Story
from wattline.domain.hold import FundsMissing, OtherCurrency
from wattline.domain.price_terms import GroupType, Pricing, PricingType
from wattline.domain.refusals import Invalid, TeamFrozen
from wattline.domain.values import ChargeState
from wattline.operations.price_groups import PriceGroupDraft, create_price_group
from wattline.operations.reference_data import seed
from wattline.operations.refunds import refund


@pytest.fixture
async def market(story: Story) -> Market:
    return await open_market(story)


# Currencies ------------------------------------------------------------------------------------------------------


async def test_a_price_group_in_another_currency_is_refused_before_the_start(market: Market) -> None:
    story = market.story
    draft = PriceGroupDraft(
        team_id=None, name="Kroner", type=GroupType.PUBLIC, master=Pricing(type=PricingType.KWH, price=Decimal(3)),
        currency="dkk",
    )  # fmt: skip
    group_id = await create_price_group(story.database, draft, asked_by=story.viewer, now=story.now)
    with pytest.raises(OtherCurrency, match="priced in DKK"):
        await market.buy(price_group_id=group_id)
    assert await story.charges() == []


async def test_a_team_that_has_no_money_of_the_owners_currency_is_told_so(market: Market) -> None:
    story = market.story
    await story.rows("update team set currency = 'dkk' where id = $1", story.neighbour_team_id)
    # Its euros are as good as anybody's.
    await market.buy(connector=1)
    await market.buy(connector=2, price_limit_minor=5_000)
    box = await story.new_box(1, price_group_id=market.price_group_id)
    with pytest.raises(OtherCurrency, match="paid in DKK"):
        await market.buy(connector_id=box.connectors[1])


async def test_a_credit_limit_counts_in_the_teams_own_currency_only(story: Story) -> None:
    market = await open_market(story, funds_minor=0)
    await story.rows(
        "update team set payment_method = 'invoice', credit_limit_minor = 9000, currency = 'dkk' where id = $1",
        story.neighbour_team_id,
    )
    with pytest.raises(OtherCurrency):
        await market.buy()


# Limits ----------------------------------------------------------------------------------------------------------


async def test_who_sells_pays_fees_even_below_a_limit_that_fell(market: Market) -> None:
    """A team that owes more than it may is still paid, and its charges end."""
    story = market.story
    await market.take_fee(None, "10")
    method = "update team set payment_method = $2, credit_limit_minor = $3 where id = $1"
    await story.rows(method, story.team_id, "invoice", 8_000)
    theirs = await story.new_box(1, team_id=story.neighbour_team_id, price_group_id=await theirs_to_sell(market))
    bought = {"connector_id": theirs.connectors[1], "paying_team_id": story.team_id}
    charge = await story.ask(**bought)
    answer = await story.begin(charge.id_tag, box=theirs, meter_wh=0)
    await story.end(answer.ocpp_transaction_id, 80_000, box=theirs)
    assert await market.has("team", story.team_id) == -4_000
    await story.rows(method, story.team_id, "source", 0)
    with pytest.raises(FundsMissing):
        await story.ask(**bought)
    sold = await market.deliver(await market.buy(), 2_000)
    assert (sold.state, sold.price_minor) == (ChargeState.COMPLETED, 100)
    assert await market.has("platform", "fees") == 400 + 10
    assert await market.books_are_right()


async def test_a_minimum_above_the_usual_hold_is_held(story: Story) -> None:
    market = await open_market(story, minimum_minor=6_000)
    charge = await market.buy()
    assert await market.held("team", story.neighbour_team_id) == 6_000
    assert (await market.deliver(charge, 1_000)).price_minor == 6_000
    assert await market.has("team", story.neighbour_team_id) == 4_000


async def test_a_price_limit_below_what_every_charge_costs_is_refused(story: Story) -> None:
    market = await open_market(story, minimum_minor=300)
    with pytest.raises(Invalid, match=r"at least 3\.00"):
        await market.buy(price_limit_minor=299)
    await market.buy(price_limit_minor=300)


async def test_a_frozen_team_neither_asks_nor_taps(market: Market) -> None:
    story = market.story
    await story.add_key("04A1B2C3", team_id=story.neighbour_team_id)
    await story.rows("update team set frozen_at = $2 where id = $1", story.neighbour_team_id, story.now)
    with pytest.raises(TeamFrozen):
        await market.buy()
    assert (await story.begin("04A1B2C3")).status == "Blocked"
    assert await market.held("team", story.neighbour_team_id) == 0


async def test_a_team_that_is_frozen_while_it_charges_still_pays(market: Market) -> None:
    story = market.story
    charge = await market.buy()
    await story.rows("update team set frozen_at = $1", story.now)
    assert (await market.deliver(charge, 10_000)).price_minor == 500
    assert await market.has("team", story.team_id) == 500


async def test_a_price_group_that_is_deleted_meanwhile_still_counts(market: Market) -> None:
    story = market.story
    charge = await market.buy()
    await story.rows("update price_group set deleted_at = $1", story.now)
    assert (await market.deliver(charge, 10_000)).price_minor == 500


async def test_a_reservation_that_runs_out_gives_the_money_back(market: Market) -> None:
    story = market.story
    charge = await market.buy(reserve=True)
    assert await market.held("team", story.neighbour_team_id) == 5_000
    await story.after(minutes=16)
    assert (await story.charge(charge)).state is ChargeState.COMPLETED
    assert await market.held("team", story.neighbour_team_id) == 0
    assert await market.movements() == [("charge", "failed", 5_000)]


# The market's price, known late ----------------------------------------------------------------------------------


async def test_a_charge_told_late_waits_for_the_price_of_the_market(story: Story) -> None:
    market, series_id = await spot_market(story, funds_minor=100)
    await story.add_key("04A1B2C3", team_id=story.neighbour_team_id)
    began_at = story.now - timedelta(hours=3)
    answer = await story.begin("04A1B2C3", meter_wh=0, at=began_at)
    assert answer.status == "Accepted"
    await story.end(answer.ocpp_transaction_id, 10_000, at=began_at + timedelta(hours=1))
    waiting = await story.only_charge()
    assert (waiting.state, waiting.price_minor) == (ChargeState.COMPLETED, None)
    await story.facts()
    await know_prices(story, series_id, began_at, "0.20")
    story.later(minutes=3)
    await market.look()
    assert (await story.only_charge()).price_minor == 200
    assert await story.facts() == ["ChargeEdited"]
    assert await market.has("receivable", f"team:{story.neighbour_team_id}") == -200


async def test_a_charge_told_late_costs_what_the_tariff_said_when_it_began(story: Story) -> None:
    market = await open_market(story)
    await tariff_of_two_hours(story, market.price_group_id)
    await story.add_key("04A1B2C3", team_id=story.neighbour_team_id)
    answer = await story.begin("04A1B2C3", meter_wh=0, at=story.now - timedelta(hours=3))
    await story.end(answer.ocpp_transaction_id, 10_000, at=story.now - timedelta(hours=2, minutes=30))
    assert (await story.only_charge()).price_minor == 10 * 100


# Many at once ----------------------------------------------------------------------------------------------------


async def test_two_starts_that_share_credit_and_money_both_begin(story: Story) -> None:
    """Whoever looks at the credit first need not be the one who gets it."""
    market = await open_market(story)
    await market.give(story.neighbour_team_id, 3_000, credit=True)
    boxes = [await story.new_box(1, price_group_id=market.price_group_id) for _ in range(4)]
    await asyncio.gather(*(market.buy(connector_id=box.connectors[1], price_limit_minor=2_000) for box in boxes))
    held = await market.held("team", story.neighbour_team_id)
    assert held + await market.held("credit", f"team:{story.neighbour_team_id}") == 8_000


async def test_many_charges_that_follow_each_other_at_once_are_all_paid(story: Story) -> None:
    """Each start pays for the charge before it: two payers, each of whom follows the other somewhere."""
    market = await open_market(story, funds_minor=100_000)
    third = await story.rows(ADD_TEAM, story.viewer.operator_id, story.now)
    payers = (story.neighbour_team_id, third[0]["id"])
    await market.give(payers[1], 100_000)
    boxes = [await story.new_box(1, price_group_id=market.price_group_id) for _ in range(6)]

    async def sell_to(number: int, payer: int) -> None:
        box = boxes[number]
        charge = await market.buy(connector_id=box.connectors[1], paying_team_id=payer, price_limit_minor=900)
        answer = await story.begin(charge.id_tag, box=box, meter_wh=0)
        await story.rows("update connector_live set cable_plugged_in = true where connector_id = $1", box.connectors[1])
        await story.end(answer.ocpp_transaction_id, 1_000, box=box)

    for turn in range(4):
        await asyncio.gather(*(sell_to(number, payers[(number + turn) % 2]) for number in range(len(boxes))))
    await story.after(hours=25)
    assert await market.has("team", story.team_id) == 4 * len(boxes) * 50
    assert await market.books_are_right()


async def test_refunds_that_race_give_back_once(market: Market) -> None:
    story = market.story
    await market.deliver(await market.buy(), 20_000)
    [paid] = await story.rows("select id from wallet_transaction where kind = 'charge'")
    tries = [
        refund(
            story.database, paid["id"], refund_id=uuid4(), percent=Decimal(60), note="Sorry",
            asked_by=story.viewer, now=story.now,
        )
        for _ in range(4)
    ]  # fmt: skip
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(each).__name__ for each in answers) == ["NotReady"] * 3 + ["int"]
    assert await market.has("team", story.team_id) == 400


# The stage -------------------------------------------------------------------------------------------------------


async def theirs_to_sell(market: Market) -> int:
    """Let the neighbours have a price of their own."""
    story = market.story
    draft = PriceGroupDraft(
        team_id=story.neighbour_team_id, name="Theirs", type=GroupType.PUBLIC,
        master=Pricing(type=PricingType.KWH, price=Decimal("0.50")),
    )  # fmt: skip
    return await create_price_group(story.database, draft, asked_by=story.viewer, now=story.now)


async def spot_market(story: Story, **more: Any) -> tuple[Market, int]:
    """Sell at the market's price, which is known for this hour only."""
    series = await story.rows(
        "insert into spot_series (name, currency, created_at, updated_at) values ('DK1', 'eur', $1, $1) returning id",
        story.now,
    )
    series_id: int = series[0]["id"]
    await know_prices(story, series_id, story.now, "0.30")
    spot = Pricing(type=PricingType.SPOT, price=Decimal(0))
    return await open_market(story, master=spot, spot_series_id=series_id, **more), series_id


async def know_prices(story: Story, series_id: int, since: datetime, price: str) -> None:
    """Learn the prices of an hour."""
    await story.rows(
        "insert into spot_price select $1, $2::timestamptz + q * interval '15 min', $3 from generate_series(0, 3) q",
        series_id, since, Decimal(price),
    )  # fmt: skip


async def tariff_of_two_hours(story: Story, group_id: int) -> None:
    """Let a tariff say 1.00 until an hour ago, and 0.10 since."""
    await seed(story.database, now=story.now)
    [tariff] = await story.rows(ADD_TARIFF, story.viewer.operator_id, story.now)
    tariff_id: int = tariff["id"]
    await story.rows(ADD_HOURS, tariff_id, story.now)
    await story.rows(
        "update pricing set type = 'tariff', tariff_id = $2, price = 0 where price_group_id = $1", group_id, tariff_id
    )


ADD_TEAM = """
insert into team (operator_id, name, type, join_code, created_at, updated_at)
values ($1, 'Third', 'professional', 'Third', $2, $2) returning id
"""

ADD_TARIFF = """
insert into tariff (operator_id, external_id, name, description, country_id, currency_id, prices_with_vat, time_zone,
  area, created_at)
select $1, 'grid', 'Grid', '', country.id, currency.id, true, 'Europe/Copenhagen', 'DK1', $2
from country, currency where country.alpha2_code = 'DK' and currency.identifier = 'EUR' returning id
"""

ADD_HOURS = """
insert into tariff_price
select $1, $2::timestamptz + h * interval '1 hour', case when h < -1 then 1 else 0.1 end
from generate_series(-10, 200) h
"""
