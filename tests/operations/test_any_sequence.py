"""Whatever is done with wallets, in whatever order: none goes below its limit, the books are right, and what people
read adds up to what the ledger has."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.operations.market import Market, open_market
from tests.operations.purse import add_bank, purse, take_out
from tests.operations.story import Story
from wattline.domain.refusals import Refusal
from wattline.operations.refunds import Adjustment, adjust, refund
from wattline.operations.wallets import Wallet
from wattline.operations.withdrawal_ends import note_paid, refuse_withdrawal

AMOUNTS = st.sampled_from([1, 333, 669, 670, 2_500, 5_000, 9_999, 10_000, 12_000])
SIDES = st.sampled_from([0, 1])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("deposit"), SIDES, AMOUNTS),
        st.tuples(st.just("credit"), SIDES, AMOUNTS),
        st.tuples(st.just("adjust"), SIDES, AMOUNTS),
        st.tuples(st.just("withdraw"), SIDES, AMOUNTS),
        st.tuples(st.just("pay"), SIDES, st.just(0)),
        st.tuples(st.just("refuse"), SIDES, st.just(0)),
        st.tuples(st.just("refund"), SIDES, st.sampled_from([1, 33, 50, 100])),
        st.tuples(st.just("charge"), SIDES, st.sampled_from([0, 700, 5_000, 20_000, 59_999])),
        st.tuples(st.just("force stop"), SIDES, st.just(0)),
    ),
    min_size=5,
    max_size=20,
)


class Play:
    """Carries steps out on two teams' wallets; what is refused must have changed nothing."""

    def __init__(self, market: Market, wallets: tuple[Wallet, Wallet]) -> None:
        self.market, self.story, self.wallets = market, market.story, wallets
        self.deeds: dict[str, Callable[[int, int], Awaitable[object]]] = {
            "deposit": lambda side, amount: market.give(wallets[side].owner_id, amount),
            "credit": lambda side, amount: market.give(wallets[side].owner_id, amount, credit=True),
            "adjust": self.adjust,
            "withdraw": lambda side, amount: take_out(market, wallets[side], amount),
            "pay": lambda side, _: self.end_withdrawal(side, paid=True),
            "refuse": lambda side, _: self.end_withdrawal(side, paid=False),
            "refund": self.refund,
            "charge": lambda _, energy_wh: self.charge(energy_wh),
            "force stop": lambda _, __: self.force_stop(),
        }

    async def step(self, deed: str, side: int, amount: int) -> None:
        self.story.later(seconds=7)
        try:
            await self.deeds[deed](side, amount)
        except Refusal:
            return

    async def adjust(self, side: int, amount: int) -> None:
        giver, taker = self.wallets[side], self.wallets[1 - side]
        new = Adjustment(id=uuid4(), from_wallet_id=giver.id, to_wallet_id=taker.id, amount_minor=amount)
        await adjust(self.story.database, new, asked_by=self.story.viewer, now=self.story.now)

    async def end_withdrawal(self, side: int, *, paid: bool) -> None:
        rows = await self.story.rows(OLDEST, self.wallets[side].id)
        who: dict[str, Any] = {"asked_by": self.story.viewer, "now": self.story.now}
        for row in rows:
            if paid:
                await note_paid(self.story.database, row["movement_id"], **who)
            else:
                await refuse_withdrawal(self.story.database, row["movement_id"], reason="Closed", **who)

    async def refund(self, _: int, percent: int) -> None:
        rows = await self.story.rows("select max(id) as id from wallet_transaction where kind = 'charge'")
        await refund(
            self.story.database, rows[0]["id"] or 0, refund_id=uuid4(), percent=Decimal(percent), note="Sorry",
            asked_by=self.story.viewer, now=self.story.now,
        )  # fmt: skip

    async def charge(self, energy_wh: int) -> None:
        await self.market.deliver(await self.market.buy(price_limit_minor=3_000), energy_wh)

    async def force_stop(self) -> None:
        charge = await self.market.buy(price_limit_minor=500)
        await self.story.force_stop(charge)


@pytest.fixture
async def play(story: Story) -> Play:
    """A market in which two teams have bank accounts, and the platform takes its part of every sale."""
    market = await open_market(story)
    await market.take_fee(None, "10")
    wallets = [await purse(market, "team", team_id) for team_id in (story.team_id, story.neighbour_team_id)]
    for wallet in wallets:
        await add_bank(market, wallet)
    return Play(market, (wallets[0], wallets[1]))


@settings(
    max_examples=60, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(steps=STEPS)
async def test_any_sequence_leaves_wallets_above_their_limit_and_books_right(
    play: Play, steps: list[tuple[str, int, int]]
) -> None:
    for deed, side, amount in steps:
        await play.step(deed, side, amount)
    assert await play.story.rows(BELOW_LIMIT) == []
    assert await play.story.rows(NOT_ADDING_UP) == []
    assert await play.market.books_are_right()


OLDEST = "select movement_id from withdrawal where wallet_id = $1 and state = 'pending' order by movement_id limit 1"

BELOW_LIMIT = """
select w.id, a.owner_kind from wallet w
  join ledger_account a on a.id in (w.account_id, w.credit_account_id)
  join lateral (select sum(credits_posted - debits_posted - debits_pending) as free
                from ledger_balance where account_id = a.id) b on true
where b.free < -a.credit_limit_minor
"""

NOT_ADDING_UP = """
select w.id, b.posted, m.moved, b.pending, m.waiting from wallet w
  join lateral (select sum(credits_posted - debits_posted) as posted, sum(debits_pending) as pending
                from ledger_balance where account_id in (w.account_id, w.credit_account_id)) b on true
  join lateral (
    select coalesce(sum(case when to_wallet_id = w.id then to_amount_minor else -from_amount_minor end)
             filter (where state = 'complete'), 0) as moved,
           coalesce(sum(from_amount_minor) filter (where state <> 'complete' and from_wallet_id = w.id), 0) as waiting
    from wallet_transaction
    where (to_wallet_id = w.id or from_wallet_id = w.id) and state in ('complete', 'reserved', 'pending')) m on true
where b.posted <> m.moved or b.pending <> m.waiting
"""
