"""A stage for stories about payments: an operator, providers, a cashier, and a clock that the story moves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.operations.story import SeededChance
from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.payment import Payment
from wattline.domain.payment_provider import PaymentProvider
from wattline.operations import payments, reference_data
from wattline.operations.operators import create_operator, viewer_of_operator
from wattline.operations.payment_rows import load
from wattline.payments.cashier import Cashier

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

NEXT_THING = """
select least(
    (select min(next_try_at) from payment_call where settled_at is null),
    (select min(look_at) from payment where look_at is not null))
"""


@dataclass
class Till:
    """What a payment story says."""

    database: Database
    viewer: Viewer
    now: datetime = NOON
    chance: SeededChance = field(default_factory=lambda: SeededChance(5))
    providers: Mapping[str, PaymentProvider] = field(default_factory=dict)

    def clock(self) -> datetime:
        return self.now

    def cashier(self) -> Cashier:
        """A cashier as a worker that has just started has one."""
        return Cashier(self.database, self.providers, clock=self.clock)

    async def hold(self, amount_minor: int = 5_000, **wishes: Any) -> Payment:
        """Ask for a hold."""
        wanted: dict[str, Any] = {
            "key": self.chance.uuid(),
            "operator_id": self.viewer.operator_id,
            "currency": "eur",
            "method": "sandbox-pays",
            "provider": next(iter(self.providers)),
        }
        new = payments.NewPayment(amount_minor=amount_minor, **wanted | wishes)
        return await payments.ask_for_hold(self.database, new, asked_by=self.viewer, now=self.now)

    async def capture(self, payment: Payment, amount_minor: int) -> Payment:
        return await payments.capture(self.database, payment.id, amount_minor, asked_by=self.viewer, now=self.now)

    async def cancel(self, payment: Payment) -> Payment:
        return await payments.cancel(self.database, payment.id, asked_by=self.viewer, now=self.now)

    async def refund(self, payment: Payment, amount_minor: int) -> Payment:
        return await payments.refund(self.database, payment.id, amount_minor, asked_by=self.viewer, now=self.now)

    async def step(self) -> None:
        """Let the worker carry out what is due."""
        await self.cashier().step()

    async def look(self, payment: Payment) -> Payment:
        """Read a payment as it is now."""
        async with self.database.read() as connection:
            return await load(connection, payment.id)

    async def all(self, sql: str, *values: object) -> list[dict[str, Any]]:
        async with self.database.read() as connection:
            return [dict(row) for row in await connection.fetch(sql, *values)]

    async def to_next_thing(self, *, at_least: timedelta = timedelta(seconds=1)) -> None:
        """Let time pass until something is due."""
        (row,) = await self.all(NEXT_THING)
        self.now = max(row["least"] or self.now, self.now + at_least)


async def open_till(database: Database) -> Till:
    """Make the stage, without providers yet."""
    await reference_data.seed(database, now=NOON)
    operator_id = await create_operator(database, "Havnelys", identifier="havnelys", now=NOON)
    return Till(database, await viewer_of_operator(database, operator_id, name="Operations manager"))
