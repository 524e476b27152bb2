"""Pages of lists: which ids stand on a page, and how many there are in all, without counting for ever."""

from collections.abc import Sequence
from dataclasses import dataclass

from wattline.database.connection import Connection

# A charges query yields at most this many rows (Partner API 2.3); other lists are far shorter, and counting stops here.
CHARGES_MAX = 20_000
ROWS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Window:
    """A page by number, from 0."""

    page: int
    per_page: int

    @property
    def offset(self) -> int:
        """How many rows stand before this page."""
        return self.page * self.per_page


@dataclass(frozen=True, slots=True)
class Found:
    """The ids on a page, in order, and the number of rows on all pages."""

    ids: Sequence[int]
    total: int


class Conditions:
    """Collects the conditions of a where clause with their values, so that a filter nobody set costs nothing."""

    def __init__(self) -> None:
        self.values: list[object] = []
        self._texts: list[str] = []

    def add(self, text: str, *values: object) -> None:
        """Add a condition; each `{}` in it becomes the place of the next value."""
        self._texts.append(text.format(*(self.bind(value) for value in values)))

    def bind(self, value: object) -> str:
        """Take in a value and return its place in the statement, like `$3`."""
        self.values.append(value)
        return f"${len(self.values)}"

    def partner_external_id(self, column: str, wanted: str | None) -> None:
        """Filter by the partner's own id; an empty text asks for rows that have none (Partner API 2.4)."""
        if wanted == "":
            self.add(f"{column} is null")
        elif wanted is not None:
            self.add(f"{column} = {{}}", wanted)

    @property
    def where(self) -> str:
        """The whole clause; nothing added means everything."""
        return " and ".join(self._texts) or "true"


async def find_page(
    connection: Connection, source: str, conditions: Conditions, window: Window, *, order: str, rows_max: int = ROWS_MAX
) -> Found:
    """Find a page of `source`, a from clause in which the wanted ids are called `t.id`."""
    # One past the end answers "more than that" without walking all of it.
    total: int = await connection.fetchval(
        f"select count(*) from (select 1 from {source} where {conditions.where} limit {rows_max}) as bounded",
        *conditions.values,
    )
    if window.offset >= total:
        return Found([], total)
    offset, limit = f"${len(conditions.values) + 1}", f"${len(conditions.values) + 2}"
    rows = await connection.fetch(
        f"select t.id from {source} where {conditions.where} order by {order} offset {offset} limit {limit}",
        *conditions.values, window.offset, min(window.per_page, total - window.offset),
    )  # fmt: skip
    return Found([row["id"] for row in rows], total)
