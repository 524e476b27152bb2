"""The list of charge points: filters that live in the address, and rows that stay live."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.operations.fleet_orders import ROWS_MAX
from wattline.portal.addresses import number, numbers
from wattline.portal.fleet_columns import COLUMNS, ROOM, shown_columns
from wattline.portal.fleet_words import DEEDS
from wattline.portal.frame import Asked, render, templates
from wattline.portal.live import Part, stream
from wattline.portal.live_line import NETWORK, line_parts, network_line
from wattline.portal.rows import DAY, Row, row_of
from wattline.portal.states import GROUPS
from wattline.queries import portal_charge_points as question
from wattline.queries.portal_places import list_places
from wattline.queries.saved_views import chosen_columns, saved_views
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest

PAGE_ROWS = 50
# Sorting a big network anew costs more than looking at fifty rows, and nobody waits for it.
SORT_EVERY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for."""

    state: str = ""
    q: str = ""
    site: int | None = None
    team: int | None = None
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filters":
        """Read them from an address; what makes no sense counts as not said."""
        return cls(
            query.get("state", ""),
            query.get("q", "")[:100],
            number(query.get("site")),
            number(query.get("team")),
            max(number(query.get("page")) or 1, 1),
        )

    def wish(self, *, limit: int | None = None) -> question.Wish:
        """Say it to the question: one page, or with `limit` so many from the first on."""
        group = next((group for group in GROUPS if group.key == self.state), None)
        return question.Wish(
            states=group.states if group else None,
            text=self.q.strip(),
            site_id=self.site,
            team_id=self.team,
            offset=(self.page - 1) * PAGE_ROWS if limit is None else 0,
            limit=limit or PAGE_ROWS,
        )

    def href(self, **changes: Any) -> str:
        """Make the address of the same list with something changed; it begins at the first page again."""
        kept = self._kept(**changes)
        return "/charge-points" + (f"?{urlencode(kept)}" if kept else "")

    @property
    def query(self) -> str:
        """The part of the address behind the question mark, without the page: what a saved filter keeps."""
        return urlencode(self._kept())

    def live_href(self, keys: list[int]) -> str:
        """Make the address of the stream for these rows."""
        return "/live/charge-points?" + urlencode(self._kept(page=self.page) | {"keys": ",".join(map(str, keys))})

    def _kept(self, **changes: Any) -> dict[str, Any]:
        values = {"state": self.state, "q": self.q, "site": self.site, "team": self.team, **changes}
        return {name: value for name, value in values.items() if value and not (name == "page" and value == 1)}


@dataclass(frozen=True, slots=True)
class Paging:
    """Which rows these are, and the pages before and after."""

    said: str
    before: str
    after: str


def paging(filters: Filters, found: int, shown: int) -> Paging:
    """Describe one page of a longer list."""
    first = (filters.page - 1) * PAGE_ROWS
    return Paging(
        said=f"{first + 1} to {first + shown} of {found}",
        before=filters.href(page=filters.page - 1) if filters.page > 1 else "",
        after=filters.href(page=filters.page + 1) if first + shown < found else "",
    )


@get("/charge-points")
async def charge_points_page(request: PageRequest) -> Response[bytes]:
    """Show the list, or how to begin when there is nothing yet."""
    asked = Asked.of(request)
    filters = Filters.of(request.query_params)
    async with asked.database.read() as connection:
        listing = await question.list_boxes(connection, asked.session.viewer, filters.wish())
        if listing.boxes == 0:
            return await asked.page("charge_points_none.jinja", connection, here="charge-points")
        rows = await rows_now(connection, asked.session.viewer, listing.keys, asked.session.formats)
        return await asked.page(
            "charge_points.jinja",
            connection,
            here="charge-points",
            filters=filters,
            listing=listing,
            counts=group_counts(listing),
            rows=rows,
            paging=paging(filters, listing.found, len(rows)),
            drawn=await network_line(asked, connection, now=asked.session.now),
            places=await list_places(connection, asked.session.viewer),
            live=filters.live_href(listing.keys),
            views=await saved_views(connection, asked.session.viewer, ROOM),
            columns=shown_columns(await chosen_columns(connection, asked.session.viewer, ROOM)),
            all_columns=COLUMNS,
            deeds=DEEDS,
            matching=min(listing.found, ROWS_MAX),
        )


