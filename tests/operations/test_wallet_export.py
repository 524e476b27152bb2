"""What moved on a wallet in a period, in order, seen from its own side."""

from datetime import datetime, timedelta

import pytest

from tests.operations.market import open_market
from tests.operations.purse import add_bank, purse, take_out
from tests.operations.story import Story
from wattline.operations.wallets import Wallet
from wattline.queries import wallet_export
from wattline.queries.wallet_export import ExportedMovement, movements_in
from wattline.queries.withdrawals import pending_withdrawals


async def told(story: Story, wallet: Wallet, since: datetime, until: datetime) -> list[ExportedMovement]:
    async with story.database.read() as connection:
        return [each async for each in movements_in(connection, wallet.id, since=since, until=until)]


@pytest.mark.parametrize("at_once", [1, 2, 2_000])
async def test_a_wallet_tells_what_came_in_and_went_out_in_order(
    story: Story, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(wallet_export, "AT_ONCE", at_once)
    market = await open_market(story)
    began = story.now
    await market.deliver(await market.buy(), 20_000)
    buyer = await purse(market, "team", story.neighbour_team_id)
    await add_bank(market, buyer)
    await take_out(market, buyer, 2_000)
    until = story.now + timedelta(seconds=1)
    [ours] = await story.rows("select name from team where id = $1", story.team_id)
    moved = await told(story, buyer, began, until)
    assert [(each.kind, each.gross_minor, each.counterpart, each.state) for each in moved] == [
        ("deposit", 10_000, None, "complete"),
        ("charge", -1_000, ours["name"], "complete"),
        ("withdrawal", -2_000, None, "pending"),
    ]
    assert moved[1].energy_wh == 20_000
    [earned] = await told(story, await purse(market, "team", story.team_id), began, until)
    assert (earned.kind, earned.gross_minor) == ("charge", 1_000)
    # The first moment of a period belongs to it, the moment after it does not.
    assert await told(story, buyer, began, began) == []
    # Money that was put in and the start of the charge share the first moment.
    assert [each.kind for each in await told(story, buyer, began + timedelta(microseconds=1), until)] == ["withdrawal"]


async def test_who_pays_withdrawals_sees_what_is_to_be_paid(story: Story) -> None:
    market = await open_market(story)
    buyer = await purse(market, "team", story.neighbour_team_id)
    await add_bank(market, buyer)
    made = await take_out(market, buyer, 2_000)
    viewers = (story.viewer, story.viewer_of(team_ids=(buyer.owner_id,)), story.viewer_of(operator_id=99))
    async with story.database.read() as connection:
        seen = [await pending_withdrawals(connection, viewer=viewer) for viewer in viewers]
    assert [len(each) for each in seen] == [1, 0, 0]
    assert (seen[0][0].id, seen[0][0].amount_minor, seen[0][0].iban_end) == (made, 2_000, "6243")
