"""What lists cost in a database grown large: every filter and order of the Partner API, and the Portal's pages.

`./dev bench lists [--quick] [--data DIR]`. A PostgreSQL of its own, filled by SQL: 5,000,000 charges at 10,000 charge
points of five operators, with --quick 200,000 at 1,000. With --data the folder stays, and is not filled again.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

from bench.rig.growth import grown_database
from bench.rig.questions import QUESTIONS, Question
from bench.rig.table import keep, show
from cyclopts import App, Parameter

from wattline.database.connection import Connection, Database

# A question that is quick is asked this often, a slow one as often as that many seconds allow.
TIMES_MAX, SECONDS_MAX = 40, 2.0

app = App(help=__doc__)


@app.default
def run(
    *,
    quick: Annotated[bool, Parameter(help="200,000 charges only.")] = False,
    data: Annotated[Path | None, Parameter(help="Keep the database here for the next run.")] = None,
    only: Annotated[str, Parameter(help="Ask only the questions with this text in their names.")] = "",
    plans: Annotated[bool, Parameter(help="Print the plans, too.")] = False,
) -> None:
    """Fill, ask, and show what it took."""
    charges, charge_points = (200_000, 1_000) if quick else (5_000_000, 10_000)
    directory = data or Path(tempfile.mkdtemp(prefix="wattline-bench-", dir="/tmp"))
    questions = [question for question in QUESTIONS if only in question.name]
    try:
        rows = asyncio.run(measure(directory, questions, charges, charge_points, plans=plans))
    finally:
        if data is None:
            shutil.rmtree(directory, ignore_errors=True)
    show(f"Lists over {charges:,} charges", rows)
    print(keep("lists", {"charges": charges, "chargePoints": charge_points, "questions": rows}))


async def measure(
    directory: Path, questions: Sequence[Question], charges: int, charge_points: int, *, plans: bool
) -> list[dict[str, object]]:
    """Ask every question many times, then once more to see its plans."""
    async with grown_database(directory, charges=charges, charge_points=charge_points) as database:
        return [await row(database, question, charges, plans=plans) for question in questions]


async def row(database: Database, question: Question, charges: int, *, plans: bool) -> dict[str, object]:
    """Ask one question; tell how long it took, and what it read."""
    async with database.read() as connection:
        milliseconds, shown = await asked(connection, lambda one: question.ask(one, charges))
        looker = Looker(connection)
        await question.ask(looker, charges)  # type: ignore[arg-type]
    if plans:
        print(f"\n== {question.name}\n" + "\n".join(looker.plans))
    return {
        "what": question.name,
        "rows": shown,
        "p50 ms": share(milliseconds, 0.50),
        "p99 ms": share(milliseconds, 0.99),
        "buffers": looker.buffers,
        "times": len(milliseconds),
    }


async def asked(connection: Connection, ask: Callable[[Connection], Awaitable[Any]]) -> tuple[list[float], int]:
    """Ask once to warm up, then again and again; return the times in ms and how many rows came."""
    await ask(connection)
    milliseconds: list[float] = []
    shown = 0
    while len(milliseconds) < TIMES_MAX and sum(milliseconds) < 1_000 * SECONDS_MAX:
        began = perf_counter()
        shown = await ask(connection)
        milliseconds.append(1_000 * (perf_counter() - began))
    return milliseconds, shown


def share(milliseconds: Sequence[float], part: float) -> float:
    """Return what this part of the times stayed below."""
    return sorted(milliseconds)[min(len(milliseconds) - 1, int(part * len(milliseconds)))]


@dataclass
class Looker:
    """Stands before a connection: every question is explained, with the pages it touched, and then answered."""

    connection: Connection
    buffers: int = 0
    plans: list[str] = field(default_factory=list)

    async def fetch(self, query: str, *values: object) -> Any:
        """Explain, then fetch."""
        await self._explain(query, values)
        return await self.connection.fetch(query, *values)

    async def fetchrow(self, query: str, *values: object) -> Any:
        """Explain, then fetch one row."""
        await self._explain(query, values)
        return await self.connection.fetchrow(query, *values)

    async def fetchval(self, query: str, *values: object) -> Any:
        """Explain, then fetch one value."""
        await self._explain(query, values)
        return await self.connection.fetchval(query, *values)

    async def _explain(self, query: str, values: Sequence[object]) -> None:
        (plan,) = await self.connection.fetchval(f"explain (analyze, buffers, format json) {query}", *values)
        root = plan["Plan"]
        self.buffers += root["Shared Hit Blocks"] + root["Shared Read Blocks"]
        self.plans.append(f"-- {plan['Execution Time']:.1f} ms (planned in {plan['Planning Time']:.1f} ms)")
        self.plans += lines_of(root, 1)


def lines_of(node: dict[str, Any], depth: int) -> list[str]:
    """Write a plan as lines: what is done to what, how many rows, how many pages."""
    place = " ".join(str(node[key]) for key in ("Index Name", "Relation Name", "CTE Name") if key in node)
    what = " ".join(str(node[key]) for key in ("Index Cond", "Filter", "Sort Key") if key in node)
    rows = node["Actual Rows"] * node["Actual Loops"]
    pages = node["Shared Hit Blocks"] + node["Shared Read Blocks"]
    line = f"{'  ' * depth}{node['Node Type']} {place} rows={rows} pages={pages} {what[:200]}"
    return [line, *(below for child in node.get("Plans", ()) for below in lines_of(child, depth + 1))]


if __name__ == "__main__":
    app()
