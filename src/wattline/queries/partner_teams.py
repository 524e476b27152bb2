"""Teams as the Partner API and webhooks tell of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.paging import Conditions, Found, Window, find_page
from wattline.queries.partner_places import OPERATOR

BY_IDS = f"""
select t.*, {OPERATOR}, x.name as currency_name, x.decimals as currency_decimals
from team t join operator o on o.id = t.operator_id left join currency x on x.identifier = upper(t.currency)
where t.id = any($1)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamFilter:
    """Which teams somebody wants; None means any."""

    operator_id: int | None = None
    ids: Sequence[int] | None = None
    partner_external_id: str | None = None
    updated_from: datetime | None = None
    include_deleted: bool = False


async def teams_by_ids(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Return what the shape of a team is made of, in the order of the ids."""
    rows = {row["id"]: row for row in await connection.fetch(BY_IDS, ids)}
    return [rows[team_id] for team_id in ids if team_id in rows]


async def team_by_id(connection: Connection, team_id: int, *, viewer: Viewer) -> Record:
    """Return one team of the viewer's. Raises Unknown, also for one that was deleted."""
    rows = await teams_by_ids(connection, [team_id])
    if not rows or rows[0]["deleted_at"] is not None or not viewer.sees(rows[0]["operator_id"], team_id):
        raise Unknown("team", team_id)
    return rows[0]


async def find_teams(connection: Connection, wanted: TeamFilter, window: Window, *, viewer: Viewer) -> Found:
    """Find a page of the viewer's teams, by id."""
    conditions = Conditions()
    conditions.add("t.operator_id = any({})", list(viewer.operator_ids))
    if viewer.team_ids is not None:
        conditions.add("t.id = any({})", list(viewer.team_ids))
    if wanted.operator_id is not None:
        conditions.add("t.operator_id = {}", wanted.operator_id)
    if wanted.ids is not None:
        conditions.add("t.id = any({})", list(wanted.ids))
    if wanted.updated_from is not None:
        conditions.add("t.updated_at >= {}", wanted.updated_from)
    conditions.partner_external_id("t.partner_external_id", wanted.partner_external_id)
    if not wanted.include_deleted:
        conditions.add("t.deleted_at is null")
    return await find_page(connection, "team t", conditions, window, order="t.id")


async def user_by_email(connection: Connection, email: str, *, viewer: Viewer) -> int | None:
    """Return the id of the user with this e-mail address, of the viewer's operators; None when there is none."""
    user_id: int | None = await connection.fetchval(
        "select id from users where email_key = $1 and operator_id = any($2)",
        email.strip().lower(), list(viewer.operator_ids),
    )  # fmt: skip
    return user_id
