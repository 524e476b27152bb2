"""A CSV file of people to invite: reading it, and saying row by row what is wrong with it."""

from dataclasses import dataclass

from wattline.domain.csv_rows import FORMULA_STARTS, rows_of, text_of
from wattline.domain.refusals import Invalid

# More people than any team has, few enough to wait for, and for one person to look over.
ROWS_MAX = 2_000
BYTES_MAX = 2_000_000
_EMAIL_HEADINGS = frozenset({"email", "e-mail", "mail", "e-mail address", "email address"})
_KNOWN = {**dict.fromkeys(_EMAIL_HEADINGS, "email"), "name": "name", "group": "group", "note": "note"}


@dataclass(frozen=True, slots=True)
class FileRow:
    """One person. `line` is the line in the file, from 1."""

    line: int
    email: str
    name: str
    group: str
    note: str


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row was left out."""

    line: int
    value: str
    problem: str


def read_people(content: bytes) -> tuple[list[FileRow], list[RowProblem]]:
    """Read rows of e-mail address, name, group and note, with commas or semicolons between.

    Raises Invalid when the file as a whole cannot be meant: another encoding, no column of addresses, too long.
    """
    rows = rows_of(text_of(content, bytes_max=BYTES_MAX))
    heading = next(rows, None)
    if heading is None:
        raise Invalid("file", "is empty.")
    columns = [_KNOWN.get(cell.strip().casefold(), "") for cell in heading[1]]
    if "email" not in columns:
        raise Invalid("file", "has no column called email in its first line.")
    found: list[FileRow] = []
    problems: list[RowProblem] = []
    for line, cells in rows:
        if len(found) + len(problems) >= ROWS_MAX:
            raise Invalid("file", f"has more than {ROWS_MAX:,} rows. Cut it in pieces, one upload each.")
        _sort(line, dict(zip(columns, (cell.strip() for cell in cells), strict=False)), found, problems)
    return found, problems


def _sort(line: int, cells: dict[str, str], found: list[FileRow], problems: list[RowProblem]) -> None:
    odd = next((cell for cell in cells.values() if cell.startswith(FORMULA_STARTS)), None)
    if odd is not None:
        problems.append(RowProblem(line, odd[:80], "looks like a formula. Names and addresses begin with a letter."))
    elif not cells.get("email"):
        problems.append(RowProblem(line, "", "has no e-mail address."))
    else:
        row = FileRow(line, cells["email"], cells.get("name", ""), cells.get("group", ""), cells.get("note", ""))
        found.append(row)
