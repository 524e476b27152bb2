"""Reading the first sheet of a workbook (XLSX) that anybody may have sent: row by row, and no further than asked.

Decision 0004 says why openpyxl: what it reads without is what a sheet claims to be as large as.
"""

from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook

from wattline.domain.refusals import Invalid

SIGNATURE = b"PK\x03\x04"
# What it may grow to once it is unpacked; zipfile holds files to the size that they name.
UNPACKED_BYTES_MAX = 120_000_000
COLUMNS_MAX = 60
# Empty rows cost a little, too, and a sheet can have a million of them.
LINES_MAX = 200_000


def rows_of_workbook(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Read the rows that hold something, each with its line from 1. Formulas are read as what they last came to.

    Raises Invalid for what is no workbook, or too large.
    """
    try:
        _must_be_small(content)
        # keep_links: what a workbook takes from other files is none of ours.
        book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        lines = sheet.iter_rows(max_row=LINES_MAX, max_col=COLUMNS_MAX, values_only=True)
        for line, cells in enumerate(lines, start=1):
            texts = [_text(cell) for cell in cells]
            if any(texts):
                yield line, texts
    except (BadZipFile, ParseError, KeyError, ValueError, TypeError, IndexError, EOFError, OSError) as error:
        raise Invalid("file", "is no workbook that can be read. Save it as XLSX or “CSV UTF-8” again.") from error


def _must_be_small(content: bytes) -> None:
    with ZipFile(BytesIO(content)) as packed:
        if sum(each.file_size for each in packed.infolist()) > UNPACKED_BYTES_MAX:
            raise Invalid("file", "is too large once it is unpacked. Cut it in pieces, one upload each.")


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, datetime | date) else str(cell)
