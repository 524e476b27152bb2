"""Who did what: the audit log as a page with filters, and the same as a file."""

import csv
import io
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get

from wattline.portal.addresses import moment, number
from wattline.portal.audit_words import details, doer, page_of_thing, said
from wattline.portal.export import cell
from wattline.portal.frame import Asked
from wattline.queries.audit_log import AuditWish, find_lines, kinds_of_things
from wattline.web.formats import Formats
from wattline.web.pages import HEADERS, PageRequest

ROOM = "/audit-log"
FILTERS = ("q", "who", "deed", "thing", "id", "from", "to")
COLUMNS = ("time", "who", "kind", "operator", "team", "deed", "thing", "id", "what", "line")
ROWS_MAX = 100_000


@get(ROOM)
async def audit_log_page(request: PageRequest) -> Response[bytes]:
    """List who did what."""
    asked = Asked.of(request)
    kept = kept_of(request.query_params)
    wish = wish_of(request.query_params, asked.session.formats)
    async with asked.database.read() as connection:
        found = await find_lines(connection, asked.session.viewer, wish)
        shown = found[: wish.limit]
        more = urlencode(kept | {"before": shown[-1]["id"]}) if len(found) > wish.limit else ""
        return await asked.page(
            "audit_log.jinja",
            connection,
            here="audit-log",
            lines=[(line, said(line["deed"]), details(line), doer(line), page_of_thing(line)) for line in shown],
            kept=kept,
            narrowed=any(kept.values()),
            kinds=[(kind, said(kind)) for kind in await kinds_of_things(connection)],
            said=said,
            older=f"{ROOM}?{more}" if more else "",
            file=f"{ROOM}.csv?{urlencode(kept)}",
        )


@get(f"{ROOM}.csv")
async def audit_log_csv(request: PageRequest) -> Response[bytes]:
    """Hand out the lines that the page's filters choose, the newest first."""
    asked = Asked.of(request)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    async with asked.database.read() as connection:
        wish = wish_of(request.query_params, asked.session.formats, limit=ROWS_MAX)
        for line in await find_lines(connection, asked.session.viewer, wish):
            writer.writerow([cell(value, asked.session.formats) for value in _cells(line)])
    headers = dict(HEADERS) | {"Content-Disposition": 'attachment; filename="audit-log.csv"'}
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv", headers=headers)


def kept_of(query: Mapping[str, str]) -> dict[str, str]:
    """Read the filters of an address as they were written."""
    return {name: query.get(name, "")[:100].strip() for name in FILTERS}


def wish_of(query: Mapping[str, str], formats: Formats, **more: Any) -> AuditWish:
    """Read from an address which lines are meant. A day to end at is meant as a whole."""
    kept = kept_of(query)
    end = moment(kept["to"], formats)
    if end is not None and len(kept["to"]) == len("2026-11-20"):
        end += timedelta(days=1)
    return AuditWish(
        text=kept["q"], who=kept["who"], deed=kept["deed"], entity_type=kept["thing"], entity_id=kept["id"],
        start=moment(kept["from"], formats), end=end, before=number(query.get("before")), **more,
    )  # fmt: skip


def _cells(line: Any) -> list[object]:
    return [
        line["at"], line["who"], doer(line), line["by_operator"] or line["operator"], line["team"], said(line["deed"]),
        said(line["entity_type"]), line["entity_id"], "; ".join(details(line)), line["id"],
    ]  # fmt: skip
