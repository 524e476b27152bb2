"""Operators and their sub-operators, for whoever runs the server."""

from collections.abc import Sequence
from dataclasses import dataclass

from wattline.database.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorLine:
    """An operator, the name of the one it belongs to, and how much it has."""

    id: int
    name: str
    identifier: str
    parent: str | None
    teams: int
    charge_points: int


async def operator_tree(connection: Connection) -> Sequence[OperatorLine]:
    """List all operators, each with its sub-operators after it. The command line alone may ask: nobody owns all."""
    return [OperatorLine(**row) for row in await connection.fetch(TREE)]


TREE = """
select o.id, o.name, o.identifier, p.name as parent,
  (select count(*) from team t where t.operator_id = o.id and t.deleted_at is null) as teams,
  (select count(*) from connector k where k.operator_id = o.id and k.deleted_at is null) as charge_points
from operator o left join operator p on p.id = o.parent_operator_id
order by coalesce(p.name, o.name), coalesce(p.id, o.id), p.id is not null, o.name, o.id
"""
