"""Spot prices in a file: one line per hour or quarter of an hour."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import NamedTuple

from wattline.domain.refusals import Invalid
from wattline.domain.rounding import as_stored
from wattline.domain.usage import HOUR, QUARTER, begin_of

SAMPLE_DAYS_BACK = 7
SAMPLE_DAYS = 10
# The market's own limits are 4,000 a MWh; what lies far beyond is a file in another unit.
PRICE_MAX = Decimal(1000)


class Priced(NamedTuple):
    """What a kWh costs in the quarter that begins then, in main units without VAT."""

    start_at: datetime
    price: Decimal


def read_spot_file(text: str, *, per_mwh: bool = False) -> list[Priced]:
    """Read lines of a time and a price; others in front of them are a heading.

    Times are ISO 8601 with an offset or Z. Lines an hour apart are for an hour each. Raises Invalid, naming the line.
    """
    lines = [
        _line(number, fields, per_mwh)
        for number, fields in enumerate(csv.reader(text.splitlines(), delimiter=delimiter_of(text)), start=1)
        if fields and (number > 1 or is_time(fields[0]))
    ]
    if not lines:
        raise Invalid("file", "has no prices. Each line is a time with its offset, and a price.")
    ordered = sorted(lines)
    lengths = {after.start_at - before.start_at for before, after in pairwise(ordered)}
    if timedelta() in lengths:
        raise Invalid("file", "has two prices for one time.")
    length = QUARTER if QUARTER in lengths else HOUR
    return list(_per_quarter(ordered, length))


def sample_days(shape: Sequence[Decimal], now: datetime) -> list[Priced]:
    """Lay one day of quarters out over the days around now."""
    first = begin_of(now, timedelta(days=1)) - timedelta(days=SAMPLE_DAYS_BACK)
    return [Priced(first + number * QUARTER, shape[number % len(shape)]) for number in range(SAMPLE_DAYS * len(shape))]


def _per_quarter(lines: Iterable[Priced], length: timedelta) -> Iterator[Priced]:
    for line in lines:
        for number in range(length // QUARTER):
            yield Priced(line.start_at + number * QUARTER, line.price)


def _line(number: int, fields: list[str], per_mwh: bool) -> Priced:
    try:
        at, price = datetime.fromisoformat(fields[0].strip()), Decimal(fields[1].strip().replace(",", "."))
    except (ValueError, IndexError, InvalidOperation):
        raise Invalid("file", f"line {number} is not a time and a price: {';'.join(fields)[:60]}") from None
    if at.tzinfo is None or at != begin_of(at, QUARTER):
        raise Invalid("file", f"line {number}: the time must have an offset and begin a quarter of an hour.")
    price = price / 1000 if per_mwh else price
    if not price.is_finite() or abs(price) > PRICE_MAX:
        raise Invalid("file", f"line {number}: {fields[1].strip()} is no price of a kWh. Is it per MWh?")
    return Priced(at, as_stored(price))


def is_time(text: str) -> bool:
    """Tell whether a line begins with a time, rather than with a heading."""
    return text.strip()[:4].isdigit()


def delimiter_of(text: str) -> str:
    """Return what parts the fields of a file: semicolons where a comma stands in numbers."""
    return ";" if ";" in text.partition("\n")[0] else ","
