"""Working with fewer rights than the database's owner: what was booked cannot be changed or deleted (decision 0010)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wattline.database.connection import Connection, Transaction

WORKER = "wattline_app"

# A role from another day, without the rights that the migration grants, would lock us out: then we stay who we are.
# PostgreSQL 16 tells apart who may become a role from who is merely counted to it.
STEP_DOWN = """
select set_config('role', rolname, false) from pg_roles
where rolname = $1 and has_table_privilege(oid, to_regclass('ledger_journal')::oid, 'insert')
  and pg_has_role(oid, case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end)
"""


async def step_down(connection: "Connection") -> None:
    """Work as wattline_app from here on, where there is such a role that we may become."""
    await connection.execute(STEP_DOWN, WORKER)


async def as_owner(tx: "Transaction") -> None:
    """Have the owner's rights until the end of this transaction, to make or drop tables."""
    await tx.execute("set local role none")