def group_counts(listing: question.Listing) -> list[tuple[Any, int]]:
    """Count what each filter would show."""
    return [(group, sum(listing.by_state.get(state, 0) for state in group.states)) for group in GROUPS]


async def rows_now(connection: Connection, viewer: Viewer, keys: list[int], formats: Formats) -> list[Row]:
    """Load and shape the rows of one page."""
    boxes = await question.boxes_now(connection, viewer, keys, day_start=midnight(formats), now=formats.now)
    ids = [connector.id for box in boxes for connector in box.connectors]
    changes = await question.states_since(connection, viewer, ids, formats.now - DAY)
    by_connector: dict[int, list[question.StateChange]] = {}
    for change in changes:
        by_connector.setdefault(change.connector_id, []).append(change)
    return [
        row_of(box, [change for one in box.connectors for change in by_connector.get(one.id, [])], formats)
        for box in boxes
    ]


def midnight(formats: Formats) -> datetime:
    """Return when the viewer's day began."""
    return formats.local(formats.now).replace(hour=0, minute=0, second=0, microsecond=0)


@get("/live/charge-points")
async def charge_points_live(request: PageRequest) -> Response[bytes]:
    """Keep the shown rows current; their order stays, and the page says when it would be another."""
    asked = Asked.of(request)
    viewer, filters = asked.session.viewer, Filters.of(request.query_params)
    keys = numbers(request.query_params.get("keys"), at_most=PAGE_ROWS)

    sorted_now: list[int] = []
    sorted_at: datetime | None = None

    async def look(connection: Connection, formats: Formats) -> dict[str, Part]:
        nonlocal sorted_now, sorted_at
        if sorted_at is None or formats.now - sorted_at >= SORT_EVERY:
            sorted_now = (await question.list_boxes(connection, viewer, filters.wish())).keys
            sorted_at = formats.now
        boxes = await question.boxes_now(connection, viewer, keys, day_start=midnight(formats), now=formats.now)
        # Day strips stay as they were loaded, so nobody asks for their history here.
        rows = [row_of(box, [], formats) for box in boxes]
        parts = {place: Part(html) for row in rows for place, html in row_parts(row).items()}
        moved, again = count_moved(keys, sorted_now), filters.href(page=filters.page)
        parts["moved"] = Part(render("moved.jinja", moved=moved, again=again), flash=False)
        drawn = await network_line(asked, connection, now=formats.now)
        return line_parts(drawn, NETWORK, formats.power_whole(drawn.now_w, "kW now"), now=formats.now) | parts

    async with asked.database.read() as connection:
        connectors = await question.connectors_of(connection, viewer, keys)
    topics = [*(("box", key) for key in keys if key > 0), *(("connector", each) for each in connectors)]
    return stream(asked, topics, look)


def count_moved(shown: list[int], sorted_now: list[int]) -> int:
    """Count the rows that would change places: those outside the longest run that keeps its order."""
    place = {key: at for at, key in enumerate(shown)}
    kept: list[int] = []
    for old in (place[key] for key in sorted_now if key in place):
        at = bisect_left(kept, old)
        kept[at : at + 1] = [old]
    return max(len(shown), len(sorted_now)) - len(kept)


def row_parts(row: Row) -> dict[str, str]:
    """Render the cells of a row that change, by the ids they have on the page."""
    cells = templates().get_template("charge_point_cells.jinja").module
    return {
        f"state-{row.key}": str(cells.state(row)),  # type: ignore[attr-defined]
        f"plugs-{row.key}": str(cells.plugs(row)),  # type: ignore[attr-defined]
        f"power-{row.key}": str(row.power),
        f"today-{row.key}": str(row.today),
        f"heard-{row.key}": str(row.heard),
    }
