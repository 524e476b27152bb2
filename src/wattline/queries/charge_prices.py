"""The prices of charges that were settled."""

from collections.abc import Mapping, Sequence

import msgspec

from wattline.database.connection import Connection
from wattline.domain.price import PricedCharge


async def settled_price(connection: Connection, charge_id: int) -> PricedCharge | None:
    """Return the price of a charge with its lines; None until it is settled, and when nobody paid for it."""
    return (await settled_prices(connection, [charge_id])).get(charge_id)


async def settled_prices(connection: Connection, charge_ids: Sequence[int]) -> Mapping[int, PricedCharge]:
    """Return the prices of those charges that are settled."""
    rows = await connection.fetch(
        "select charge_id, priced from charge_payment where charge_id = any($1) and priced is not null", charge_ids
    )
    return {row["charge_id"]: msgspec.convert(row["priced"], PricedCharge) for row in rows}
