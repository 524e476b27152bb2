"""A file of charge points, one row per connector: which columns it may have, and what each row asks for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from wattline.domain.csv_rows import FORMULA_STARTS
from wattline.domain.identity import checked_identity, identity_key
from wattline.domain.naming import checked_name
from wattline.domain.refusals import Invalid

# Twice the largest network we are built for; more would be checked for longer than anybody waits.
ROWS_MAX = 20_000
BYTES_MAX = 20_000_000
TEXT_LENGTH_MAX = 500
CONNECTORS_MAX = 100
# No charge point gives more (kW), and none less.
POWER_KW_MAX = 4_000
ID_DIGITS_MAX = 18

WRITTEN = (
    "id", "name", "identity", "connector", "site", "team", "types", "max_kw", "visibility", "active", "note",
    "external_id",
)  # fmt: skip
# Our own file has these, too; they are what charge points say of themselves.
TOLD = frozenset({"state", "vendor", "model", "firmware", "last_heard", "price_group"})
T = TypeVar("T")

YES_OR_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class FleetRow:
    """One row that can be meant. None is an empty cell: what is there stays, or begins as usual.

    `line` is the line in the file; `number` the connector's; `site`, `team` and `types` as they were written.
    """

    line: int
    connector_id: int | None = None
    name: str | None = None
    identity: str | None = None
    number: int | None = None
    site: str | None = None
    team: str | None = None
    types: tuple[str, ...] | None = None
    max_power_w: int | None = None
    visibility: str | None = None
    active: bool | None = None
    note: str | None = None
    external_id: str | None = None

    @property
    def called(self) -> str:
        """How people find the row again."""
        return self.name or self.identity or f"Charge point {self.connector_id}"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row was left out."""

    line: int
    value: str
    problem: str


@dataclass(slots=True)
class FleetFile:
    """What a file holds. `unread` are columns nobody knows."""

    rows: list[FleetRow] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read_fleet(rows: Iterable[tuple[int, list[str]]]) -> FleetFile:
    """Read rows of cells, the first of which names the columns. Raises Invalid when the file as a whole is no use."""
    cells = iter(rows)
    heading = next(cells, None)
    if heading is None:
        raise Invalid("file", "is empty.")
    columns = [_column(cell) for cell in heading[1]]
    _must_be_of_use(columns)
    found = FleetFile(unread=[each[:80] for each in columns if each and each not in WRITTEN and each not in TOLD])
    seen: dict[object, int] = {}
    for count, (line, values) in enumerate(cells):
        if count >= ROWS_MAX:
            raise Invalid("file", f"has more than {ROWS_MAX:,} rows. Cut it in pieces, one upload each.")
        _take(found, seen, line, dict(zip(columns, values, strict=False)))
    return found


def _column(cell: str) -> str:
    return cell.strip().casefold().replace(" ", "_").replace("-", "_")


def _must_be_of_use(columns: list[str]) -> None:
    if not {"id", "identity", "name"} & set(columns):
        raise Invalid("file", "has no column called id, identity or name in its first line.")
    twice = next((each for each in columns if each and columns.count(each) > 1), None)
    if twice is not None:
        raise Invalid("file", f"has two columns called {twice}.")


def _take(found: FleetFile, seen: dict[object, int], line: int, cells: Mapping[str, str]) -> None:
    try:
        texts = {name: _plain(name, cells[name]) for name in WRITTEN if cells.get(name, "").strip()}
        row = _row(line, texts)
        _must_be_first(row, seen)
    except Invalid as refusal:
        value = cells.get("name", "").strip() or cells.get("identity", "").strip() or cells.get("id", "").strip()
        found.problems.append(RowProblem(line, value[:80], f"{refusal.field} {refusal.problem}"))
    else:
        found.rows.append(row)


def _plain(name: str, cell: str) -> str:
    """Take a cell as text: what a spreadsheet would calculate is none, unless an apostrophe says so."""
    text = cell.strip(" \u00a0\n")
    if text.startswith(FORMULA_STARTS):
        raise Invalid(name, "begins like a formula. If it is meant as text, put an apostrophe (') before it.")
    if text[:1] == "'" and text[1:].startswith(FORMULA_STARTS):
        text = text[1:]
    if len(text) > TEXT_LENGTH_MAX:
        raise Invalid(name, f"is longer than {TEXT_LENGTH_MAX} characters.")
    return text


def _row(line: int, texts: Mapping[str, str]) -> FleetRow:
    if not {"id", "identity", "name"} & set(texts):
        raise Invalid("name", "is empty, and so are id and identity: nobody knows which charge point is meant.")
    return FleetRow(
        line=line,
        connector_id=_whole("id", texts),
        name=checked_name(texts["name"]) if "name" in texts else None,
        identity=checked_identity(texts["identity"], field="identity") if "identity" in texts else None,
        number=_whole("connector", texts, at_most=CONNECTORS_MAX),
        site=texts.get("site"),
        team=texts.get("team"),
        types=tuple(each.strip() for each in texts["types"].split(",") if each.strip()) if "types" in texts else None,
        max_power_w=_power(texts.get("max_kw")),
        visibility=_one_of("visibility", texts, {"private": "private", "public": "public"}),
        active=_one_of("active", texts, YES_OR_NO),
        note=texts.get("note"),
        external_id=texts.get("external_id"),
    )


def _whole(name: str, texts: Mapping[str, str], *, at_most: int = 10**ID_DIGITS_MAX) -> int | None:
    if name not in texts:
        return None
    # Workbooks keep every number with a fraction.
    text = texts[name].removesuffix(".0")
    if not (text.isascii() and text.isdigit() and len(text) <= ID_DIGITS_MAX and 0 < int(text) <= at_most):
        raise Invalid(name, f"is no whole number{'' if at_most > CONNECTORS_MAX else f' from 1 to {at_most}'}.")
    return int(text)


def _power(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        watts = round(float(text.replace(",", ".")) * 1_000)
    except (ValueError, OverflowError):
        raise Invalid("max_kw", "is no number.") from None
    if not 0 < watts <= POWER_KW_MAX * 1_000:
        raise Invalid("max_kw", f"must be above 0 and at most {POWER_KW_MAX:,} kW.")
    return watts


def _one_of(name: str, texts: Mapping[str, str], answers: Mapping[str, T]) -> T | None:
    if name not in texts:
        return None
    answer = texts[name].casefold().removesuffix(".0")
    if answer not in answers:
        raise Invalid(name, f"must be {' or '.join(list(answers)[:: 3 if len(answers) > 2 else 1])}.")
    return answers[answer]


def _must_be_first(row: FleetRow, seen: dict[object, int]) -> None:
    marks: list[tuple[object, str]] = []
    if row.connector_id is not None:
        marks.append((row.connector_id, "id"))
    if row.identity is not None:
        marks.append(((identity_key(row.identity), row.number or 1), "identity"))
    for mark, name in marks:
        if seen.get(mark, row.line) != row.line:
            raise Invalid(name, f"stands in line {seen[mark]} already.")
    seen.update({mark: row.line for mark, _ in marks})
