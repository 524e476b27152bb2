"""Debts: what a charge cost beyond its hold is paid by the next money that comes in, once, whoever brings it."""

import asyncio
from decimal import Decimal
from uuid import uuid4

import pytest

from tests.operations.market import Market, open_market
from tests.operations.purse import purse
from tests.operations.story import Story
from wattline.domain.hold import FundsMissing
from wattline.operations.debt_rounds import collect_due
from wattline.operations.deposits import Deposit, deposit
from wattline.operations.refunds import Adjustment, adjust, refund
from wattline.operations.wallets import Wallet


@pytest.fixture
async def market(story: Story) -> Market:
    """A market whose neighbour had 2.00, and owes 4.00 for a charge that was told late."""
    market = await open_market(story, funds_minor=200)
    await market.deliver(await market.buy(price_limit_minor=200), 12_000)
    assert await market.has("receivable", f"team:{story.neighbour_team_id}") == -400
    return market


@pytest.fixture
async def wallet(market: Market) -> Wallet:
    return await purse(market, "team", market.story.neighbour_team_id)


async def owed(market: Market) -> int:
    return -await market.has("receivable", f"team:{market.story.neighbour_team_id}")


async def left(market: Market) -> int:
    return await market.has("team", market.story.neighbour_team_id)


async def is_open(market: Market) -> bool:
    """Tell whether some charge counts as owed for still."""
    return bool(await market.story.rows("select from charge_payment where owed_minor > 0 and debt_paid_at is null"))


async def collect(market: Market) -> int:
    return await collect_due(market.story.database, now=market.story.now)


async def give_back(market: Market) -> None:
    """Refund the whole charge."""
    story = market.story
    rows = await story.rows("select id from wallet_transaction where kind = 'charge'")
    await refund(
        story.database, rows[0]["id"], refund_id=uuid4(), percent=Decimal(100), note="It was cold",
        asked_by=story.viewer, now=story.now,
    )  # fmt: skip


async def test_a_deposit_pays_what_is_owed_first(market: Market, wallet: Wallet) -> None:
    await market.give(wallet.owner_id, 1_000)
    assert (await owed(market), await left(market)) == (0, 600)
    assert ("debt-paid", "complete", 400) in await market.movements()
    assert not await is_open(market)
    assert await market.books_are_right()


async def test_a_deposit_that_is_too_small_pays_a_part(market: Market, wallet: Wallet) -> None:
    await market.give(wallet.owner_id, 150)
    assert (await owed(market), await left(market), await is_open(market)) == (250, 0, True)
    await market.give(wallet.owner_id, 250)
    assert (await owed(market), await left(market), await is_open(market)) == (0, 0, False)
    taken = [amount for kind, _, amount in await market.movements() if kind == "debt-paid"]
    assert taken == [150, 250]


async def test_the_same_deposit_again_takes_nothing_again(market: Market, wallet: Wallet) -> None:
    story = market.story
    new = Deposit(id=uuid4(), amount_minor=300, currency="eur")
    told = await asyncio.gather(
        *(deposit(story.database, "team", wallet.owner_id, new, asked_by=story.viewer, now=story.now) for _ in range(3))
    )
    assert len([each for each in told if each is not None]) == 1
    assert (await owed(market), await left(market)) == (100, 0)
    assert await market.books_are_right()


async def test_a_refused_start_names_what_must_come_in_with_the_debt(market: Market, wallet: Wallet) -> None:
    with pytest.raises(FundsMissing) as refusal:
        await market.buy(price_limit_minor=500)
    assert refusal.value.missing_minor == 900
    await market.give(wallet.owner_id, 900)
    await market.buy(price_limit_minor=500)


async def test_credit_pays_debts_as_it_pays_charges(market: Market, wallet: Wallet) -> None:
    await market.give(wallet.owner_id, 1_000, credit=True)
    assert (await owed(market), await market.has("credit", f"team:{wallet.owner_id}")) == (0, 600)


async def test_money_from_another_wallet_pays_a_moment_later(market: Market, wallet: Wallet) -> None:
    story = market.story
    assert await collect(market) == 0
    seller = await purse(market, "team", story.team_id)
    new = Adjustment(id=uuid4(), from_wallet_id=seller.id, to_wallet_id=wallet.id, amount_minor=500)
    await adjust(story.database, new, asked_by=story.viewer, now=story.now)
    assert await collect(market) == 1
    assert (await owed(market), await left(market), await is_open(market)) == (0, 100, False)
    assert await collect(market) == 0


async def test_two_servers_that_collect_at_once_take_no_more_than_is_owed(market: Market, wallet: Wallet) -> None:
    story = market.story
    seller = await purse(market, "team", story.team_id)
    new = Adjustment(id=uuid4(), from_wallet_id=seller.id, to_wallet_id=wallet.id, amount_minor=500)
    await adjust(story.database, new, asked_by=story.viewer, now=story.now)
    await asyncio.gather(collect(market), collect(market), market.give(wallet.owner_id, 50))
    assert (await owed(market), await left(market)) == (0, 150)
    assert sum(amount for kind, _, amount in await market.movements() if kind == "debt-paid") == 400
    assert await market.books_are_right()


async def test_a_refund_after_the_debt_was_paid_is_money_again(market: Market, wallet: Wallet) -> None:
    story = market.story
    await market.give(wallet.owner_id, 400)
    await give_back(market)
    assert (await owed(market), await left(market), await market.has("team", story.team_id)) == (0, 600, 0)
    assert await market.books_are_right()


async def test_rows_of_a_wallet_add_up_to_what_is_in_it_less_what_is_owed(market: Market, wallet: Wallet) -> None:
    for amount_minor in (150, 50, 700):
        rows = await market.story.rows(SUM, wallet.id)
        assert rows[0]["total"] == await left(market) - await owed(market)
        await market.give(wallet.owner_id, amount_minor)


async def test_a_refund_of_what_is_owed_closes_it_without_money(market: Market, wallet: Wallet) -> None:
    await give_back(market)
    assert (await owed(market), await left(market), await is_open(market)) == (0, 200, True)
    await collect(market)
    assert not await is_open(market)


SUM = """
select coalesce(sum(case when to_wallet_id = $1 then to_amount_minor else 0 end
  - case when from_wallet_id = $1 then from_amount_minor else 0 end), 0)::bigint as total
from wallet_transaction where state = 'complete' and $1 in (from_wallet_id, to_wallet_id)
"""
