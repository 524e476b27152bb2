"""Money in the story of the Portal: a price at its charge points, and a team with a full wallet that pays it."""

from dataclasses import dataclass, field
from typing import Any

from tests.doors.portal_door import Clock
from tests.doors.portal_story import Network
from tests.operations.market import Market, open_market
from tests.operations.story import Box, Story
from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.charge_record import Charge

BOX = "KOL-0005"


@dataclass(slots=True)
class PortalMarket:
    """The market, and the clock of the pages that goes with it. The price is 0.50 EUR per kWh."""

    market: Market
    network: Network
    clock: Clock
    buyer_team_id: int
    transactions: dict[int, int] = field(default_factory=dict)

    @property
    def price_group_id(self) -> int:
        return self.market.price_group_id

    async def start(self, **wishes: Any) -> Charge:
        """Let the buyers' team start a charge that begins at once."""
        charge = await self.market.buy(**wishes)
        answer = await self.market.story.begin(charge.id_tag, meter_wh=1_000)
        self.transactions[charge.id] = answer.ocpp_transaction_id
        return charge

    async def take(self, charge: Charge, *, energy_wh: int, minutes: int = 30) -> None:
        """Let energy flow for a while."""
        self.later(minutes=minutes)
        await self.market.story.measure(1_000 + energy_wh, self.transactions[charge.id])

    async def sell(self, *, energy_wh: int) -> Charge:
        """Let a charge begin, end and be paid."""
        charge = await self.market.buy()
        await self.market.deliver(charge, energy_wh)
        self.clock.now = self.market.story.now
        return charge

    async def take_fee(self, percent: str) -> None:
        """Let the operator take a part of every sale."""
        await self.market.take_fee(self.network.operator_id, percent)

    def later(self, **length: float) -> None:
        """Let time pass."""
        self.market.story.later(**length)
        self.clock.now = self.market.story.now

    async def rows(self, sql: str, *values: object) -> list[Any]:
        """Look into the tables."""
        return await self.market.story.rows(sql, *values)


async def open_portal_market(
    database: Database, network: Network, clock: Clock, *, funds_minor: int = 10_000
) -> PortalMarket:
    """Open the market at a charge point where no charge runs."""
    async with database.begin() as tx:
        buyer_team_id: int = await tx.fetchval(
            """insert into team (operator_id, name, type, join_code, created_at, updated_at)
               values ($1, 'Delivery team', 'professional', 'delivery', $2, $2) returning id""",
            network.operator_id, network.now,
        )  # fmt: skip
    viewer = Viewer(name="the story", operator_id=network.operator_id, operator_ids=(network.operator_id,))
    box = Box(network.boxes[BOX], {number: network.connectors[BOX, number] for number in (1, 2)})
    story = Story(database, viewer, network.team_id, buyer_team_id, box, now=network.now)
    await story.connect()
    return PortalMarket(await open_market(story, funds_minor=funds_minor), network, clock, buyer_team_id)
