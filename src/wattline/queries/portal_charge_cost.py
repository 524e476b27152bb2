"""What a charge cost its owner, for the owner's eyes."""

from dataclasses import dataclass

import msgspec

from wattline.database.connection import Connection
from wattline.domain.price import PricedCharge


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeCost:
    """The cost by a cost group. `priced` None: a price of the market is not known yet. `fees_minor` without VAT."""

    price_group_id: int
    group: str
    priced: PricedCharge | None
    fees_minor: int


async def cost_of_charge(connection: Connection, charge_id: int) -> ChargeCost | None:
    """Read what a charge cost; None when no cost group counted. The caller has checked that it is the viewer's own."""
    row = await connection.fetchrow(COST, charge_id, str(charge_id))
    if row is None:
        return None
    priced = None if row["priced"] is None else msgspec.convert(row["priced"], PricedCharge)
    return ChargeCost(
        price_group_id=row["price_group_id"], group=row["group"], priced=priced, fees_minor=row["fees_minor"]
    )


COST = """
select price_group_id, terms ->> 'name' as "group", priced,
  (select coalesce(sum(from_amount_minor - from_vat_minor), 0)::bigint from wallet_transaction
   where reference_type = 'CHARGE' and reference_id = $2 and kind like 'charge-%fee-%') as fees_minor
from charge_cost where charge_id = $1
"""
