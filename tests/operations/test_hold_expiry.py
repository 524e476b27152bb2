"""Holds that run out: the money is free, and the row on the wallet says so before the charge is over."""

from datetime import timedelta

from tests.operations.market import open_market
from tests.operations.story import Story
from wattline.domain.hold import HOLD_SECONDS
from wattline.operations.hold_expiry import end_holds_due


async def test_a_hold_that_runs_out_is_let_go_on_the_wallet_and_the_charge_is_paid_later(story: Story) -> None:
    market = await open_market(story)
    charge = await market.buy()
    answer = await story.begin(charge.id_tag, meter_wh=1_000)
    await story.measure(1_000, answer.ocpp_transaction_id)
    assert await market.movements() == [("charge", "reserved", 5_000)]
    assert await end_holds_due(story.database, now=story.now) == 0
    late = story.now + timedelta(seconds=HOLD_SECONDS + 1)
    assert await end_holds_due(story.database, now=late) == 1
    assert await market.movements() == [("charge", "failed", 5_000)]
    assert await market.held("team", story.neighbour_team_id) == 0
    story.later(seconds=HOLD_SECONDS + 60)
    await story.end(answer.ocpp_transaction_id, 11_000)
    assert await market.movements() == [("charge", "failed", 5_000), ("charge", "complete", 500)]
    assert await market.books_are_right()
