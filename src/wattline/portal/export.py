"""The list of charge points as a file for a spreadsheet: every connector that the list's filters choose."""

import asyncio
import tempfile
from datetime import datetime
from pathlib import Path

from litestar import Response, get

from wattline.documents.sheet import Cell, csv_of, plain, write_sheet
from wattline.operations.fleet_orders import ROWS_MAX
from wattline.portal.charge_points import Filters
from wattline.portal.frame import Asked
from wattline.queries.portal_charge_points import list_boxes
from wattline.queries.portal_export import COLUMNS, export_connectors
from wattline.web.formats import Formats
from wattline.web.pages import HEADERS, PageRequest

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@get("/charge-points.csv")
async def charge_points_csv(request: PageRequest) -> Response[bytes]:
    """Hand out CSV, which the import reads again."""
    content = await asyncio.to_thread(csv_of, COLUMNS, await _rows(request))
    return _file(content, "text/csv", "charge-points.csv")


@get("/charge-points.xlsx")
async def charge_points_workbook(request: PageRequest) -> Response[bytes]:
    """Hand out a workbook, which the import reads again, too."""
    content = await asyncio.to_thread(_workbook, await _rows(request))
    return _file(content, XLSX, "charge-points.xlsx")


async def _rows(request: PageRequest) -> list[tuple[Cell, ...]]:
    asked = Asked.of(request)
    viewer, filters = asked.session.viewer, Filters.of(request.query_params)
    async with asked.database.read() as connection:
        keys = (await list_boxes(connection, viewer, filters.wish(limit=ROWS_MAX))).keys if filters.query else None
        return await export_connectors(connection, viewer, keys)


def _workbook(rows: list[tuple[Cell, ...]]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="wattline-") as folder:
        path = Path(folder) / "charge-points.xlsx"
        write_sheet(path, COLUMNS, rows)
        return path.read_bytes()


def _file(content: bytes, media_type: str, name: str) -> Response[bytes]:
    headers = dict(HEADERS) | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def cell(value: object, formats: Formats) -> str:
    """Write one value of a file that is for people, not for importing: times are the viewer's."""
    return formats.full(value) if isinstance(value, datetime) else plain(value)
