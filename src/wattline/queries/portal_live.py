"""Facts as live pages hear them."""

from dataclasses import dataclass

from wattline.database.connection import Connection

# Ids are given before commit, so a fact may turn up behind a later one; this far back is looked at again.
LOOK_BACK = 500
FACTS_MAX = 5000


@dataclass(frozen=True, slots=True)
class HeardFact:
    """A fact, as far as it tells which pages to refresh."""

    id: int
    kind: str
    entity_type: str
    entity_id: str
    operator_ids: tuple[int, ...]
    charge_point_id: int | None


async def newest_fact(connection: Connection) -> int:
    """Return the id of the newest fact, 0 when there is none."""
    return int(await connection.fetchval("select coalesce(max(id), 0) from fact"))


async def facts_around(connection: Connection, after: int) -> list[HeardFact]:
    """List facts newer than `after`, and those a little older that may have been committed late."""
    rows = await connection.fetch(
        """
        select id, kind, entity_type, entity_id, operator_ids, charge_point_id from fact where id > $1
        order by id limit $2
        """,
        after - LOOK_BACK, FACTS_MAX,
    )  # fmt: skip
    return [HeardFact(**(dict(row) | {"operator_ids": tuple(row["operator_ids"])})) for row in rows]
