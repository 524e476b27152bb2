"""The receipts of a wallet's period, as far as they are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleLine:
    """One order: `made` of `receipts` are done; it can be fetched once it has `ready_at`."""

    id: int
    from_at: datetime
    until_at: datetime
    to_address: str
    made: int
    receipts: int
    bytes: int
    created_at: datetime
    ready_at: datetime | None
    trouble: str | None


async def bundles_of_wallet(connection: Connection, wallet_id: int) -> Sequence[BundleLine]:
    """List what was ordered for one wallet, the newest first; the caller has checked who may see it."""
    return [BundleLine(**dict(row)) for row in await connection.fetch(OF_WALLET, wallet_id)]


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

# An operator has few of them: they are forgotten two weeks after they are ready.
OF_WALLET = """
select b.id, b.from_at, b.until_at, b.to_address, b.made, b.receipts, b.bytes, b.created_at, b.ready_at, b.trouble
from wallet w join receipt_bundle b on b.operator_id = w.operator_id and b.wallet_id = w.id
where w.id = $1 order by b.id desc limit 20
"""

CHARGES = """
select p.charge_id from receipt_bundle b join receipt_bundle_part p on p.bundle_id = b.id
where b.id = $1 and b.ready_at is not null order by p.charge_id
"""
