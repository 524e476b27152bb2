"""The list of charges: by state, charge point, text and time; the newest first, older ones on demand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get

from wattline.database.connection import Connection
from wattline.portal.addresses import moment, number, numbers
from wattline.portal.charge_rows import ChargeRow, charge_rows
from wattline.portal.frame import Asked, render
from wattline.portal.live import Part, stream
from wattline.portal.live_line import NETWORK, line_parts, network_line
from wattline.queries import portal_charges as question
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest


@dataclass(frozen=True, slots=True)
class StateFilter:
    """A filter of the list. `open` tells that we count how many there are now."""

    key: str
    label: str
    glyph: str
    hue: str
    states: tuple[str, ...]
    failed: bool | None = None
    open: bool = True


FILTERS = (
    StateFilter("charging", "Charging", "charging", "current", ("charging",)),
    StateFilter("paused", "Paused", "paused", "amber", ("paused",)),
    StateFilter("waiting", "Starting, waiting", "starting", "current", ("paying", "reserved", "starting", "scheduled")),
    StateFilter("ending", "Ending", "stopped", "amber", ("stopping", "stopped", "releasing", "released")),
    StateFilter("failed", "Failed", "failed", "red", (), failed=True, open=False),
    StateFilter("completed", "Completed", "completed", "green", ("completed",), failed=False, open=False),
)


@dataclass(frozen=True, slots=True)
class ChargeFilters:
    """What the address asks for."""

    state: str
    q: str
    point: int | None
    start: str
    end: str
    before: tuple[datetime, int] | None

    @classmethod
    def of(cls, query: Mapping[str, str], formats: Formats) -> "ChargeFilters":
        """Read them from an address; what makes no sense counts as not said."""
        before_at, _, before_id = query.get("before", "").partition("_")
        at, charge_id = moment(before_at, formats), number(before_id)
        return cls(
            state=query.get("state", ""),
            q=query.get("q", "")[:100].strip(),
            point=number(query.get("point")),
            start=query.get("from", "")[:30],
            end=query.get("to", "")[:30],
            before=(at, charge_id) if at is not None and charge_id is not None else None,
        )

    def wish(self, formats: Formats) -> question.ChargeWish:
        """Say it to the question. A day to end at is meant as a whole."""
        end = moment(self.end, formats)
        if end is not None and len(self.end) == len("2026-11-20"):
            end += timedelta(days=1)
        chosen = next((each for each in FILTERS if each.key == self.state), None)
        return question.ChargeWish(
            states=chosen.states or None if chosen else None,
            failed=chosen.failed if chosen else None,
            charge_point_id=self.point,
            text=self.q,
            start=moment(self.start, formats),
            end=end,
            before=self.before,
        )

    def href(self, **changes: Any) -> str:
        """Make the address of the same list with something changed."""
        values = {
            "state": self.state,
            "q": self.q,
            "point": self.point,
            "from": self.start,
            "to": self.end,
            **changes,
        }
        kept = {name: value for name, value in values.items() if value}
        return "/charges" + (f"?{urlencode(kept)}" if kept else "")


@get("/charges")
async def charges_page(request: PageRequest) -> Response[bytes]:
    """Show the list."""
    asked = Asked.of(request)
    viewer, formats = asked.session.viewer, asked.session.formats
    filters = ChargeFilters.of(request.query_params, formats)
    async with asked.database.read() as connection:
        found = await question.list_charges(connection, viewer, filters.wish(formats))
        open_now = await question.count_open(connection, viewer)
        last = found.charges[-1] if found.more else None
        return await asked.page(
            "charges.jinja",
            connection,
            here="charges",
            filters=filters,
            state_filters=[
                (each, sum(open_now.get(s, 0) for s in each.states) if each.open else "") for each in FILTERS
            ],
            running=open_now.get("charging", 0) + open_now.get("paused", 0),
            rows=charge_rows(found.charges, formats),
            older=filters.href(before=f"{last.created_at.isoformat()}_{last.id}") if last else "",
            drawn=await network_line(asked, connection, now=asked.session.now),
            live="/live/charges?" + urlencode({"ids": ",".join(str(charge.id) for charge in found.charges)}),
        )


@get("/live/charges")
async def charges_live(request: PageRequest) -> Response[bytes]:
    """Keep the shown charges current."""
    asked = Asked.of(request)
    viewer = asked.session.viewer
    ids = numbers(request.query_params.get("ids"), at_most=question.PAGE_CHARGES)

    async def look(connection: Connection, formats: Formats) -> dict[str, Part]:
        found = await question.list_charges(connection, viewer, question.ChargeWish(ids=ids))
        drawn = await network_line(asked, connection, now=formats.now)
        parts = line_parts(drawn, NETWORK, formats.power_whole(drawn.now_w, "kW now"), now=formats.now)
        for row in charge_rows(found.charges, formats):
            parts |= row_parts(row)
        return parts

    return stream(asked, [("operator", operator_id) for operator_id in viewer.operator_ids], look)


def row_parts(row: ChargeRow) -> dict[str, Part]:
    """Render the cells of a row that change; its clock ticks by itself."""
    return {
        f"charge-state-{row.id}": Part(render("part_state.jinja", state=row)),
        f"charge-time-{row.id}": Part(str(row.lasted), key=str(row.running), flash=False),
        f"charge-energy-{row.id}": Part(str(row.energy)),
        f"charge-power-{row.id}": Part(str(row.power)),
        f"charge-price-{row.id}": Part(str(row.price)),
    }
