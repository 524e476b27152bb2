"""The log of a charge point."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from msgspec import Meta

from wattline.domain.refusals import Invalid
from wattline.partner_api.bodies import PAGE_MAX
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries.paging import Window
from wattline.queries.partner_connectors import connector_by_id
from wattline.queries.partner_logs import OFFSET_ROWS_MAX, Place, Stretch, lines_newer, lines_older, lines_on_page
from wattline.wire.partner.logs import LogCursorMeta, LogOffsetMeta, LogPage, log_of
from wattline.wire.partner.shapes import Shape, Time

logs = Group("Charge points")

PER_PAGE = 10
PER_OFFSET_PAGE_MAX = 100

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class LogQuery(Shape, kw_only=True):
    """Which lines. With `paginationType` cursor, `after` and `before` are from the last answer's meta.

    Cursor pages have up to 1,000 lines, offset pages up to 100, and offset pages end after 10,000 lines.
    """

    per_page: Annotated[int, Meta(ge=1, le=1000)] | None = None
    page: Annotated[int, Meta(ge=0, le=PAGE_MAX)] | None = None
    from_date: Time | None = None
    to_date: Time | None = None
    pagination_type: Literal["offset", "cursor"] = "offset"
    before: str | None = None
    after: str | None = None


@logs.route("GET", "/charge-points/{chargePointId}/logs", "get-charge-point-logs", "charge-points:read")
async def get_logs(call: Call, charge_point_id: int, query: LogQuery) -> LogPage:
    """Read the log of a charge point, the newest lines first."""
    stretch = Stretch(charge_point_id, query.from_date, query.to_date)
    async with call.database.read() as connection:
        await connector_by_id(connection, charge_point_id, viewer=call.viewer)
        if query.pagination_type == "cursor":
            return await _from_cursor(connection, stretch, query)
        return await _on_page(connection, stretch, query)


async def _on_page(connection: Any, stretch: Stretch, query: LogQuery) -> LogPage:
    window = Window(query.page or 0, query.per_page or PER_PAGE)
    if window.per_page > PER_OFFSET_PAGE_MAX:
        raise Invalid("perPage", f"must be at most {PER_OFFSET_PAGE_MAX}; cursors allow 1000.")
    if window.offset >= OFFSET_ROWS_MAX:
        raise Invalid("page", f"times perPage must be less than {OFFSET_ROWS_MAX}. Cursors go further.")
    rows, total = await lines_on_page(connection, stretch, window)
    meta = LogOffsetMeta(
        item_count=len(rows),
        current_page=window.page,
        per_page=window.per_page,
        total_page_count=-(-total // window.per_page),
        total_item_count=total,
    )
    return LogPage(data=[log_of(row) for row in rows], meta=meta)


async def _from_cursor(connection: Any, stretch: Stretch, query: LogQuery) -> LogPage:
    per_page = query.per_page or PER_PAGE
    if query.before is not None:
        newer_than = _place("before", query.before)
        rows = await lines_newer(connection, stretch, than=newer_than, limit=per_page)
    else:
        older_than = None if query.after is None else _place("after", query.after)
        rows = await lines_older(connection, stretch, than=older_than, limit=per_page)
    after = before = None
    if rows:
        first, last = Place(rows[0]["at"], rows[0]["id"]), Place(rows[-1]["at"], rows[-1]["id"])
        after = _cursor(last) if await lines_older(connection, stretch, than=last, limit=1) else None
        before = _cursor(first) if await lines_newer(connection, stretch, than=first, limit=1) else None
    meta = LogCursorMeta(item_count=len(rows), per_page=per_page, after=after, before=before)
    return LogPage(data=[log_of(row) for row in rows], meta=meta)


def _cursor(place: Place) -> str:
    return f"{(place.at - _EPOCH) // timedelta(microseconds=1)}-{place.id}"


def _place(field: str, cursor: str) -> Place:
    match = re.fullmatch(r"([0-9]{1,16})-([0-9]{1,18})", cursor)
    if match is None:
        raise Invalid(field, "is not a cursor that an answer gave you.")
    return Place(_EPOCH + timedelta(microseconds=int(match[1])), int(match[2]))
