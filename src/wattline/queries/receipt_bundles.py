"""The receipts of a wallet's period, as far as they are made."""

from collections.abc import Sequence

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer


async def bundles_of(connection: Connection, viewer: Viewer) -> list[Record]:
    """List what was ordered for the viewer's wallets, the newest first, with how far it has come."""
    return await connection.fetch(LIST, list(viewer.operator_ids))


async def charges_in(connection: Connection, bundle_id: int) -> Sequence[int]:
    """List the charges of a bundle that is ready, in their order; none when there is no such bundle any more."""
    rows = await connection.fetch(CHARGES, bundle_id)
    return [row["charge_id"] for row in rows]


async def part_of(connection: Connection, bundle_id: int, charge_id: int) -> Record:
    """Return one receipt of a bundle: `name` and `content`."""
    row = await connection.fetchrow(
        "select name, content from receipt_bundle_part where bundle_id = $1 and charge_id = $2", bundle_id, charge_id
    )
    assert row is not None
    return row


LIST = """
select id, wallet_id, from_at, until_at, to_address, made, receipts, bytes, ready_at, trouble
from receipt_bundle where operator_id = any($1) order by id desc limit 100
"""

CHARGES = """
select p.charge_id from receipt_bundle b join receipt_bundle_part p on p.bundle_id = b.id
where b.id = $1 and b.ready_at is not null order by p.charge_id
"""
