"""Whatever people, boxes, prices and time do, in whatever order: the books are right and every charge is paid once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from tests.operations.market import open_market
from tests.operations.test_whatever_happens import HURRIED, World, connectors, picks
from wattline.domain.fees import FeeKind
from wattline.domain.member import WalletUse
from wattline.domain.price_terms import GroupType, Pricing, PricingType
from wattline.operations import ledger
from wattline.operations.deposits import Deposit, deposit
from wattline.operations.fee_rules import add_fee_rule
from wattline.operations.ledger_verify import verify
from wattline.operations.members import NewMember, add_member
from wattline.operations.price_groups import PriceGroupDraft, create_price_group
from wattline.operations.refunds import Adjustment, adjust, refund

TEAM_KEY, GUEST_KEY, COLLEAGUE_KEY = "04AA0001", "04AA0002", "04AA0003"
NEIGHBOURS_KEYS = (TEAM_KEY, GUEST_KEY, COLLEAGUE_KEY)
AMOUNTS = st.sampled_from((1, 333, 5_000, 40_000))


class Fair(World):
    """A world in which everything costs something."""

    @initialize()
    def set_the_stage(self) -> None:
        super().set_the_stage()
        self.run(self.open_the_market())
        self.run(self.story.facts())

    async def open_the_market(self) -> None:
        story = self.story
        await story.rows("insert into country (id, name, alpha2_code, sanctioned) values (194, 'Denmark', 'DK', false)")
        await story.rows("update team set country_id = 194 where id = $1", story.team_id)
        self.market = await open_market(story, funds_minor=12_000, fees=MANY_FEES)
        self.groups = [self.market.price_group_id]
        for name, draft in OTHER_GROUPS.items():
            wanted = PriceGroupDraft(**{"team_id": story.team_id, "name": name, "type": GroupType.PUBLIC, **draft})
            self.groups.append(await create_price_group(story.database, wanted, asked_by=story.viewer, now=story.now))
        await self.settle_above()
        await self.let_neighbours_in()

    async def settle_above(self) -> None:
        """Put an operator above ours, and let everybody take their part."""
        story = self.story
        [above] = await story.rows(
            "insert into operator (name, identifier, created_at) values ('Above', 'ABV', $1) returning id", story.now
        )
        operator_id = story.viewer.operator_id
        await story.rows("update operator set parent_operator_id = $2 where id = $1", operator_id, above["id"])
        for taker, kind, value in (
            (None, FeeKind.PERCENT, "2.5"),
            (operator_id, FeeKind.PER_KWH, "0.07"),
            (above["id"], FeeKind.PERCENT, "1"),
        ):
            await add_fee_rule(
                story.database, operator_id=taker, kind=kind, value=Decimal(value), currency="eur",
                asked_by=story.viewer, now=story.now,
            )  # fmt: skip

    async def let_neighbours_in(self) -> None:
        """Give the neighbours' team a key, and two people of it one each: only the colleague may use its wallet."""
        story = self.story
        await story.add_key(TEAM_KEY, team_id=story.neighbour_team_id)
        for key, wallet_use in ((GUEST_KEY, "none"), (COLLEAGUE_KEY, "all")):
            [user] = await story.rows(ADD_USER, story.viewer.operator_id, key, story.now)
            user_id = user["id"]
            member = NewMember(
                team_id=story.neighbour_team_id, user_id=user_id, can_pay_with_team_wallet=wallet_use == "all",
                wallet_use=WalletUse(wallet_use),
            )  # fmt: skip
            await add_member(story.database, member, asked_by=story.viewer, now=story.now)
            await story.add_key(key, team_id=story.neighbour_team_id, user_id=user_id)
            await deposit(story.database, "user", user_id, _gift(900), asked_by=story.viewer, now=story.now)

    # What costs money ----------------------------------------------------------------------------------------

    @rule(
        connector=connectors,
        group=st.none() | picks,
        limit=st.none() | st.sampled_from((1, 700, 9_000)),
        energy_wh=st.none() | st.just(4_000),
        reserve=st.booleans(),
        terminal=st.booleans(),
    )
    def somebody_buys(
        self, connector: int, group: int | None, limit: int | None, energy_wh: int | None, reserve: bool, terminal: bool
    ) -> None:
        who: dict[str, Any] = {"payment_session": {"provider": "windcave"}} if terminal else {}
        who.setdefault("paying_team_id", self.story.team_id if terminal else self.story.neighbour_team_id)
        group_id = None if group is None else self.groups[group % len(self.groups)]
        wishes = {"price_group_id": group_id, "price_limit_minor": limit, "energy_limit_wh": energy_wh}
        self.refusable(self.story.ask(connector, reserve=reserve, **wishes, **who))

    @rule(connector=connectors, key=st.sampled_from(NEIGHBOURS_KEYS), meter_wh=st.sampled_from((0, 50_000)))
    def a_neighbour_taps(self, connector: int, key: str, meter_wh: int) -> None:
        self.begin(key, connector, meter_wh)

    @rule(pick=picks, gain=st.sampled_from((0, 5_000, 30_000)))
    def a_car_takes_much(self, pick: int, gain: int) -> None:
        if self.sessions:
            session = self.sessions[-1 - pick % len(self.sessions)]
            self.run(self.story.after(minutes=45))
            session.wh += gain
            self.run(self.story.measure(session.wh, session.id, connector=session.connector))

    @rule(connector=connectors, key=st.sampled_from(NEIGHBOURS_KEYS), energy_wh=st.sampled_from((0, 700, 90_000)))
    def the_box_tells_a_sale_of_long_ago(self, connector: int, key: str, energy_wh: int) -> None:
        self.story.later(hours=9)
        began_at = self.story.now.replace(minute=0) - 8 * HOUR
        answer = self.run(self.story.begin(key, connector=connector, meter_wh=0, at=began_at))
        self.run(self.story.end(answer.ocpp_transaction_id, energy_wh, at=began_at + 2 * HOUR))

    # Money by hand -------------------------------------------------------------------------------------------

    @rule(amount_minor=AMOUNTS, credit=st.booleans())
    def money_comes_in(self, amount_minor: int, credit: bool) -> None:
        self.refusable(self.market.give(self.story.neighbour_team_id, amount_minor, credit=credit))

    @rule(pick=picks, percent=st.sampled_from(("0.01", "33.33", "50", "100")), twice=st.booleans())
    def somebody_gives_back(self, pick: int, percent: str, twice: bool) -> None:
        rows = self.run(self.story.rows("select id from wallet_transaction where state = 'complete' order by id"))
        refund_id = uuid4()
        for _ in range(1 + twice):
            self.refusable(
                refund(
                    self.database, rows[-1 - pick % len(rows)]["id"], refund_id=refund_id, percent=Decimal(percent),
                    note="Sorry", asked_by=self.story.viewer, now=self.story.now,
                )
            )  # fmt: skip

    @rule(giver=picks, taker=picks, amount_minor=AMOUNTS)
    def the_operator_moves_money(self, giver: int, taker: int, amount_minor: int) -> None:
        wallets = self.run(self.story.rows("select id from wallet where owner_type <> 'operator' order by id"))
        between = [wallets[each % len(wallets)]["id"] for each in (giver, taker)]
        new = Adjustment(id=uuid4(), from_wallet_id=between[0], to_wallet_id=between[1], amount_minor=amount_minor)
        self.refusable(adjust(self.database, new, asked_by=self.story.viewer, now=self.story.now))

    @rule(neighbours=st.booleans(), method=st.sampled_from(("source", "invoice")), limit=st.sampled_from((0, 8_000)))
    def a_team_pays_otherwise_from_now_on(self, neighbours: bool, method: str, limit: int) -> None:
        team_id = self.story.neighbour_team_id if neighbours else self.story.team_id
        change = "update team set payment_method = $2, credit_limit_minor = $3 where id = $1"
        self.run(self.story.rows(change, team_id, method, limit))

    @rule(price=st.sampled_from(("0.01", "0.45", "3")))
    def prices_change(self, price: str) -> None:
        self.run(self.story.rows("update pricing set price = $1 where type = 'kwh' and price > 0", Decimal(price)))

    # The worker ----------------------------------------------------------------------------------------------

    @rule()
    def the_worker_looks_at_costs(self) -> None:
        self.run(self.market.look())

    @rule(days=st.sampled_from((0, 3, 8)))
    def holds_run_out(self, days: int) -> None:
        self.run(self.story.after(days=days))
        self.run(ledger.expire_due(self.database, now=self.story.now))

    # Laws ----------------------------------------------------------------------------------------------------

    @invariant()
    def the_laws_of_money_hold(self) -> None:
        if hasattr(self, "market"):
            self.run(self.look_into_the_books())

    async def look_into_the_books(self) -> None:
        assert (await verify(self.database)).wrong == ()
        assert [dict(row) for row in await self.story.rows(BELOW_LIMIT)] == []
        assert [dict(row) for row in await self.story.rows(PAID_WRONGLY, self.story.now)] == []
        assert [dict(row) for row in await self.story.rows(MOVED_WRONGLY)] == []

    def let_everything_end(self) -> None:
        super().let_everything_end()
        if hasattr(self, "market"):
            self.run(ledger.expire_due(self.database, now=self.story.now))
            self.run(self.market.look())
            self.run(self.look_into_the_books())
            assert self.run(self.story.rows("select * from ledger_open_hold")) == []
            assert self.run(self.story.rows("select * from wallet_transaction where state = 'reserved'")) == []


