"""Alert groups as the Portal shows them."""

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown

# A group of the whole operator is nothing for people of one team.
SEEN = """
g.operator_id = any($1) and g.deleted_at is null and ($2::bigint[] is null or g.team_id = any($2))
"""

GROUPS_SHOWN = 200
CALLS_SHOWN = 10


async def list_groups(connection: Connection, viewer: Viewer) -> list[Record]:
    """List the groups somebody may see, with how many problems each was told of that still last."""
    return list(await connection.fetch(
        f"""
        select g.*, t.name as team,
          (select count(*) from alert_notice n join problem p on p.id = n.problem_id
            where n.alert_group_id = g.id and n.recovery_told_at is null and p.closed_at is null) as lasting
        from alert_group g left join team t on t.id = g.team_id where {SEEN} order by lower(g.name), g.id limit $3
        """,
        viewer.operator_ids, viewer.team_ids, GROUPS_SHOWN,
    ))  # fmt: skip


async def group_page(connection: Connection, viewer: Viewer, group_id: int) -> Record:
    """Load one group. Raises Unknown."""
    row = await connection.fetchrow(
        f"""select g.*, t.name as team from alert_group g left join team t on t.id = g.team_id
            where {SEEN} and g.id = $3""",
        viewer.operator_ids, viewer.team_ids, group_id,
    )  # fmt: skip
    if row is None:
        raise Unknown("alert group", group_id)
    return row


async def calls_of(connection: Connection, group_id: int) -> list[Record]:
    """List what a group's webhook was told, the newest first. The caller has checked who may see it."""
    return list(await connection.fetch(
        """select created_at, due_at, ended_at, attempts, failure from alert_call where alert_group_id = $1
           order by id desc limit $2""",
        group_id, CALLS_SHOWN,
    ))  # fmt: skip


async def heals_itself(connection: Connection, operator_id: int) -> bool:
    """Tell whether an operator's stuck charge points are restarted by themselves."""
    found = await connection.fetchval("select self_heal from health_rules where operator_id = $1", operator_id)
    return bool(found)
