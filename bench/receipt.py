"""What it takes to make the PDF of a receipt, cold and warm, with two price lines and with sixty; all receipts differ.

Run with `./dev bench receipt [--keep]`. Goal: 30 ms each, warm.
"""

import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from bench.rig import table

from wattline.documents.press import pdf_of
from wattline.domain.price import PricedCharge, PriceLine
from wattline.domain.price_items import LineType, Unit
from wattline.queries.receipts import Receipt

BEGIN = datetime(2026, 11, 20, 11, 50, tzinfo=UTC)
ROUNDS = 200


def receipt(number: int, lines: int) -> Receipt:
    """Make up a receipt with so many price lines."""
    priced = tuple(
        PriceLine(
            LineType.TARIFF, Unit.KWH, True, 1, 1, None, "Grid", BEGIN, BEGIN, Decimal("1.297") + number,
            Decimal("3.95") + each, 400, 100, 500,
        )
        for each in range(lines)
    )  # fmt: skip
    return Receipt(
        charge_id=number, human_readable_id=f"7T4Q-{number:04}", state="completed", failed=False, forced=False,
        created_at=BEGIN, started_at=BEGIN, stopped_at=BEGIN + timedelta(minutes=57), completed_at=BEGIN,
        settled_at=BEGIN + timedelta(minutes=58, seconds=number), energy_wh=77_844 + number,
        connector="Kolding Syd 2, connector 1", evse_id="DK*WAT*E0012", site="Kolding Syd",
        address="Vejlevej 210, 6000 Kolding", time_zone="Europe/Copenhagen", seller="Kolding Syd I/S",
        seller_number="00000000", seller_vat_number="DK00000000", seller_address="Vejlevej 210, 6000 Kolding, Denmark",
        seller_country="DK", buyer=None, buyer_vat_number=None, buyer_address=None,
        session={"provider": "logos", "externalId": f"A7-{number}", "cardBrand": "visa", "cardLast4": "4417"},
        card=None, payer_kind="terminal", held_minor=0, owed_minor=0, refunded_minor=0, refunds=0, vat_category="S",
        prices_include_vat=True, currency="dkk", decimals=2, price_minor=500 * lines,
        priced=PricedCharge(
            currency="dkk", lines=priced, total_minor=500 * lines, net_minor=400 * lines, vat_minor=100 * lines,
            vat_percent=Decimal(25),
        ),
    )  # fmt: skip


def main() -> None:
    """Measure, and show."""
    began = time.perf_counter()
    pdf_of(receipt(0, 2))
    cold = (time.perf_counter() - began) * 1e3
    rows: list[dict[str, object]] = [row("2 price lines", 2), row("60 price lines, two pages", 60)]
    table.show(f"PDF of a receipt; the first one of all took {cold:.0f} ms", rows)
    if "--keep" in sys.argv:
        table.keep("receipt", {"cold ms": cold, "rows": rows})


def row(what: str, lines: int) -> dict[str, object]:
    """Make many, each different; by the wall, and by CPU, as this machine has other work too."""
    wall, cpu, size = [], [], 0
    for number in range(1, ROUNDS):
        began, cpu_began = time.perf_counter(), time.process_time()
        size = len(pdf_of(receipt(number, lines)))
        wall.append((time.perf_counter() - began) * 1e3)
        cpu.append((time.process_time() - cpu_began) * 1e3)
    wall.sort()
    cpu.sort()
    parts = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    found = {f"wall {name} ms": wall[int(len(wall) * part)] for name, part in parts.items()}
    return (
        {"what": what}
        | found
        | {f"CPU {name} ms": cpu[int(len(cpu) * part)] for name, part in parts.items()}
        | {
            "best ms": wall[0],
            "bytes": size,
        }
    )


if __name__ == "__main__":
    main()