def _gift(amount_minor: int) -> Deposit:
    return Deposit(id=uuid4(), amount_minor=amount_minor, currency="eur")


HOUR = timedelta(hours=1)
MANY_FEES = (
    Pricing(type=PricingType.STARTING, price=Decimal("0.35")),
    Pricing(type=PricingType.MINUTE, price=Decimal("0.01"), after_minutes=120, fee_price_max=Decimal(20)),
    Pricing(type=PricingType.IDLE, price=Decimal("0.10"), after_minutes=15, fee_price_max=Decimal(12)),
)
OTHER_GROUPS: dict[str, dict[str, Any]] = {
    "Free": {"master": Pricing(type=PricingType.KWH, price=Decimal(0))},
    "At least": {"master": Pricing(type=PricingType.KWH, price=Decimal("0.10")), "minimum_minor": 6_000},
    "At most": {"master": Pricing(type=PricingType.KWH, price=Decimal("0.80")), "maximum_minor": 1_500},
    "By the minute": {"master": Pricing(type=PricingType.MIN, price=Decimal("0.05"))},
}

ADD_USER = """
insert into users (operator_id, email, email_key, display_name, password_hash, role, locale, time_zone, created_at,
  updated_at)
values ($1, $2, $2, $2, '', 'Driver', 'en', 'Europe/Copenhagen', $3, $3) returning id
"""

