"""What commands print: a table for people, JSON for programs."""

import sys
from collections.abc import Mapping, Sequence

import msgspec


def show(rows: Sequence[Mapping[str, object]], *, as_json: bool, title: str | None = None) -> None:
    """Print rows of equal keys: a JSON array, or a table with the keys as headings."""
    if as_json:
        print_json(rows)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(*(rows[0] if rows else ()), title=title, box=box.SIMPLE_HEAD, title_justify="left", highlight=False)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    Console(highlight=False, soft_wrap=True).print(table)


def print_json(value: object) -> None:
    """Print one JSON value."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")
