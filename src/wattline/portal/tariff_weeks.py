"""Painting the weeks of a tariff: a price for each hour of each weekday, and the dates on which they count."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.domain.refusals import Invalid, Refusal, Unknown
from wattline.domain.tariff import week_of
from wattline.operations.tariff_rows import period_of
from wattline.operations.tariff_weeks import delete_week, save_week
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.outcomes import Said, say_refusal
from wattline.portal.tariff_form import field_named, painted_of
from wattline.portal.tariff_weeks_shown import NEVER, grid, shades_of, texts_of
from wattline.portal.tariffs import show_tariff
from wattline.queries.portal_tariffs import periods_in, tariff_line, weeks_of
from wattline.web.pages import PageRequest


@get("/tariffs/{tariff_id:int}/weeks/new")
async def new_week_page(request: PageRequest, tariff_id: FromPath[int]) -> Response[bytes]:
    """Show an empty week; it counts from today, or from when the last one ends."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        tariff = await tariff_line(connection, asked.session.viewer, tariff_id, now=asked.session.now)
        weeks = await weeks_of(connection, tariff_id)
    begin = asked.session.now.astimezone(ZoneInfo(tariff.time_zone)).date()
    ends = [week["active_to"] for week in weeks if week["active_to"] < NEVER]
    begin = max([begin, *(end + timedelta(days=1) for end in ends)])
    return await _week_page(asked, tariff_id, None, Form({"from": begin.isoformat()}))


@post("/tariffs/{tariff_id:int}/weeks/new", status_code=200)
async def make_week(request: PageRequest, tariff_id: FromPath[int]) -> Response[bytes]:
    """Add the week."""
    return await _save(request, tariff_id, None)


@get("/tariffs/{tariff_id:int}/weeks/{week_id:int}")
async def week_page(request: PageRequest, tariff_id: FromPath[int], week_id: FromPath[int]) -> Response[bytes]:
    """Show a week as it is."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        await tariff_line(connection, asked.session.viewer, tariff_id, now=asked.session.now)
        weeks = {week["id"]: week for week in await weeks_of(connection, tariff_id)}
        if week_id not in weeks:
            raise Unknown("week", week_id)
        periods = await periods_in(connection, tariff_id, week_id)
    week = weeks[week_id]
    texts = texts_of(week_of(period_of(row) for row in periods)) | {
        "from": week["active_from"].isoformat(),
        "to": "" if week["active_to"] >= NEVER else week["active_to"].isoformat(),
        "description": week["description"],
    }
    return await _week_page(asked, tariff_id, week_id, Form(texts))


@post("/tariffs/{tariff_id:int}/weeks/{week_id:int}", status_code=200)
async def change_week(request: PageRequest, tariff_id: FromPath[int], week_id: FromPath[int]) -> Response[bytes]:
    """Save the week."""
    return await _save(request, tariff_id, week_id)


@post("/tariffs/{tariff_id:int}/weeks/{week_id:int}/delete", status_code=200)
async def remove_week(request: PageRequest, tariff_id: FromPath[int], week_id: FromPath[int]) -> Response[bytes]:
    """Take the week away."""
    asked = Asked.of(request)
    status, said = 200, Said("green", "completed", "The week is gone", "Its days have no price any more.")
    try:
        await delete_week(asked.database, tariff_id, week_id, asked_by=asked.session.viewer, now=asked.session.now)
    except Unknown:
        raise
    except Refusal as refusal:
        status, said = 400, say_refusal("Delete", refusal)
    async with asked.database.read() as connection:
        return await show_tariff(asked, connection, tariff_id, said=[said], status=status)


async def _save(request: PageRequest, tariff_id: int, week_id: int | None) -> Response[bytes]:
    asked = Asked.of(request)
    painted, form = painted_of(await Form.of(request))
    if painted is None:
        return await _week_page(asked, tariff_id, week_id, form)
    try:
        await save_week(
            asked.database, tariff_id, week_id, painted, asked_by=asked.session.viewer, now=asked.session.now
        )
    except Unknown:
        raise
    except Invalid as refusal:
        return await _week_page(asked, tariff_id, week_id, form.refused(field_named(refusal)))
    said = Said(
        "green", "completed", "The week counts", "From now on. Charges that run keep the price they began with."
    )
    async with asked.database.read() as connection:
        return await show_tariff(asked, connection, tariff_id, said=[said])


async def _week_page(asked: Asked, tariff_id: int, week_id: int | None, form: Form) -> Response[bytes]:
    async with asked.database.read() as connection:
        tariff = await tariff_line(connection, asked.session.viewer, tariff_id, now=asked.session.now)
        painted, _ = painted_of(form)
        rows = grid(form, shades_of(painted.week) if painted else {})
        values: dict[str, Any] = {"form": form, "tariff": tariff, "week_id": week_id, "rows": rows}
        return await asked.page(
            "tariff_week.jinja", connection, here="prices", status=400 if form.problems else 200, **values
        )
