"""The prices of charges that were settled, and what charges cost their owners."""

from collections.abc import Mapping, Sequence

import msgspec

from wattline.database.connection import Connection
from wattline.domain.price import PricedCharge


async def settled_price(connection: Connection, charge_id: int) -> PricedCharge | None:
    """Return the price of a charge with its lines; None until it is settled, and when nobody paid for it."""
    return (await settled_prices(connection, [charge_id])).get(charge_id)


async def settled_prices(connection: Connection, charge_ids: Sequence[int]) -> Mapping[int, PricedCharge]:
    """Return the prices of those charges that are settled."""
    return await _priced(connection, "charge_payment", charge_ids)


async def settled_costs(connection: Connection, charge_ids: Sequence[int]) -> Mapping[int, PricedCharge]:
    """Return what those charges cost their owners of which it is known. It is for the owner's eyes."""
    return await _priced(connection, "charge_cost", charge_ids)


async def _priced(connection: Connection, table: str, charge_ids: Sequence[int]) -> Mapping[int, PricedCharge]:
    if not charge_ids:
        return {}
    rows = await connection.fetch(
        f"select charge_id, priced from {table} where charge_id = any($1) and priced is not null", charge_ids
    )
    return {row["charge_id"]: msgspec.convert(row["priced"], PricedCharge) for row in rows}
