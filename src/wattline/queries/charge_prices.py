"""The prices of charges that were settled."""

import msgspec

from wattline.database.connection import Connection
from wattline.domain.price import PricedCharge


async def settled_price(connection: Connection, charge_id: int) -> PricedCharge | None:
    """Return the price of a charge with its lines; None until it is settled, and when nobody paid for it."""
    priced = await connection.fetchval("select priced from charge_payment where charge_id = $1", charge_id)
    return None if priced is None else msgspec.convert(priced, PricedCharge)
