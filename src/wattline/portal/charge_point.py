"""The page of a charge point: what it does now, its charges, its connection, what one can do with it."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.portal.charge_rows import charge_rows
from wattline.portal.curves import whole_curve
from wattline.portal.deeds import MORE_DEEDS, menu_of
from wattline.portal.frame import Asked, render
from wattline.portal.live import Part, stream
from wattline.portal.live_line import BoxLine, line_parts
from wattline.portal.log_words import say_all
from wattline.portal.point_access import week_of
from wattline.portal.point_price import point_prices
from wattline.portal.point_view import PointView, curve_hint, facts_of_charge, point_view
from wattline.portal.rows import DAY
from wattline.queries import portal_charge_point as question
from wattline.queries.portal_charge_point import RunningCharge
from wattline.queries.portal_charge_points import states_since
from wattline.queries.portal_charges import ChargeWish, list_charges
from wattline.queries.portal_logs import LogWish, lines_of
from wattline.queries.portal_point_access import access_of_box
from wattline.queries.portal_power import PowerPoint, charge_power
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest

# Lines of the log on the first tab.
LINES_SHOWN = 8


async def load(asked: Asked, connection: Connection, box_id: int, formats: Formats) -> PointView:
    """Load a box the viewer may see, as it is now."""
    box = await question.box_page(connection, asked.session.viewer, box_id)
    ids = [one.id for one in box.connectors]
    return point_view(box, await states_since(connection, asked.session.viewer, ids, formats.now - DAY), formats)


async def headed(asked: Asked, connection: Connection, box_id: int, tab: str) -> dict[str, Any]:
    """Load what every tab of the page shows above its own part."""
    formats = asked.session.formats
    view = await load(asked, connection, box_id, formats)
    charges = await question.open_charges(connection, box_id)
    return {
        "view": view,
        "prices": await point_prices(connection, asked.session.viewer, view.box.connectors, formats),
        "tab": tab,
        "drawn": await BoxLine(box_id).drawn(connection, view.now_w, now=formats.now),
        "menu": menu_of(view, charges),
        "live": f"/live/charge-points/{box_id}{'/connection' if tab == 'connection' else ''}?tab={tab}",
        "here_thing": f"charge-point/{box_id}",
    }


@get("/charge-points/{box_id:int}")
async def now_page(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """Show what the charge point does now."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        values = await headed(asked, connection, box_id, "now")
        now = await now_values(connection, values["view"], asked.session.formats)
        return await asked.page("charge_point_now.jinja", connection, here="charge-points", **values, **now)


async def now_values(connection: Connection, view: PointView, formats: Formats) -> dict[str, Any]:
    """Gather what the first tab shows of the connector that matters most, and the newest lines of the log."""
    first = view.first.connector
    points = await running_curve(connection, first.charge, formats) if first.charge else []
    lines = await lines_of(connection, LogWish(charge_point_id=view.box.id, limit=LINES_SHOWN + 4))
    return {
        "curve": curve_data(points),
        "hint": curve_hint(first, points),
        "facts": facts_of_charge(first.charge, formats) if first.charge else [],
        "lines": say_all(lines, formats)[:LINES_SHOWN],
    }


async def running_curve(connection: Connection, charge: RunningCharge, formats: Formats) -> list[PowerPoint]:
    """Load the curve of a charge up to now."""
    points = await charge_power(connection, charge.id)
    power_w = charge.power_w if charge.state == "charging" else 0
    return whole_curve(points, started_at=charge.started_at, stopped_at=None, power_w=power_w, now=formats.now)


def curve_data(points: list[PowerPoint]) -> str:
    """Write a curve for the browser: [[seconds…], [kW…]]."""
    columns = [[int(point.at.timestamp()) for point in points], [round(point.power_w / 1000, 2) for point in points]]
    return msgspec.json.encode(columns).decode()


