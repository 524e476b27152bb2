"""Asking for a charge: who may, where, and what says no."""

import asyncio
from decimal import Decimal

import pytest

from tests.operations.market import open_market
from tests.operations.story import Story, add_operator
from wattline.domain.charge_record import Charge
from wattline.domain.refusals import (
    ConnectorBusy,
    Invalid,
    NoContact,
    NotConnectedToHardware,
    NothingPluggedIn,
    NotReady,
    TeamFrozen,
    Unknown,
)


async def test_everything_asked_for_is_kept_with_the_charge(story: Story) -> None:
    session = {"provider": "logos", "externalId": "S-17", "cardLast4": "4242"}
    market = await open_market(story)
    charge = await story.ask(
        paying_team_id=story.neighbour_team_id,
        energy_limit_wh=20_000,
        soc_limit_percent=Decimal(80),
        price_limit_minor=5_000,
        price_group_id=market.price_group_id,
        payment_session=session,
        partner_external_id="P-1",
        partner_custom_payload={"bay": 7},
        user_id=9,
        api_key_id=11,
    )
    assert charge == await story.charge(charge)
    assert (charge.type, charge.currency, charge.paying_team_id) == ("operator", "eur", story.neighbour_team_id)
    assert charge.price_group_id == market.price_group_id
    assert (charge.payment_session, charge.partner_custom_payload) == (session, {"bay": 7})
    assert (charge.energy_limit_wh, charge.soc_limit_percent, charge.price_limit_minor) == (20_000, Decimal(80), 5_000)
    assert (len(charge.id_tag), len(charge.human_readable_id)) == (20, 15)


async def test_without_a_payer_the_team_of_the_connector_pays(story: Story) -> None:
    assert (await story.ask()).paying_team_id == story.team_id


async def test_impossible_limits_are_refused(story: Story) -> None:
    with pytest.raises(Invalid, match="kwhLimit"):
        await story.ask(energy_limit_wh=10)


async def test_somebody_elses_connector_or_team_does_not_exist(story: Story) -> None:
    operator_id, team_id = await add_operator(story.database, "STRANGE")
    with pytest.raises(Unknown, match="charge point"):
        await story.ask(asked_by=story.viewer_of(operator_id=operator_id))
    with pytest.raises(Unknown, match="team"):
        await story.ask(paying_team_id=team_id)
    with pytest.raises(Unknown, match="charge point"):
        await story.ask(connector_id=999_999)


async def test_a_connector_without_hardware_or_under_maintenance_or_contact_says_so(story: Story) -> None:
    connector_id = story.box.connectors[1]
    await story.rows("update connector set maintenance_at = $2 where id = $1", connector_id, story.now)
    with pytest.raises(NotReady, match="maintenance"):
        await story.ask()
    await story.rows("update connector set maintenance_at = null where id = $1", connector_id)
    await story.disconnect()
    with pytest.raises(NoContact):
        await story.ask()
    await story.rows("update connector set charge_point_id = null where id = $1", connector_id)
    with pytest.raises(NotConnectedToHardware):
        await story.ask()


async def test_the_portal_starts_only_when_a_car_is_plugged_in(story: Story) -> None:
    with pytest.raises(NothingPluggedIn):
        await story.ask(must_be_plugged_in=True)
    await story.status("Preparing")
    charge = await story.later(minutes=1).ask(must_be_plugged_in=True)
    assert charge.cable_plugged_in_at is not None
    assert charge.cable_plugged_in_at < story.now


async def test_a_car_plugged_in_after_the_request_is_dated(story: Story) -> None:
    charge = await story.ask()
    await story.later(seconds=40).status("Preparing")
    plugged_at = story.now
    await story.later(seconds=10).status("Preparing")
    assert (await story.charge(charge)).cable_plugged_in_at == plugged_at


@pytest.mark.parametrize("column", ["frozen_at", "blocked_at"])
async def test_a_frozen_team_pays_for_nothing(story: Story, column: str) -> None:
    await story.rows(f"update team set {column} = $2 where id = $1", story.team_id, story.now)
    with pytest.raises(TeamFrozen):
        await story.ask()


async def test_one_connector_has_one_charge(story: Story) -> None:
    first = await story.ask()
    with pytest.raises(ConnectorBusy) as refused:
        await story.ask()
    assert refused.value.charge_id == first.id
    assert (await story.ask(connector=2)).state == "starting"


async def test_of_two_requests_at_once_one_wins(story: Story) -> None:
    results = await asyncio.gather(*(story.ask() for _ in range(5)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Charge", *["ConnectorBusy"] * 4]
    won = next(result for result in results if isinstance(result, Charge))
    assert await story.current() == won.id


async def test_a_request_and_a_tapped_key_at_once_leave_one_current_charge(story: Story) -> None:
    await story.add_key("04BE7C40")
    await asyncio.gather(story.ask(), story.begin("04BE7C40"), return_exceptions=True)
    unfinished = [charge for charge in await story.charges() if charge.completed_at is None]
    assert [charge.state for charge in unfinished] == ["charging"]


async def test_c2_a_stopped_charge_with_its_cable_in_makes_way_for_the_next(story: Story) -> None:
    first = await story.ask()
    answer = await story.begin(first.id_tag)
    await story.status("Charging")
    await story.end(answer.ocpp_transaction_id, 1_500)
    await story.status("Finishing")
    second = await story.later(minutes=1).ask()
    assert (await story.charge(first)).state == "completed"
    assert (await story.charge(first)).energy_wh == 500
    assert await story.current() == second.id


async def test_c2_a_box_that_refuses_while_finishing_fails_the_charge_with_advice(story: Story) -> None:
    await story.status("Finishing")
    charge = await story.ask()
    await story.refuse(charge)
    assert "until the cable was pulled" in ((await story.charge(charge)).failure_reason or "")
