"""The currency of a price group that is being written: its team's, or the one chosen for all teams."""

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.portal.forms import Form
from wattline.portal.price_groups import GroupLine

DEFAULT = "eur"


async def home_currency(
    connection: Connection, viewer: Viewer, form: Form, before: GroupLine | None
) -> tuple[str, int]:
    """Return currency and decimals. A team that is not the viewer's counts as none; the verb refuses it."""
    if before is not None:
        return before.currency, before.decimals
    currency = await connection.fetchval(CURRENCY, form.number("team"), list(viewer.operator_ids), viewer.team_ids)
    currency = currency or form["currency"].lower() or DEFAULT
    decimals = await connection.fetchval("select decimals from currency where identifier = upper($1)", currency)
    return currency, 2 if decimals is None else decimals


CURRENCY = """
select currency from team where id = $1 and operator_id = any($2) and ($3::bigint[] is null or id = any($3))
"""
