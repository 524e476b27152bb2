"""A list as a file for a spreadsheet: CSV, or a workbook in which numbers are numbers and texts are texts."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from xlsxwriter import Workbook

from wattline.domain.csv_rows import FORMULA_STARTS

Cell = str | int | float | bool | datetime | None


def csv_of(headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """Write CSV with the mark by which spreadsheets know UTF-8. Texts that would be calculated get an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows([plain(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def write_sheet(path: Path, headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Write a workbook (XLSX) of one sheet; times are in UTC. However long it is, it takes little memory."""
    book = Workbook(path, {"constant_memory": True, "remove_timezone": True, "strings_to_formulas": False})
    bold, time = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(headings) - 1, 16)
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, bold)
    for place, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            match value:
                case None:
                    continue
                case bool() | str():
                    sheet.write_string(place, column, _word(value))
                case datetime():
                    sheet.write_datetime(place, column, value.astimezone(UTC), time)
                case _:
                    sheet.write_number(place, column, value)
    book.close()


def plain(value: object) -> str:
    """Write one value as CSV text; what a spreadsheet would calculate is kept as text."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    text = _word(value) if isinstance(value, bool) else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA_STARTS) else text


def _word(value: bool | str) -> str:
    if isinstance(value, str):
        return value
    return "yes" if value else "no"