@get("/charge-points/{box_id:int}/charges")
async def charges_page(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """Show the newest charges of this charge point."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        values = await headed(asked, connection, box_id, "charges")
        found = await list_charges(connection, asked.session.viewer, ChargeWish(charge_point_id=box_id))
        rows = charge_rows(found.charges, asked.session.formats)
        return await asked.page("charge_point_charges.jinja", connection, here="charge-points", rows=rows, **values)


@get("/charge-points/{box_id:int}/actions")
async def actions_page(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """Show everything one can ask of this charge point, and the settings it has told."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        values = await headed(asked, connection, box_id, "actions")
        settings = await question.settings_of(connection, box_id)
        return await asked.page(
            "charge_point_actions.jinja",
            connection,
            here="charge-points",
            deeds=MORE_DEEDS,
            settings=settings,
            **values,
        )


@get("/charge-points/{box_id:int}/details")
async def details_page(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """Show what this charge point is."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        values = await headed(asked, connection, box_id, "details")
        access = await access_of_box(connection, asked.session.viewer, box_id)
        values |= {"access": access, "week": week_of(access)}
        return await asked.page("charge_point_details.jinja", connection, here="charge-points", **values)


@get("/live/charge-points/{box_id:int}")
async def charge_point_live(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """Keep the head of the page current, and on the first tab the figures, the curve and the log."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        box = await question.box_page(connection, asked.session.viewer, box_id)
    whole, line = request.query_params.get("tab") == "now", BoxLine(box_id)

    async def look(connection: Connection, formats: Formats) -> Mapping[str, Part]:
        view = await load(asked, connection, box_id, formats)
        parts = await head_parts(connection, view, line, formats)
        return parts | (await _now_parts(connection, view, formats) if whole else {})

    return stream(asked, [("box", box_id), *(("connector", one.id) for one in box.connectors)], look)


async def head_parts(connection: Connection, view: PointView, line: BoxLine, formats: Formats) -> dict[str, Part]:
    """Render what stands above every tab and changes."""
    drawn = await line.drawn(connection, view.now_w, now=formats.now)
    said = formats.power_whole(view.now_w, "kW now")
    return line_parts(drawn, "Power of this charge point, last 24 hours", said, now=formats.now) | {
        "point-state": Part(render("part_state.jinja", state=view.state)),
        "point-contact": Part(render("part_contact.jinja", box=view.box, f=formats), flash=False),
        "menu-actions": await _menu_part(connection, view),
    }


async def _menu_part(connection: Connection, view: PointView) -> Part:
    menu = menu_of(view, await question.open_charges(connection, view.box.id))
    return Part(render("part_menu.jinja", menu=menu, view=view), flash=False)


async def _now_parts(connection: Connection, view: PointView, formats: Formats) -> dict[str, Part]:
    values = await now_values(connection, view, formats)
    first = view.first.connector
    soc = first.charge.soc_percent if first.charge else None
    shape = f"{first.id} {first.charge.id if first.charge else first.state} {soc is None}"
    parts = {
        # Only another charge redraws the whole; within one, single figures change.
        "now-first": Part(render("part_first.jinja", view=view, f=formats, **values), flash=False, key=shape),
        "now-others": Part(render("part_others.jinja", view=view, f=formats, **values), flash=False),
        "log": Part(render("part_log.jinja", lines=values["lines"], f=formats), flash=False),
    }
    if first.charge:
        parts |= {
            "fig-state": Part(render("part_state.jinja", state=view.first.look)),
            "fig-power": Part(formats.power(first.charge.power_w or 0, "n-44")),
            "fig-energy": Part(formats.energy(first.charge.energy_wh, css="n-28")),
            "curve-points": Part(render("part_curve.jinja", curve=values["curve"]), flash=False),
            "curve-hint": Part(render("part_hint.jinja", hint=values["hint"]), flash=False),
        }
    if soc is not None:
        parts["fig-soc"] = Part(formats.percent(float(soc), css="n-28"))
    return parts
