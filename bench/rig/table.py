"""Shows what was measured: a table on the screen, JSON in bench/results/."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parents[1] / "results"


def show(title: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows of equal keys."""
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for heading in rows[0]:
        table.add_column(heading, justify="left" if heading == "what" else "right", no_wrap=heading == "what")
    for row in rows:
        table.add_row(*(f"{value:.3g}" if isinstance(value, float) else str(value) for value in row.values()))
    Console(width=180).print(table)


def keep(name: str, result: Mapping[str, object]) -> Path:
    """Write a result with the machine it was taken on; return where."""
    RESULTS.mkdir(exist_ok=True)
    at = datetime.now(UTC)
    path = RESULTS / f"{name}-{at:%Y%m%d-%H%M%S}.json"
    machine = {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}
    path.write_text(json.dumps({"at": at.isoformat(), "machine": machine, **result}, indent=1) + "\n")
    return path
