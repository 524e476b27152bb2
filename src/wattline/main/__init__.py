"""Builds the whole: reads environment and command line, starts the processes, holds the command line's verbs."""


def main() -> None:
    """Run the console script `wattline`."""
    from wattline.main.cli import app

    app()
