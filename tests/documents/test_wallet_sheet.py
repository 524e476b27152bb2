"""What moved on a wallet, as a file: VAT on each row, the period's edges, and files of any length."""

import csv
import io
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

from wattline.documents import wallet_sheet
from wattline.documents.wallet_sheet import HEADINGS, csv_pieces, write_workbook
from wattline.queries.wallet_export import ExportedMovement

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

CELLS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sale(number: int = 1, **other: Any) -> ExportedMovement:
    """A sale of 8.42 kWh for 27.31 kroner."""
    told: dict[str, Any] = {
        "id": number, "at": NOON, "completed_at": NOON, "state": "complete", "group": "charge", "kind": "charge",
        "counterpart": "Harbour", "reference_type": "CHARGE", "reference_id": "7", "energy_wh": 8_420,
        "gross_minor": 2_731, "vat_minor": 546, "vat_percent": Decimal("25.000"), "currency": "dkk", "decimals": 2,
        "note": None,
    }  # fmt: skip
    return ExportedMovement(**told | other)


async def some(*movements: ExportedMovement) -> AsyncIterator[ExportedMovement]:
    for movement in movements:
        yield movement


async def as_csv(*movements: ExportedMovement) -> list[dict[str, str]]:
    """Read CSV back as a spreadsheet does."""
    written = b"".join([piece async for piece in csv_pieces(some(*movements))])
    return list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"))))


async def test_a_row_has_its_vat_and_exact_amounts() -> None:
    [row] = await as_csv(sale())
    assert (row["net"], row["VAT %"], row["VAT"], row["gross"]) == ("21.85", "25.000", "5.46", "27.31")
    assert (row["kWh"], row["time"], row["currency"]) == ("8.420", "2026-11-20T12:00:00Z", "DKK")


async def test_what_goes_out_is_below_zero_and_currencies_have_their_own_digits() -> None:
    [row] = await as_csv(sale(gross_minor=-500, vat_minor=0, currency="jpy", decimals=0))
    assert (row["gross"], row["net"], row["VAT"]) == ("-500", "-500", "0")


async def test_what_people_wrote_is_no_formula_and_keeps_its_letters() -> None:
    rows = await as_csv(sale(note="=1+1"), sale(note='Ærø, "søndag"\n2'), sale(counterpart="@SUM(A1)"))
    assert [row["note"] for row in rows] == ["'=1+1", 'Ærø, "søndag"\n2', ""]
    assert rows[2]["other side"] == "'@SUM(A1)"


async def test_a_workbook_has_numbers_and_goes_on_to_another_sheet(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(wallet_sheet, "ROWS_PER_SHEET", 2)
    file = tmp_path / "wallet.xlsx"
    assert await write_workbook(file, some(sale(1), sale(2, note="=1+1"), sale(3))) == 3
    first, second = (cells_of(file, number) for number in (1, 2))
    assert [cell.text for cell in first[0]] == list(HEADINGS)
    assert float(first[1][HEADINGS.index("gross")].text) == 27.31
    assert (len(first), len(second)) == (3, 2)
    with ZipFile(file) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())


async def test_a_long_file_takes_little_memory(tmp_path: Path) -> None:
    async def many() -> AsyncIterator[ExportedMovement]:
        for number in range(20_000):
            yield sale(number)

    tracemalloc.start()
    await write_workbook(tmp_path / "long.xlsx", many())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8_000_000


def cells_of(file: Path, sheet: int) -> list[list[Any]]:
    """Read a sheet's rows; texts stand in the cell itself, as constant memory writes them."""
    with ZipFile(file) as parts:
        rows = ElementTree.fromstring(parts.read(f"xl/worksheets/sheet{sheet}.xml")).iter(f"{CELLS}row")
        return [[next(cell.iter(f"{CELLS}t"), cell.find(f"{CELLS}v")) for cell in row] for row in rows]
