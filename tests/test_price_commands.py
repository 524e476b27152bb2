"""Commands about tariffs, taxes and operators, as somebody types them."""

import json
from pathlib import Path
from typing import Any

import pytest

from wattline.main.cli import run


class Typed:
    """A command line with a database behind it."""

    def __init__(self, captured: pytest.CaptureFixture[str], data: Path) -> None:
        self._captured, self._data = captured, data

    def __call__(self, *arguments: str) -> Any:
        """Run a command and return the JSON that it prints."""
        assert run([*arguments, "--data", str(self._data), "--json"]) == 0, self._captured.readouterr().err
        return json.loads(self._captured.readouterr().out)

    def refused(self, *arguments: str) -> str:
        """Run a command that must fail and return its sentence."""
        assert run([*arguments, "--data", str(self._data)]) == 1
        return self._captured.readouterr().err


@pytest.fixture
def typed(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Typed:
    """The commands on a database of their own."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    return Typed(capsys, tmp_path)


def test_operators_are_shown_as_a_tree(typed: Typed) -> None:
    typed("operators", "create", "Harbour", "--identifier", "HAR")
    typed("operators", "create", "Elsewhere", "--identifier", "ELS")
    typed("operators", "create", "Pier", "--identifier", "PIE", "--under", "HAR")
    shown = [(line["name"], line["under"]) for line in typed("operators", "show")]
    assert shown == [("Elsewhere", None), ("Harbour", None), ("Pier", "Harbour")]


def test_tax_rates_are_added_shown_and_taken_away(typed: Typed) -> None:
    made = typed("tax-rates", "add", "California state tax", "7.25", "--country", "us")
    (line,) = typed("tax-rates", "show")
    assert (line["id"], line["percent"], line["priceGroups"]) == (made["id"], "7.25", 0)
    typed("tax-rates", "remove", str(made["id"]))
    assert typed("tax-rates", "show") == []
    assert "VAT, which comes by itself" in typed.refused("tax-rates", "add", "MOMS", "25", "--country", "dk")
    assert "There is no country" in typed.refused("tax-rates", "add", "Odd", "25", "--country", "xx")
    assert "There is no tax rate" in typed.refused("tax-rates", "remove", "4711")


def test_a_file_for_a_tariff_that_is_not_there_is_refused(typed: Typed, tmp_path: Path) -> None:
    assert typed("tariffs", "show") == []
    file = tmp_path / "prices.csv"
    file.write_text("2026-11-20T14:00,1")
    assert "There is no tariff" in typed.refused("tariffs", "import", str(file), "--tariff", "4711")
