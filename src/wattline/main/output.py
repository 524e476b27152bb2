"""What commands print: tables for people, JSON for programs."""

import sys
from collections.abc import Mapping, Sequence

import msgspec


def show_rows(rows: Sequence[Mapping[str, object]], *, as_json: bool) -> None:
    """Print rows of equal keys: a JSON array, or a table with the keys as headings."""
    if as_json:
        print_json(rows)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, highlight=False)
    for heading in rows[0] if rows else ():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(_text(value) for value in row.values()))
    Console(highlight=False).print(table)


def show_one(values: Mapping[str, object], *, as_json: bool) -> None:
    """Print one thing: a JSON object, or a line for each value, never cut, so that it can be copied."""
    if as_json:
        print_json(values)
        return
    width = max(len(name) for name in values)
    for name, value in values.items():
        sys.stdout.write(f"{name:<{width}}  {_text(value)}\n")


def print_json(value: object) -> None:
    """Print one JSON value."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)
