"""Files with the hourly prices of a tariff: taken whole or not at all, with everything that is wrong line by line."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from wattline.domain.refusals import Refusal, Unknown
from wattline.domain.tariff_hours import FILE_BYTES_MAX, TariffFileRefused, read_tariff_file
from wattline.operations.tariff_imports import import_hours
from wattline.portal.frame import Asked
from wattline.portal.outcomes import Said, say_refusal
from wattline.portal.tariff_plot import first_day
from wattline.portal.tariffs import show_tariff
from wattline.queries.portal_tariffs import hours_between, tariff_line
from wattline.web.pages import HEADERS, PageRequest

# What a file of prices that are known looks back and ahead.
BACK, AHEAD = timedelta(days=31), timedelta(days=366)


@post("/tariffs/{tariff_id:int}/prices", status_code=200)
async def upload_prices(request: PageRequest, tariff_id: FromPath[int]) -> Response[bytes]:
    """Take a file of hourly prices."""
    asked = Asked.of(request)
    sent: Any = await request.form()
    file = sent.get("file")
    content = await file.read(FILE_BYTES_MAX + 1) if isinstance(file, UploadFile) else str(file or "").encode()
    async with asked.database.read() as connection:
        tariff = await tariff_line(connection, asked.session.viewer, tariff_id, now=asked.session.now)
    try:
        steps = read_tariff_file(content, time_zone=tariff.time_zone)
        done = await import_hours(
            asked.database, tariff_id, steps, asked_by=asked.session.viewer, now=asked.session.now
        )
    except Unknown:
        raise
    except TariffFileRefused as refusal:
        said = Said("amber", "failed", "The file was not taken", "Nothing of it counts until all of it is right.")
        async with asked.database.read() as connection:
            return await show_tariff(
                asked, connection, tariff_id, said=[said], problems=refusal.problems, untold=refusal.untold, status=400
            )
    except Refusal as refusal:
        async with asked.database.read() as connection:
            return await show_tariff(asked, connection, tariff_id, said=[say_refusal("Import", refusal)], status=400)
    said = Said("green", "completed", f"{len(steps)} hours were read, {done.written} are new", _kept(done.kept))
    async with asked.database.read() as connection:
        return await show_tariff(asked, connection, tariff_id, said=[said])


@get("/tariffs/{tariff_id:int}/prices.csv")
async def prices_file(request: PageRequest, tariff_id: FromPath[int]) -> Response[bytes]:
    """Hand out the hours that are known, in the form in which they are taken."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        tariff = await tariff_line(connection, asked.session.viewer, tariff_id, now=asked.session.now)
        zone = ZoneInfo(tariff.time_zone)
        begin = first_day(asked.session.now, zone)
        hours = await hours_between(connection, tariff_id, begin - BACK, begin + AHEAD)
    lines = ["time,price", *(f"{at.astimezone(zone).isoformat(timespec='minutes')},{price:f}" for at, price in hours)]
    headers = dict(HEADERS) | {"Content-Disposition": f'attachment; filename="tariff-{tariff_id}.csv"'}
    return Response("\n".join([*lines, ""]).encode(), media_type="text/csv", headers=headers)


def _kept(count: int) -> str:
    return f"{count} stay as they were: they have begun, or nothing changed." if count else ""
