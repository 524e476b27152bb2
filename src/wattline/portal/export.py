"""The list of charge points as a file for a spreadsheet."""

import csv
import io
from datetime import datetime
from typing import Any

from litestar import Response, get

from wattline.portal.frame import Asked
from wattline.queries.portal_export import COLUMNS, export_connectors
from wattline.web.formats import Formats
from wattline.web.pages import HEADERS, PageRequest

# Spreadsheets take these for the beginning of a formula, and a name may have been chosen by anybody.
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


@get("/charge-points.csv")
async def charge_points_csv(request: PageRequest) -> Response[bytes]:
    """Hand out every connector the viewer sees."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        rows = await export_connectors(connection, asked.session.viewer)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([cell(value, asked.session.formats) for value in row] for row in rows)
    headers = dict(HEADERS) | {"Content-Disposition": 'attachment; filename="charge-points.csv"'}
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv", headers=headers)


def cell(value: Any, formats: Formats) -> str:
    """Write one value; text that a spreadsheet would calculate is kept as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return formats.full(value)
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA_BEGINS) else text
