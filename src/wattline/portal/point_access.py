"""Who may use a charge point and when, and whether it counts: the part of its Details tab that can be changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from wattline.domain.public_hours import MINUTES_A_DAY, Span
from wattline.domain.refusals import Invalid
from wattline.operations.onboarding import set_access, set_active
from wattline.operations.public_hours import set_public_hours
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.queries.portal_point_access import PointAccess, access_of_box
from wattline.web.pages import PageRequest, go

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MINUTES_AN_HOUR = 60


@post("/charge-points/{box_id:int}/access", status_code=200)
async def change_access(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """Save who may charge here."""
    asked, form = Asked.of(request), await Form.of(request)
    async with asked.database.read() as connection:
        access = await access_of_box(connection, asked.session.viewer, box_id)
    who: dict[str, Any] = {"asked_by": asked.session.viewer, "now": asked.session.now}
    on_map = form["map"] == "yes"
    if form["visibility"] == "hours":
        zone = str(asked.session.formats.zone)
        await set_public_hours(
            asked.database, access.connector_id, spans_of(form), show_on_map=on_map, zone=zone, **who
        )
    else:
        await set_access(asked.database, access.connector_id, visibility=form["visibility"], show_on_map=on_map, **who)
    return go(f"/charge-points/{box_id}/details", request)


@post("/charge-points/{box_id:int}/active", status_code=200)
async def change_active(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """Make it count from now on, or take it back to testing."""
    asked, form = Asked.of(request), await Form.of(request)
    async with asked.database.read() as connection:
        access = await access_of_box(connection, asked.session.viewer, box_id)
    if form["active"] not in ("yes", "no"):
        raise Invalid("active", "must be yes or no.")
    await set_active(
        asked.database,
        access.connector_id,
        active=form["active"] == "yes",
        asked_by=asked.session.viewer,
        now=asked.session.now,
    )
    return go(f"/charge-points/{box_id}/details", request)


def spans_of(form: Form) -> list[Span]:
    """Read a week of seven rows; a day without times is private. Raises Invalid naming the day."""
    found = []
    for weekday, day in enumerate(DAYS):
        begins, ends = form[f"from-{weekday}"], form[f"to-{weekday}"]
        if not begins and not ends:
            continue
        start, end = _minute(begins), _minute(ends)
        if start is None or end is None or start == MINUTES_A_DAY:
            raise Invalid("hours", f"of {day} must be two times, such as 08:00 and 18:00, or none.")
        found.append(Span(weekday, start, end))
    return found


def week_of(access: PointAccess) -> Sequence[Mapping[str, str]]:
    """Write the hours as seven rows, the first of a day where there are several."""
    by_day = {span.weekday: span for span in reversed(access.spans)}
    return [
        {"day": day, "from": _time(by_day[weekday].start), "to": _time(by_day[weekday].end)}
        if weekday in by_day
        else {"day": day, "from": "", "to": ""}
        for weekday, day in enumerate(DAYS)
    ]


def _minute(text: str) -> int | None:
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and int(minutes) < MINUTES_AN_HOUR):
        return None
    minute = int(hours) * MINUTES_AN_HOUR + int(minutes)
    return minute if minute <= MINUTES_A_DAY else None


def _time(minute: int) -> str:
    # Midnight is 00:00, however it was written: from 18:00 to 00:00 means the same as to 24:00.
    return f"{minute // MINUTES_AN_HOUR % 24:02}:{minute % MINUTES_AN_HOUR:02}"
