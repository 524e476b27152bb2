"""What it takes to price one charge of eight hours: quarter-hourly spot price, hourly tariff, surcharges, idle fee.

Run with `./dev bench price [--keep]`. Goal: 1 ms.
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from bench.rig import table

from wattline.domain.price import price_charge
from wattline.domain.price_terms import (
    Extra,
    ExtraType,
    GroupType,
    PriceTerms,
    Pricing,
    PricingType,
    TariffPrices,
    TariffStep,
)
from wattline.domain.spot import SpotSeries
from wattline.domain.usage import QUARTER, Segment, Usage

BEGIN = datetime(2026, 11, 20, 20, 3, 20, tzinfo=UTC)
HOURS = 8
ROUNDS, CALLS = 60, 50


def frozen_terms() -> PriceTerms:
    """Everything at once, as a public group in Denmark could have it."""
    hours = [BEGIN.replace(minute=0, second=0) + timedelta(hours=number) for number in range(7 * 24)]
    grid = TariffPrices(7, "Grid", tuple(TariffStep(at, Decimal(at.hour % 5) / 10) for at in hours))
    extras = (
        Extra(ExtraType.ABSOLUTE, Decimal("0.0955"), "Electricity tax"),
        Extra(ExtraType.PERCENTAGE, Decimal("7.5"), "Margin"),
    )
    spot = Pricing(id=1, type=PricingType.SPOT, price=Decimal(2), add_vat=True, quarter_hourly=True, extras=extras)
    fees = (
        Pricing(id=2, type=PricingType.TARIFF, price=Decimal(), tariff_id=7),
        Pricing(id=3, type=PricingType.STARTING, price=Decimal(5)),
        Pricing(id=4, type=PricingType.IDLE, price=Decimal("0.5"), after_minutes=15, fee_price_max=Decimal(60)),
    )
    return PriceTerms(
        price_group_id=1, name="Harbour", type=GroupType.PUBLIC, chosen_by="public", currency="dkk", decimals=2,
        country="DK", vat_percent=Decimal(25), vat_category="S", prices_include_vat=True, master=spot, fees=fees,
        tariffs=(grid,), spot_series_id=1,
    )  # fmt: skip


def usage(step: timedelta) -> Usage:
    """A night at 11 kW, measured this often, with two hours of standing there afterwards."""
    count = timedelta(hours=HOURS) // step
    wh = round(11_000 * (step / timedelta(hours=1)))
    segments = tuple(Segment(BEGIN + step * number, BEGIN + step * (number + 1), wh) for number in range(count))
    stopped_at = BEGIN + timedelta(hours=HOURS)
    return Usage(
        started_at=BEGIN, stopped_at=stopped_at, released_at=stopped_at + timedelta(hours=2), segments=segments
    )


def spot_prices() -> SpotSeries:
    """A price for every quarter, all different."""
    begin = BEGIN.replace(minute=0, second=0)
    return SpotSeries({begin + QUARTER * number: Decimal(12345 + number * 37) / 10_000 for number in range(48)})


def milliseconds(work: Callable[[], object]) -> tuple[float, float]:
    """Time some work on the wall, the best of some rounds, and by CPU, the middle one: others work here too."""
    rounds, cpu_rounds = [], []
    for _ in range(ROUNDS):
        began, cpu_began = time.perf_counter(), time.process_time()
        for _ in range(CALLS):
            work()
        rounds.append((time.perf_counter() - began) / CALLS * 1e3)
        cpu_rounds.append((time.process_time() - cpu_began) / CALLS * 1e3)
    return min(rounds), statistics.median(cpu_rounds)


def main() -> None:
    """Measure, and show."""
    terms, spot = frozen_terms(), spot_prices()
    stored = msgspec.json.encode(terms)
    rows: list[dict[str, object]] = []
    for what, work in {
        "8 h, energy per quarter": lambda: price_charge(terms, usage_quarters, spot),
        "8 h, energy per minute": lambda: price_charge(terms, usage_minutes, spot),
        "8 h, terms and prices read first": lambda: price_charge(
            msgspec.convert(msgspec.json.decode(stored), PriceTerms), usage_quarters, spot_prices()
        ),
    }.items():
        best, cpu = milliseconds(work)
        rows.append({"what": what, "best ms": best, "median CPU ms": cpu})
    lines = len(price_charge(terms, usage_quarters, spot).lines)
    table.show(f"One charge priced: {lines} lines; frozen terms are {len(stored)} bytes", rows)
    if "--keep" in sys.argv:
        table.keep("price", {"lines": lines, "terms bytes": len(stored), "rows": rows})


usage_quarters, usage_minutes = usage(QUARTER), usage(timedelta(minutes=1))

if __name__ == "__main__":
    main()
