"""Builds the whole: reads environment and command line, starts the processes, holds the command line's verbs."""


def main() -> None:
    """Run the console script `wattline`."""
    from wattline.main.child import die_with_parent
    from wattline.main.cli import run

    die_with_parent()
    raise SystemExit(run())
