"""A stage for stories about money: a price at our charge points, a neighbour with a full wallet, and what all have."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from tests.operations.story import Story
from wattline.domain.charge_record import Charge
from wattline.domain.fees import FeeKind
from wattline.domain.price_terms import GroupType, Pricing, PricingType
from wattline.operations import running_costs
from wattline.operations.deposits import Deposit, deposit
from wattline.operations.fee_rules import add_fee_rule
from wattline.operations.ledger_verify import verify
from wattline.operations.price_groups import PriceGroupDraft, create_price_group

# The story's owner team is in no country: there is no VAT unless a test says so.
PER_KWH = Decimal("0.50")


@dataclass(slots=True)
class Market:
    """A story with money. Amounts are cents."""

    story: Story
    price_group_id: int

    async def buy(self, **wishes: Any) -> Charge:
        """Let the neighbour's team ask for a charge that it pays."""
        return await self.story.ask(**{"paying_team_id": self.story.neighbour_team_id, **wishes})

    async def deliver(self, charge: Charge, energy_wh: int, *, minutes: int = 60) -> Charge:
        """Let a charge begin, take energy and end, with the cable pulled."""
        answer = await self.story.begin(charge.id_tag, meter_wh=1_000)
        await self.story.measure(1_000, answer.ocpp_transaction_id)
        self.story.later(minutes=minutes)
        await self.story.end(answer.ocpp_transaction_id, 1_000 + energy_wh)
        await self.story.status("Available", connector=charge.connector_number or 1)
        return await self.story.charge(charge)

    async def look(self) -> None:
        """Let the worker look at running costs."""
        while await running_costs.look_at_due(self.story.database, now=self.story.now):
            pass

    async def give(self, team_id: int, amount_minor: int, *, credit: bool = False) -> None:
        new = Deposit(id=uuid4(), amount_minor=amount_minor, currency="eur", credit=credit)
        await deposit(self.story.database, "team", team_id, new, asked_by=self.story.viewer, now=self.story.now)

    async def take_fee(self, operator_id: int | None, percent: str) -> None:
        await add_fee_rule(
            self.story.database, operator_id=operator_id, kind=FeeKind.PERCENT, value=Decimal(percent),
            asked_by=self.story.viewer, now=self.story.now,
        )  # fmt: skip

    async def has(self, kind: str, key: object) -> int:
        """Tell what is posted on an account: money for the owner of a purse, negative what somebody owes."""
        rows = await self.story.rows(BALANCE, kind, str(key))
        return int(rows[0]["posted"] or 0)

    async def held(self, kind: str, key: object) -> int:
        rows = await self.story.rows(BALANCE, kind, str(key))
        return int(rows[0]["pending"] or 0)

    async def movements(self) -> list[tuple[str, str, int]]:
        """List what people read on wallets: kind, state and amount."""
        rows = await self.story.rows("select kind, state, from_amount_minor from wallet_transaction order by id")
        return [tuple(row) for row in rows if row["kind"] not in ("deposit", "credit")]

    async def books_are_right(self) -> bool:
        return not (await verify(self.story.database)).wrong


async def open_market(story: Story, *, funds_minor: int = 10_000, **draft: Any) -> Market:
    """Put up a price of 0.50 per kWh and fill the neighbour's wallet."""
    wanted = {
        "team_id": story.team_id,
        "name": "Everybody",
        "type": GroupType.PUBLIC,
        "master": Pricing(type=PricingType.KWH, price=PER_KWH),
        **draft,
    }
    group_id = await create_price_group(story.database, PriceGroupDraft(**wanted), asked_by=story.viewer, now=story.now)
    await story.rows("update connector set price_group_id = $1", group_id)
    market = Market(story, group_id)
    if funds_minor:
        await market.give(story.neighbour_team_id, funds_minor)
    return market


BALANCE = """
select sum(b.credits_posted - b.debits_posted) as posted, sum(b.debits_pending) as pending
from ledger_account a join ledger_balance b on b.account_id = a.id where a.owner_kind = $1 and a.owner_key = $2
"""
