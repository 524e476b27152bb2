"""CSV as people's spreadsheets save it: any of two separators, one encoding, and what to say when it is another."""

import csv
from collections.abc import Iterator

from wattline.domain.refusals import Invalid

# A spreadsheet would calculate what begins with these.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def text_of(content: bytes, *, bytes_max: int) -> str:
    """Read a file as UTF-8. Raises Invalid for another encoding, a workbook, or more than `bytes_max`."""
    if len(content) > bytes_max:
        raise Invalid("file", f"is larger than {bytes_max // 1_000_000} MB. Cut it in pieces, one upload each.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Invalid("file", f"is not UTF-8 (line {line}). Save it as “CSV UTF-8” and send it again.") from None
    if "\0" in text:
        raise Invalid("file", "is not text. Save the sheet as “CSV UTF-8”, not as a workbook.")
    return text


def rows_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """Read the rows that hold something, each with its line from 1. Raises Invalid where a row cannot be read."""
    first = text.partition("\n")[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise Invalid("file", f"cannot be read from line {reader.line_num} on: {error}.") from None
