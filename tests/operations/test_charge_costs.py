"""What charges cost their owners: by the cost group of the place, beside the price, whoever pays or nobody."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.operations.market import Market, open_market
from tests.operations.story import Story
from tests.operations.test_selling_odd import know_prices, spot_market
from wattline.domain.charge_record import Charge
from wattline.domain.price_terms import GroupType, Pricing, PricingType
from wattline.operations import charge_costs
from wattline.operations.price_groups import PriceGroupDraft, create_price_group


async def cost_group(story: Story, master: Pricing, **more: Any) -> int:
    """Say what energy costs at every charge point of the team: the first cost group is its default."""
    draft = PriceGroupDraft(team_id=story.team_id, name="What we pay", type=GroupType.COST, master=master, **more)
    return await create_price_group(story.database, draft, asked_by=story.viewer, now=story.now)


def per_kwh(price: str) -> Pricing:
    return Pricing(type=PricingType.KWH, price=Decimal(price))


@pytest.fixture
async def market(story: Story) -> Market:
    return await open_market(story)


async def test_a_cost_is_kept_with_the_charge_and_moves_no_money(market: Market) -> None:
    story = market.story
    group_id = await cost_group(story, per_kwh("0.20"))
    charge = await market.deliver(await market.buy(), 10_000)
    assert (charge.price_minor, charge.cost_minor) == (500, 200)
    kept = await story.rows("select price_group_id, priced from charge_cost where charge_id = $1", charge.id)
    assert (kept[0]["price_group_id"], kept[0]["priced"]["total_minor"]) == (group_id, 200)
    assert await market.has("team", story.team_id) == 500
    assert await market.books_are_right()


async def test_the_owners_own_charge_costs_as_well(market: Market) -> None:
    await cost_group(market.story, per_kwh("0.20"))
    own = await market.deliver(await market.story.ask(), 10_000)
    assert (own.price_minor, own.cost_minor) == (None, 200)


async def test_force_stopped_nobody_paid_but_the_owner(market: Market) -> None:
    story = market.story
    await cost_group(story, per_kwh("0.20"))
    charge = await market.buy()
    answer = await story.begin(charge.id_tag, meter_wh=0)
    story.later(minutes=30)
    await story.measure(5_000, answer.ocpp_transaction_id)
    await story.force_stop(charge)
    forced = await story.charge(charge)
    assert (forced.price_minor, forced.cost_minor) == (0, 100)


async def test_without_a_cost_group_and_for_what_never_began_nothing_is_said(market: Market) -> None:
    charge = await market.deliver(await market.buy(), 10_000)
    assert charge.cost_minor is None
    await cost_group(market.story, per_kwh("0.20"))
    refused = await market.buy()
    await market.story.refuse(refused)
    assert (await market.story.charge(refused)).cost_minor is None


async def test_a_cost_that_follows_the_market_waits_for_it(story: Story) -> None:
    market, series_id = await spot_market(story, funds_minor=0)
    charge = await charge_told_late(market, series_id)
    assert (charge.completed_at is not None, charge.cost_minor) == (True, None)
    assert await charge_costs.look_at_due(story.database, now=story.now) == 0
    assert charge.started_at is not None
    await know_prices(story, series_id, charge.started_at, "0.20")
    story.later(minutes=16)
    assert await charge_costs.look_at_due(story.database, now=story.now) == 1
    assert (await story.charge(charge)).cost_minor == 200
    assert await charge_costs.look_at_due(story.database, now=story.now) == 0


async def test_a_price_of_the_market_that_never_comes_is_not_waited_for_for_ever(story: Story) -> None:
    market, series_id = await spot_market(story, funds_minor=0)
    charge = await charge_told_late(market, series_id)
    story.later(days=32)
    assert await charge_costs.look_at_due(story.database, now=story.now) == 1
    story.later(days=1)
    assert await charge_costs.look_at_due(story.database, now=story.now) == 0
    assert (await story.charge(charge)).cost_minor is None


async def test_a_cost_group_that_is_broken_holds_up_no_charge(market: Market) -> None:
    story = market.story
    await cost_group(
        story, Pricing(type=PricingType.KWH, price=Decimal("0.2"), valid_to=story.now + timedelta(minutes=1))
    )
    story.later(minutes=5)
    charge = await market.deliver(await market.buy(), 10_000)
    assert (charge.price_minor, charge.cost_minor) == (500, None)


async def charge_told_late(market: Market, series_id: int) -> Charge:
    """Let the owner take 10 kWh before the first hour whose price is known."""
    story = market.story
    await cost_group(story, Pricing(type=PricingType.SPOT, price=Decimal(0)), spot_series_id=series_id)
    await story.add_key("04A1B2C3", team_id=story.team_id)
    began_at = story.now - timedelta(hours=3)
    answer = await story.begin("04A1B2C3", meter_wh=0, at=began_at)
    await story.end(answer.ocpp_transaction_id, 10_000, at=began_at + timedelta(hours=1))
    return await story.only_charge()
