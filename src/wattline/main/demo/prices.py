"""What charging costs in the demo, who takes fees, and whose money it is."""

from datetime import datetime
from decimal import Decimal

from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.fees import FeeKind
from wattline.domain.price_terms import GroupType, Pricing, PricingType
from wattline.main.demo.paper import Team
from wattline.main.demo.plan import TEAM_COUNTRIES
from wattline.operations.fee_rules import add_fee_rule
from wattline.operations.price_groups import PriceGroupDraft, create_price_group

PLATFORM_PERCENT, OPERATOR_PERCENT = Decimal(2), Decimal(3)


def _per_kwh(price: str) -> Pricing:
    return Pricing(type=PricingType.KWH, price=Decimal(price))


def _idle(price: str, *, after_minutes: int, at_most: str) -> Pricing:
    return Pricing(
        type=PricingType.IDLE, price=Decimal(price), after_minutes=after_minutes, fee_price_max=Decimal(at_most)
    )


# By place in TEAMS: what everybody pays, and what members do. The last team only drives.
PUBLIC = (
    ("Harbour price", _per_kwh("0.45"), (_idle("0.10", after_minutes=30, at_most="12"),)),
    ("Campus visitors", _per_kwh("0.39"), ()),
    ("Motorway", _per_kwh("0.69"), (_idle("0.20", after_minutes=45, at_most="20"),)),
)
MEMBERS = (("Parking members", "0.35"), ("Employees", "0.25"), None)


async def put_up_prices(database: Database, teams: list[Team], viewer: Viewer, *, now: datetime) -> None:
    """Give every team that owns charge points its prices, and let platform and operator take their parts."""
    for team, country_id in zip(teams, TEAM_COUNTRIES, strict=True):
        async with database.begin() as tx:
            await tx.execute("update team set country_id = $2 where id = $1", team.id, country_id)
    for team, (name, master, fees), members in zip(teams, PUBLIC, MEMBERS, strict=False):
        public = PriceGroupDraft(team_id=team.id, name=name, type=GroupType.PUBLIC, master=master, fees=fees)
        await create_price_group(database, public, asked_by=viewer, now=now)
        if members:
            member = PriceGroupDraft(
                team_id=team.id, name=members[0], type=GroupType.MEMBER, master=_per_kwh(members[1])
            )
            await create_price_group(database, member, asked_by=viewer, now=now)
    for operator_id, percent in ((None, PLATFORM_PERCENT), (viewer.operator_id, OPERATOR_PERCENT)):
        await add_fee_rule(
            database, operator_id=operator_id, kind=FeeKind.PERCENT, value=percent, asked_by=viewer, now=now
        )
