"""Operators: the tenants. A main operator may have sub-operators, whose things it sees as well."""

from datetime import datetime

from wattline.database.connection import Connection, Database
from wattline.domain.access import Viewer
from wattline.domain.refusals import AlreadyTaken, Unknown


async def create_operator(
    database: Database, name: str, *, identifier: str, parent_operator_id: int | None = None, now: datetime
) -> int:
    """Make an operator and return its id. `identifier` is its short unique name; EVSE ids begin with its letters.

    Raises AlreadyTaken when another operator has the identifier.
    """
    async with database.begin() as tx:
        operator_id: int | None = await tx.fetchval(
            """insert into operator (parent_operator_id, name, identifier, created_at) values ($1, $2, $3, $4)
               on conflict (identifier) do nothing returning id""",
            parent_operator_id, name, identifier, now,
        )  # fmt: skip
    if operator_id is None:
        raise AlreadyTaken(f"There is an operator with the identifier {identifier} already. Choose another.")
    return operator_id


async def viewer_of_operator(database: Database, operator_id: int, *, name: str) -> Viewer:
    """Make a viewer with every right in an operator and its sub-operators, for the command line and our own work."""
    async with database.read() as connection:
        return Viewer(name=name, operator_id=operator_id, operator_ids=await family(connection, operator_id))


async def family(connection: Connection, operator_id: int) -> tuple[int, ...]:
    """List an operator and its sub-operators, itself first. Raises Unknown when there is no such operator."""
    rows = await connection.fetch(
        "select id from operator where id = $1 or parent_operator_id = $1 order by id <> $1, id", operator_id
    )
    if not rows or rows[0]["id"] != operator_id:
        raise Unknown("operator", operator_id)
    return tuple(row["id"] for row in rows)
