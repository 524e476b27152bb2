"""The Portal's first page: what needs somebody now, today against last week, which starts worked, what is live."""

from datetime import timedelta

from litestar import Response, get

from wattline.database.connection import Connection
from wattline.domain.access import Right
from wattline.domain.day_so_far import WEEK, day_of
from wattline.portal.frame import Asked
from wattline.portal.live_line import network_line
from wattline.portal.navigation import first_room
from wattline.portal.needs import needs_of
from wattline.portal.overview_view import Days, failures_shown, states_shown, today_of, wall_of
from wattline.queries import portal_overview as question
from wattline.web.pages import PageRequest, go

HOME = "/"


@get(HOME)
async def overview_page(request: PageRequest) -> Response[bytes]:
    """Show the overview to whoever sees charge points; lead everybody else to their first room."""
    asked = Asked.of(request)
    if not asked.session.may(Right.SEE_CHARGE_POINTS):
        return go(first_room(asked.session.viewer), request)
    viewer, formats = asked.session.viewer, asked.session.formats
    async with asked.database.read() as connection:
        sites = await question.sites_now(connection, viewer)
        if not sites:
            return await asked.page("overview_none.jinja", connection, here="overview")
        days = await _days(asked, connection)
        problems = await question.open_problems(connection, viewer)
        wrong = len(problems)
        if wrong == question.PROBLEMS_SHOWN:
            wrong = await question.count_problems(connection, viewer)
        failures = await question.failures_of(connection, viewer, start=days.today.start, end=formats.now)
        return await asked.page(
            "overview.jinja", connection, here="overview", drawn=await network_line(asked, connection, now=formats.now),
            needs=needs_of(problems, formats), wrong=wrong, today=today_of(days, formats),
            failures=failures_shown(failures), wall=wall_of(sites), states=states_shown(sites), sites=len(sites),
            connectors=sum(site.connectors for site in sites),
        )  # fmt: skip


async def _days(asked: Asked, connection: Connection) -> Days:
    """Load the hours of today and of the same weekday last week, as the viewer's clock has them."""
    formats = asked.session.formats
    today = day_of(formats.local(formats.now).date(), formats.zone)
    before = day_of(formats.local(formats.now).date() - timedelta(days=7), formats.zone)
    viewer = asked.session.viewer
    return Days(
        today,
        before,
        await question.hours_of(connection, viewer, start=today.start, end=today.end),
        await question.hours_of(connection, viewer, start=before.start, end=before.end),
        until_before=formats.now - WEEK,
    )
