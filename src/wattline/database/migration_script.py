"""Migrations are SQL files; Alembic sends one statement at a time, so a file is cut into its statements."""

from collections.abc import Iterator
from pathlib import Path

from alembic import op


def run_script(migration: str) -> None:
    """Run the statements of the .sql file beside a migration (its `__file__`), in order."""
    for statement in statements(Path(migration).with_suffix(".sql").read_text()):
        op.execute(statement)


def statements(script: str) -> Iterator[str]:
    """Cut a script at the semicolons that end a line, but not inside the $$ of a function's body."""
    statement = ""
    for piece in script.split(";\n"):
        statement += piece
        if statement.count("$$") % 2:
            statement += ";\n"
            continue
        if statement.strip():
            yield statement
        statement = ""
    if statement.strip():
        yield statement