BELOW_LIMIT = """
select account.owner_kind, account.owner_key, account.credit_limit_minor, sum(b.credits_posted) as credits,
  sum(b.debits_posted) as debits, sum(b.debits_pending) as pending
from ledger_account account join ledger_balance b on b.account_id = account.id
where account.debits_must_not_exceed_credits
group by account.id
having sum(b.debits_pending + b.debits_posted) > sum(b.credits_posted) + account.credit_limit_minor
"""

# Charges whose payment is not what it has to be: paid or let go exactly once, and the same amount everywhere.
PAID_WRONGLY = """
with paid as (
  select p.charge_id, p.state, p.gross_minor, p.owed_minor, p.payer_kind, p.hold_minors, c.price_minor, c.completed_at,
    (select count(*) from ledger_transfer t where t.pending_id = any(p.hold_ids)) as holds_ended,
    (select count(*) from ledger_open_hold h where h.transfer_id = any(p.hold_ids) and h.expires_at > $1)
      as holds_open,
    (select coalesce(sum(t.amount_minor), 0) from ledger_transfer t where t.pending_id = any(p.hold_ids)
       and t.kind = 'post') as posted,
    (select coalesce(sum(t.amount_minor), 0) from ledger_transfer t where t.reference = 'charge:' || p.charge_id
       and t.code = 11 and t.kind = 'plain') as debt,
    array(select (m.state, m.from_amount_minor)::text from wallet_transaction m
      where m.reference_type = 'CHARGE' and m.reference_id = p.charge_id::text and m.kind = 'charge') as moved
  from charge_payment p join charge c on c.id = p.charge_id
)
select * from paid where not case
  when completed_at is null then state in ('none', 'held')
  when state = 'settled' and payer_kind = 'free' then gross_minor = 0 and price_minor = 0 and moved = '{}'
  when state = 'settled' and gross_minor = 0 then price_minor = 0 and posted = 0 and debt = 0 and holds_open = 0
    and moved <@ array['(failed,' || (select coalesce(sum(m), 0) from unnest(hold_minors) m) || ')']
  when state = 'settled' then gross_minor = price_minor and posted + debt = gross_minor and debt = owed_minor
    and holds_open = 0 and holds_ended <= cardinality(hold_minors)
    and moved = array['(complete,' || gross_minor || ')']
  when state = 'voided' then price_minor = 0 and posted = 0 and debt = 0 and holds_open = 0
    and not exists (select from unnest(moved) m where m not like '(failed,%')
  else false
end
"""

# Wallets on which people read another sum than stands in the ledger: money, credit, and what is owed.
MOVED_WRONGLY = """
with wallets as (
  select w.id, w.owner_type, w.owner_id,
    (select coalesce(sum(to_amount_minor), 0) from wallet_transaction where to_wallet_id = w.id
       and state = 'complete')
    - (select coalesce(sum(from_amount_minor), 0) from wallet_transaction where from_wallet_id = w.id
       and state = 'complete') as moved,
    (select coalesce(sum(b.credits_posted - b.debits_posted), 0)
     from ledger_account a join ledger_balance b on b.account_id = a.id
     where a.id in (w.account_id, w.credit_account_id) or a.currency = w.currency and a.owner_kind = 'receivable'
       and a.owner_key = w.owner_type || ':' || w.owner_id) as booked
  from wallet w
)
select * from wallets where moved <> booked
"""


def fair_on(server_url: str, template: str) -> type[Fair]:
    """Make a Fair that lives in databases of this server, each a copy of the template."""

    class Here(Fair):
        def __init__(self) -> None:
            super().__init__(server_url, template)

    return Here


def test_whatever_happens_the_laws_of_money_hold(postgres_url: str, template_name: str) -> None:
    run_state_machine_as_test(fair_on(postgres_url, template_name), settings=HURRIED)


@pytest.mark.long
def test_whatever_happens_for_a_long_time_the_laws_of_money_hold(postgres_url: str, template_name: str) -> None:
    patient = settings(HURRIED, max_examples=150, stateful_step_count=60)
    run_state_machine_as_test(fair_on(postgres_url, template_name), settings=patient)
