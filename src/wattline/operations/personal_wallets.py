"""Everybody's own wallet: there from the first time somebody looks for it."""

from datetime import datetime

from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.operations.wallets import wallet_of

# The currency of the operator's first team: where people charge.
HOME = """
select u.id, coalesce((select currency from team where operator_id = u.operator_id order by id limit 1), 'eur')
  as currency
from users u where u.id = $1
"""


async def own_wallet(database: Database, *, asked_by: Viewer, now: datetime) -> int:
    """Return the id of a person's wallet, which opens if there is none yet."""
    async with database.begin() as tx:
        found: int | None = await tx.fetchval(
            "select id from wallet where owner_type = 'user' and owner_id = $1 order by id limit 1", asked_by.user_id
        )
        if found is not None:
            return found
        row = await tx.fetchrow(HOME, asked_by.user_id)
        assert row is not None
        return (await wallet_of(tx, "user", row["id"], row["currency"], now=now)).id
