"""The Connection tab: what a charge point said and was told, searched by time and kind, and saved as a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.log_lines import LogKind, meaning_of
from wattline.portal.addresses import moment, number, written
from wattline.portal.charge_point import head_parts, headed, load
from wattline.portal.deviation_words import DeviationSaid, say_deviations
from wattline.portal.frame import Asked, render
from wattline.portal.live import Part, stream
from wattline.portal.live_line import BoxLine
from wattline.portal.log_words import say_all
from wattline.queries import portal_logs as question
from wattline.queries.portal_charge_point import box_page, deviations_of
from wattline.web.formats import Formats
from wattline.web.pages import HEADERS, PageRequest

# The kinds that every log has, in the order in which they are offered.
KINDS = tuple(LogKind)
# How far back a filter looks for the names of other kinds.
KINDS_SINCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class LogFilters:
    """What the address asks for. Times are in the viewer's zone, as datetime-local fields write them."""

    every: bool
    kind: str
    q: str
    start: datetime | None
    end: datetime | None

    @classmethod
    def of(cls, query: Mapping[str, str], formats: Formats) -> "LogFilters":
        """Read them from an address; what makes no sense counts as not said."""
        return cls(
            every=query.get("view") == "all",
            kind=query.get("kind", "")[:60],
            q=query.get("q", "")[:100].strip(),
            start=moment(query.get("from"), formats),
            end=moment(query.get("to"), formats),
        )

    def wish(self, box_id: int, limit: int = question.LINES_MAX) -> question.LogWish:
        """Say it to the question."""
        kinds = [self.kind] if self.kind else None
        return question.LogWish(
            charge_point_id=box_id, kinds=kinds, text=self.q, start=self.start, end=self.end, limit=limit
        )

    def query(self, formats: Formats, **changes: Any) -> str:
        """Write them into an address, with something changed."""
        values = {
            "view": "all" if self.every else "",
            "kind": self.kind,
            "q": self.q,
            "from": written(self.start, formats),
            "to": written(self.end, formats),
            **changes,
        }
        return urlencode({name: value for name, value in values.items() if value})


@get("/charge-points/{box_id:int}/connection")
async def connection_page(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """Show the log, what matters or every message."""
    asked = Asked.of(request)
    formats = asked.session.formats
    filters = LogFilters.of(request.query_params, formats)
    async with asked.database.read() as connection:
        values = await headed(asked, connection, box_id, "connection")
        shown = await _shown(connection, filters, box_id, formats)
        found = await question.kinds_in(connection, box_id, start=formats.now - KINDS_SINCE)
        kinds = [*KINDS, *(kind for kind in found if kind not in set(KINDS))]
        deviations: list[DeviationSaid] = say_deviations(await deviations_of(connection, box_id))
        values["live"] += f"&after={shown['newest_id']}" if not filters.every else ""
        return await asked.page(
            "charge_point_connection.jinja",
            connection,
            here="charge-points",
            filters=filters,
            base=f"/charge-points/{box_id}",
            kinds=[(kind, meaning_of(kind)) for kind in kinds],
            deviations=deviations,
            start=written(filters.start, formats),
            end=written(filters.end, formats),
            **values,
            **shown,
        )


async def _shown(connection: Connection, filters: LogFilters, box_id: int, formats: Formats) -> dict[str, Any]:
    wish = filters.wish(box_id)
    if filters.every:
        frames = await question.frames_of(connection, wish)
        more = written(frames[-1].at, formats) if len(frames) == wish.limit else ""
        return {"frames": frames, "lines": [], "older": more, "newest_id": 0}
    lines = await question.lines_of(connection, wish)
    more = written(lines[-1].at, formats) if len(lines) == wish.limit else ""
    newest = max((line.id for line in lines), default=0)
    return {"frames": [], "lines": say_all(lines, formats), "older": more, "newest_id": newest}


@get("/charge-points/{box_id:int}/log.txt")
async def log_file(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """Hand out what the page shows, without its limit, as a text file in order of time."""
    asked = Asked.of(request)
    formats = asked.session.formats
    filters = LogFilters.of(request.query_params, formats)
    async with asked.database.read() as connection:
        box = await box_page(connection, asked.session.viewer, box_id)
        wish = filters.wish(box_id, question.FILE_LINES_MAX)
        if filters.every:
            frames = await question.frames_of(connection, wish)
            rows = [f"{_stamp(each.at)} {'<' if each.inbound else '>'} {each.body}" for each in reversed(frames)]
        else:
            said = say_all(await question.lines_of(connection, wish), formats)
            rows = [
                f"{_stamp(each.at)} {each.heading}: {each.means.striptags()} {each.charge or ''}".rstrip()
                for each in reversed(said)
            ]
    name = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in box.identity)
    headers = dict(HEADERS) | {"Content-Disposition": f'attachment; filename="{name}-log.txt"'}
    return Response("\n".join([*rows, ""]).encode(), media_type="text/plain", headers=headers)


def _stamp(at: datetime) -> str:
    return at.isoformat(sep=" ", timespec="milliseconds")


@get("/live/charge-points/{box_id:int}/connection")
async def connection_live(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """Tell how many lines came since the page was made; nothing moves under the reader's eyes."""
    asked = Asked.of(request)
    after = number(request.query_params.get("after"))
    async with asked.database.read() as connection:
        await box_page(connection, asked.session.viewer, box_id)

    line = BoxLine(box_id)

    async def look(connection: Connection, formats: Formats) -> Mapping[str, Part]:
        head = await head_parts(connection, await load(asked, connection, box_id, formats), line, formats)
        count = 0 if after is None else await question.count_after(connection, box_id, after)
        again = f"/charge-points/{box_id}/connection"
        return {**head, "new-lines": Part(render("new_lines.jinja", count=count, again=again), flash=False)}

    return stream(asked, [("box", box_id)], look)
