"""Charges that somebody pays for: money is held before the start, becomes the sale at the end, or goes back."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.operations.market import Market, open_market
from tests.operations.story import Story
from wattline.domain.hold import FundsMissing
from wattline.domain.price_choice import NoPrice
from wattline.domain.price_terms import Pricing, PricingType
from wattline.domain.refusals import ConnectorBusy
from wattline.domain.values import ChargeState


@pytest.fixture
async def market(story: Story) -> Market:
    return await open_market(story)


# Before it begins ------------------------------------------------------------------------------------------------


async def test_what_it_may_cost_is_held_before_the_start(market: Market) -> None:
    charge = await market.buy()
    assert charge.price_group_id == market.price_group_id
    # Nothing says less than the usual 50.00.
    assert await market.held("team", market.story.neighbour_team_id) == 5_000
    assert await market.movements() == [("charge", "reserved", 5_000)]


async def test_an_energy_limit_holds_its_price_and_a_price_limit_itself(market: Market) -> None:
    await market.buy(energy_limit_wh=20_000)
    assert await market.held("team", market.story.neighbour_team_id) == 1_000
    await market.buy(connector=2, price_limit_minor=700)
    assert await market.held("team", market.story.neighbour_team_id) == 1_700


async def test_a_start_without_enough_money_is_refused_with_what_is_missing(story: Story) -> None:
    market = await open_market(story, funds_minor=1_250)
    with pytest.raises(FundsMissing, match=r"lacks 37\.50 EUR") as refusal:
        await market.buy()
    assert refusal.value.missing_minor == 3_750
    assert await story.charges() == []
    assert await story.commands() == []
    assert await market.held("team", story.neighbour_team_id) == 0


async def test_of_two_starts_that_race_for_the_last_money_one_wins(story: Story) -> None:
    market = await open_market(story, funds_minor=7_000)
    starts = await asyncio.gather(market.buy(connector=1), market.buy(connector=2), return_exceptions=True)
    assert sorted(type(each).__name__ for each in starts) == ["Charge", "FundsMissing"]
    assert await market.held("team", story.neighbour_team_id) == 5_000


async def test_a_busy_connector_holds_nothing(market: Market) -> None:
    await market.buy()
    with pytest.raises(ConnectorBusy):
        await market.buy()
    assert await market.held("team", market.story.neighbour_team_id) == 5_000


async def test_a_public_charge_point_without_a_price_is_not_free(story: Story) -> None:
    await story.rows("update connector set visibility = 'public'")
    with pytest.raises(NoPrice):
        await story.ask(paying_team_id=story.neighbour_team_id)
    assert (await story.ask()).state is ChargeState.STARTING


async def test_a_free_group_needs_no_money(story: Story) -> None:
    market = await open_market(story, funds_minor=0, master=Pricing(type=PricingType.KWH, price=Decimal(0)))
    charge = await market.deliver(await market.buy(), 20_000)
    assert (charge.state, charge.price_minor) == (ChargeState.COMPLETED, 0)
    assert await market.movements() == []


async def test_teams_that_are_billed_later_may_go_below_zero_to_a_limit(story: Story) -> None:
    market = await open_market(story, funds_minor=0)
    await story.rows(
        "update team set payment_method = 'operator_transaction', credit_limit_minor = 6000 where id = $1",
        story.neighbour_team_id,
    )
    await market.buy(connector=1)
    with pytest.raises(FundsMissing, match=r"lacks 40\.00"):
        await market.buy(connector=2)


# When it is over -------------------------------------------------------------------------------------------------


async def test_the_driver_pays_what_was_used_and_the_rest_returns(market: Market) -> None:
    story = market.story
    charge = await market.deliver(await market.buy(), 12_000)
    assert (charge.state, charge.price_minor) == (ChargeState.COMPLETED, 600)
    assert await market.has("team", story.neighbour_team_id) == 9_400
    assert await market.has("team", story.team_id) == 600
    assert await market.held("team", story.neighbour_team_id) == 0
    assert await market.movements() == [("charge", "complete", 600)]
    assert await market.books_are_right()


async def test_fees_go_to_the_platform_and_the_operators_up_the_tree(market: Market) -> None:
    story = market.story
    parent = await story.rows(
        "insert into operator (name, identifier, created_at) values ('Above', 'ABV', $1) returning id", story.now
    )
    await story.rows(
        "update operator set parent_operator_id = $2 where id = $1", story.viewer.operator_id, parent[0]["id"]
    )
    stranger = await story.rows(
        "insert into operator (name, identifier, created_at) values ('Else', 'ELS', $1) returning id", story.now
    )
    await market.take_fee(None, "2")
    await market.take_fee(story.viewer.operator_id, "3")
    await market.take_fee(parent[0]["id"], "1")
    await market.take_fee(stranger[0]["id"], "9")
    await market.deliver(await market.buy(), 20_000)
    assert await market.has("team", story.team_id) == 1_000 - 20 - 30 - 10
    assert await market.has("platform", "fees") == 20
    assert await market.has("operator", story.viewer.operator_id) == 30
    assert await market.has("operator", parent[0]["id"]) == 10
    assert [kind for kind, _, _ in await market.movements()] == [
        "charge",
        "charge-transaction-fee-professional",
        "charge-operator-percentage-fee-professional",
        "charge-operator-percentage-fee-professional",
    ]
    assert await market.books_are_right()


async def test_vat_is_stated_beside_what_was_paid(market: Market) -> None:
    story = market.story
    await story.rows("insert into country (id, name, alpha2_code, sanctioned) values (194, 'Denmark', 'DK', false)")
    await story.rows("update team set country_id = 194, type = 'professional' where id = $1", story.team_id)
    await market.deliver(await market.buy(), 20_000)
    # 10.00 with 25 % VAT in it.
    assert await market.has("team", story.team_id) == 1_000
    assert await market.has("vat_due", f"{story.team_id}:dk:25") == 200


async def test_credit_is_spent_before_money(market: Market) -> None:
    story = market.story
    await market.give(story.neighbour_team_id, 400, credit=True)
    await market.deliver(await market.buy(), 12_000)
    assert await market.has("credit", f"team:{story.neighbour_team_id}") == 0
    assert await market.has("team", story.neighbour_team_id) == 9_800


async def test_a_price_that_changes_meanwhile_changes_nothing_for_who_has_begun(market: Market) -> None:
    story = market.story
    charge = await market.buy()
    await story.rows("update pricing set price = 9")
    assert (await market.deliver(charge, 10_000)).price_minor == 500


async def test_a_terminal_pays_out_of_its_own_account_without_limit(story: Story) -> None:
    market = await open_market(story, funds_minor=0)
    session = {"provider": "windcave", "externalId": "A-1", "amount": 50}
    charge = await market.deliver(await story.ask(payment_session=session), 12_000)
    assert charge.price_minor == 600
    assert await market.has("terminal", "windcave") == -600
    assert await market.has("team", story.team_id) == 600


async def test_a_terminal_that_reserved_less_holds_no_more(story: Story) -> None:
    market = await open_market(story, funds_minor=0)
    await story.ask(payment_session={"provider": "windcave", "externalId": "A-1", "amount": 19.9})
    assert await market.held("terminal", "windcave") == 1_990
    await story.ask(connector=2, payment_session={"provider": "other", "externalId": "A-2", "amount": 0})
    assert await market.held("terminal", "other") == 5_000


async def test_the_owners_own_charges_move_no_money(market: Market) -> None:
    charge = await market.deliver(await market.story.ask(), 12_000)
    assert charge.price_minor is None
    assert await market.movements() == []


# When it goes wrong ----------------------------------------------------------------------------------------------


async def test_force_stop_takes_the_payment_away(market: Market) -> None:
    story = market.story
    charge = await market.buy()
    answer = await story.begin(charge.id_tag)
    story.later(minutes=30)
    await story.measure(9_000, answer.ocpp_transaction_id)
    await story.force_stop(charge)
    assert (await story.charge(charge)).price_minor == 0
    assert await market.has("team", story.neighbour_team_id) == 10_000
    assert await market.held("team", story.neighbour_team_id) == 0
    assert await market.movements() == [("charge", "failed", 5_000)]


async def test_a_failed_start_gives_the_money_back_at_once(market: Market) -> None:
    story = market.story
    charge = await market.buy()
    await story.refuse(charge)
    assert await market.held("team", story.neighbour_team_id) == 0
    late = await market.buy(connector=2)
    await story.after(minutes=6)
    assert (await story.charge(late)).failed_at is not None
    assert await market.held("team", story.neighbour_team_id) == 0
    assert await market.books_are_right()


async def test_what_costs_more_than_was_held_becomes_a_debt(market: Market) -> None:
    story = market.story
    charge = await market.buy(price_limit_minor=200)
    assert (await market.deliver(charge, 12_000)).price_minor == 600
    assert await market.has("team", story.neighbour_team_id) == 9_800
    assert await market.has("receivable", f"team:{story.neighbour_team_id}") == -400
    assert await market.has("team", story.team_id) == 600
    assert await market.books_are_right()


async def test_a_hold_that_ran_out_leaves_a_debt_too(market: Market) -> None:
    story = market.story
    charge = await market.buy()
    answer = await story.begin(charge.id_tag, meter_wh=1_000)
    for _ in range(8):
        story.later(days=1)
        await story.hear()
        await story.measure(1_500, answer.ocpp_transaction_id, power_w=0)
    await story.end(answer.ocpp_transaction_id, 3_000)
    await story.status("Available")
    assert (await story.charge(charge)).price_minor == 100
    assert await market.has("receivable", f"team:{story.neighbour_team_id}") == -100
    assert await market.books_are_right()


# While it runs ---------------------------------------------------------------------------------------------------


async def test_the_cost_so_far_is_kept_up_to_date(market: Market) -> None:
    story = market.story
    charge = await market.buy()
    answer = await story.begin(charge.id_tag, meter_wh=1_000)
    story.later(minutes=30)
    await story.measure(6_000, answer.ocpp_transaction_id)
    await market.look()
    assert (await story.charge(charge)).price_minor == 250


async def test_it_is_stopped_before_it_costs_more_than_is_held(market: Market) -> None:
    story = market.story
    charge = await market.buy(price_limit_minor=500)
    answer = await story.begin(charge.id_tag, meter_wh=0)
    await story.commands()
    # 60 kW are 1 kWh a minute: the tenth would be 5.00.
    for minute in range(1, 9):
        story.later(minutes=1)
        await story.measure(minute * 1_000, answer.ocpp_transaction_id, power_w=60_000)
        await market.look()
        assert await story.commands() == []
    story.later(minutes=1)
    await story.measure(9_000, answer.ocpp_transaction_id, power_w=60_000)
    story.later(seconds=15)
    await market.look()
    assert [action for action, _ in await story.commands()] == ["RemoteStopTransaction"]
    await story.end(answer.ocpp_transaction_id, 9_900)
    await story.status("Available")
    done = await story.charge(charge)
    assert (done.stop_reason, done.price_minor) == ("price-limit", 495)


# Keys ------------------------------------------------------------------------------------------------------------


async def test_a_key_of_a_team_with_money_charges_and_pays(market: Market) -> None:
    story = market.story
    await story.add_key("04A1B2C3", team_id=story.neighbour_team_id)
    answer = await story.begin("04A1B2C3", meter_wh=1_000)
    assert answer.status == "Accepted"
    story.later(minutes=30)
    await story.end(answer.ocpp_transaction_id, 5_000)
    await story.status("Available")
    assert await market.has("team", story.neighbour_team_id) == 9_800


async def test_a_key_without_money_is_refused_and_its_transaction_kept(story: Story) -> None:
    market = await open_market(story, funds_minor=100)
    await story.add_key("04A1B2C3", team_id=story.neighbour_team_id)
    answer = await story.begin("04A1B2C3", meter_wh=1_000)
    assert answer.status == "Blocked"
    assert await story.charges() == []
    assert len(await story.rows("select from transaction where not accepted")) == 1
    assert await market.held("team", story.neighbour_team_id) == 0
    [line] = await story.rows("select detail from log_line where kind = 'StartTransaction'")
    assert "lacks" in line["detail"]["refusal"]


async def test_what_a_box_let_begin_while_offline_becomes_a_debt(story: Story) -> None:
    market = await open_market(story, funds_minor=100)
    await story.add_key("04A1B2C3", team_id=story.neighbour_team_id)
    began_at = story.now
    story.later(hours=3)
    answer = await story.begin("04A1B2C3", meter_wh=1_000, at=began_at)
    assert answer.status == "Accepted"
    await story.end(answer.ocpp_transaction_id, 9_000, at=began_at + timedelta(hours=1))
    await story.status("Available")
    assert (await story.only_charge()).price_minor == 400
    assert await market.has("receivable", f"team:{story.neighbour_team_id}") == -400


async def test_a_repeated_stop_pays_once(market: Market) -> None:
    story = market.story
    charge = await market.buy()
    answer = await story.begin(charge.id_tag, meter_wh=1_000)
    story.later(minutes=30)
    for _ in range(3):
        await story.end(answer.ocpp_transaction_id, 5_000)
        await story.status("Available")
    assert await market.has("team", story.neighbour_team_id) == 9_800
