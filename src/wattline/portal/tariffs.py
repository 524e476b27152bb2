"""Tariffs: the list, and the page of one with the week to come, its weeks, where it is used, and who changed it."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from litestar import Response, get
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.access import Right, may
from wattline.domain.tariff_hours import Problem
from wattline.operations.price_group_rows import owns
from wattline.operations.tariff_hours import NEEDED
from wattline.portal.frame import Asked
from wattline.portal.tariff_changes import tariff_changes
from wattline.portal.tariff_plot import first_day, last_day, tariff_plot
from wattline.portal.tariff_weeks_shown import dates_words
from wattline.queries.portal_tariffs import (
    TariffLine,
    first_uncovered,
    hours_between,
    list_tariff_lines,
    tariff_line,
    users_of,
    weeks_of,
)
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest

# Whoever has less time than this left should know it.
SOON = timedelta(days=14)


@get("/tariffs")
async def tariffs_page(request: PageRequest) -> Response[bytes]:
    """List the tariffs, by whose they are."""
    asked = Asked.of(request)
    viewer = asked.session.viewer
    async with asked.database.read() as connection:
        tariffs = await list_tariff_lines(connection, viewer, now=asked.session.now)
        return await asked.page(
            "tariffs.jinja", connection, here="prices", tariffs=tariffs, may_change=may(viewer, Right.CHANGE_PRICES),
            late=[tariff.id for tariff in tariffs if is_late(tariff, asked.session.formats)],
        )  # fmt: skip


@get("/tariffs/{tariff_id:int}")
async def tariff_page(request: PageRequest, tariff_id: FromPath[int]) -> Response[bytes]:
    """Show a tariff."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        return await show_tariff(asked, connection, tariff_id)


async def show_tariff(
    asked: Asked, connection: Connection, tariff_id: int, *, said: Sequence[object] = (),
    problems: Sequence[Problem] = (), untold: int = 0, status: int = 200,
) -> Response[bytes]:  # fmt: skip
    """Answer with the page of a tariff; `said` tells what came of a deed, `problems` what was wrong with a file."""
    viewer, formats = asked.session.viewer, asked.session.formats
    tariff = await tariff_line(connection, viewer, tariff_id, now=asked.session.now)
    zone = ZoneInfo(tariff.time_zone)
    hours = await hours_between(connection, tariff_id, first_day(formats.now, zone), last_day(formats.now, zone))
    mine = owns(viewer, {"team_id": tariff.team_id, "operator_id": tariff.operator_id})
    return await asked.page(
        "tariff.jinja",
        connection,
        here="prices",
        status=status,
        tariff=tariff,
        plot=tariff_plot(hours, zone, tariff.currency, formats),
        weeks=[(week["id"], week["description"], dates_words(week["active_from"], week["active_to"], formats))
               for week in await weeks_of(connection, tariff_id)],
        uncovered=await first_uncovered(connection, tariff_id, formats.now.astimezone(zone).date()),
        late=is_late(tariff, formats),
        needed=NEEDED[tariff.tariff_type] // timedelta(hours=1),
        users=await users_of(connection, viewer, tariff_id),
        changes=await tariff_changes(connection, viewer, tariff_id, formats),
        may_change=may(viewer, Right.CHANGE_PRICES) and mine,
        said=said, problems=problems, untold=untold, settings=(), link="", link_label="",
    )  # fmt: skip


def is_late(tariff: TariffLine, formats: Formats) -> bool:
    """Tell whether prices end so soon that charges will be refused before long, or are."""
    if tariff.known_to is None:
        return tariff.price_groups > 0
    return tariff.known_to < formats.now + (SOON if tariff.weekly else NEEDED[tariff.tariff_type])
