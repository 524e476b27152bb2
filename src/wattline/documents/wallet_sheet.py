"""What moved on a wallet, as a file for a spreadsheet: CSV piece by piece, or a workbook written row by row."""

import asyncio
import csv
import io
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from wattline.queries.wallet_export import ExportedMovement

HEADINGS = (
    "id", "time", "completed", "state", "group", "kind", "other side", "about", "about id", "kWh", "net", "VAT %",
    "VAT", "gross", "currency", "note",
)  # fmt: skip
TIMES = (1, 2)
AT_ONCE = 1_000

# A sheet has 1,048,576 rows; what is more goes on another one.
ROWS_PER_SHEET = 1_000_000

# With one of these in front, a spreadsheet takes what people wrote for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


async def csv_pieces(movements: AsyncIterable[ExportedMovement]) -> AsyncIterator[bytes]:
    """Write CSV, some rows at a time, with the mark by which spreadsheets know UTF-8."""
    yield b"\xef\xbb\xbf" + _csv([HEADINGS])
    async for some in _in_pieces(movements):
        yield _csv([_plain(each) for each in some])


async def write_workbook(path: Path, movements: AsyncIterable[ExportedMovement]) -> int:
    """Write a workbook (XLSX) in which amounts are numbers and times are times, in UTC; return how many rows.

    However long it is, it takes little memory. The writing itself happens beside the event loop.
    """
    # constant_memory writes each row away as soon as the next one begins.
    book = Workbook(path, {"constant_memory": True, "remove_timezone": True, "strings_to_formulas": False})
    sheets = _Sheets(book)
    async for some in _in_pieces(movements):
        await asyncio.to_thread(sheets.add, some)
    await asyncio.to_thread(book.close)
    return sheets.rows


class _Sheets:
    """Fills one sheet after the other."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._bold: Format = book.add_format({"bold": True})
        self._time: Format = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._sheet = self._new_sheet()
        self.rows = 0

    def add(self, movements: Sequence[ExportedMovement]) -> None:
        for movement in movements:
            place = self.rows % ROWS_PER_SHEET + 1
            if self.rows and place == 1:
                self._sheet = self._new_sheet()
            for column, value in enumerate(_cells(movement)):
                self._write(place, column, value)
            self.rows += 1

    def _new_sheet(self) -> Worksheet:
        sheet: Worksheet = self._book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(1, 2, 20)
        for column, heading in enumerate(HEADINGS):
            sheet.write_string(0, column, heading, self._bold)
        return sheet

    def _write(self, row: int, column: int, value: object) -> None:
        if value is None:
            return
        if isinstance(value, str):
            self._sheet.write_string(row, column, value)
        elif column in TIMES:
            self._sheet.write_datetime(row, column, value, self._time)
        else:
            self._sheet.write_number(row, column, value)


def _cells(movement: ExportedMovement) -> tuple[object, ...]:
    def money(minor: int) -> Decimal:
        return Decimal(minor).scaleb(-movement.decimals)

    return (
        movement.id, movement.at, movement.completed_at, movement.state, movement.group, movement.kind,
        movement.counterpart, movement.reference_type, movement.reference_id,
        None if movement.energy_wh is None else Decimal(movement.energy_wh).scaleb(-3),
        money(movement.net_minor), movement.vat_percent, money(movement.vat_minor), money(movement.gross_minor),
        movement.currency.upper(), movement.note,
    )  # fmt: skip


def _plain(movement: ExportedMovement) -> Iterator[str]:
    for column, value in enumerate(_cells(movement)):
        if value is None:
            yield ""
        elif column in TIMES:
            yield f"{value:%Y-%m-%dT%H:%M:%SZ}"
        elif isinstance(value, str) and value.startswith(FORMULA_SIGNS):
            yield f"'{value}"
        else:
            yield f"{value:f}" if isinstance(value, Decimal) else str(value)


def _csv(rows: Sequence[Iterator[str] | Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


async def _in_pieces(movements: AsyncIterable[ExportedMovement]) -> AsyncIterator[list[ExportedMovement]]:
    some: list[ExportedMovement] = []
    async for movement in movements:
        some.append(movement)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some
