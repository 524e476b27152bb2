"""Wallets as the Partner API tells of them."""

from collections.abc import Sequence

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.paging import Conditions, Found, Window, find_page

BY_IDS = """
select w.*, x.id as currency_id, coalesce(x.decimals, 2) as currency_decimals,
  coalesce(w.country_id, t.country_id, o.country_id) as owner_country_id
from wallet w
  left join currency x on x.identifier = upper(w.currency)
  left join team t on w.owner_type = 'team' and t.id = w.owner_id
  left join operator o on o.id = w.operator_id
where w.id = any($1)
"""

TEAM_OPERATOR = "select operator_id from team where id = $1"


async def wallets_by_ids(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Return what the shape of a wallet is made of, in the order of the ids."""
    rows = {row["id"]: row for row in await connection.fetch(BY_IDS, ids)}
    return [rows[wallet_id] for wallet_id in ids if wallet_id in rows]


async def wallet_for(connection: Connection, wallet_id: int, *, viewer: Viewer) -> Record:
    """Return one wallet that the viewer sees. Raises Unknown."""
    rows = await wallets_by_ids(connection, [wallet_id])
    if not rows or not _sees(viewer, rows[0]):
        raise Unknown("wallet", wallet_id)
    return rows[0]


async def find_wallets(
    connection: Connection, window: Window, *, team_id: int | None, operator_id: int | None, viewer: Viewer
) -> Found:
    """Find a page of the wallets of a team, or of an operator itself. Raises Unknown for those of others."""
    conditions = Conditions()
    if team_id is not None:
        await must_see_team(connection, team_id, operator_id=operator_id, viewer=viewer)
        conditions.add("t.owner_type = 'team' and t.owner_id = {}", team_id)
    else:
        assert operator_id is not None
        must_see_operator(operator_id, viewer=viewer)
        conditions.add("t.owner_type = 'operator' and t.owner_id = {}", operator_id)
    return await find_page(connection, "wallet t", conditions, window, order="t.id")


async def must_see_team(connection: Connection, team_id: int, *, operator_id: int | None, viewer: Viewer) -> None:
    """Refuse teams that the viewer does not see, and those of another operator than was named. Raises Unknown."""
    of: int | None = await connection.fetchval(TEAM_OPERATOR, team_id)
    if of is None or not viewer.sees(of, team_id) or operator_id not in (None, of):
        raise Unknown("team", team_id)


def must_see_operator(operator_id: int, *, viewer: Viewer) -> None:
    """Refuse others' operators; whoever sees only some teams does not see the operator's own purse. Raises Unknown."""
    if operator_id not in viewer.operator_ids or viewer.team_ids is not None:
        raise Unknown("operator", operator_id)


def _sees(viewer: Viewer, wallet: Record) -> bool:
    if wallet["operator_id"] not in viewer.operator_ids:
        return False
    return viewer.team_ids is None or (wallet["owner_type"] == "team" and wallet["owner_id"] in viewer.team_ids)
