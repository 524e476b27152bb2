"""The price of a tariff in the seven days to come, hour by hour on the tariff's own clocks. Pure drawing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_CEILING, Decimal
from zoneinfo import ZoneInfo

from wattline.portal.timeline import Mark
from wattline.web.formats import Formats

DAYS = 7
HOUR = timedelta(hours=1)
LEFT, RIGHT, TOP, BOTTOM = 52.0, 1124.0, 14.0, 190.0
USUAL_HOURS = 24
_STEPS = [Decimal(digit).scaleb(power) for power in range(-4, 8) for digit in (1, 2, 5)]


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the chart: where it begins, its name, and what clocks do on it."""

    at: str
    middle: str
    label: str
    clocks: str


@dataclass(frozen=True, slots=True)
class TariffPlot:
    """Everything the template draws. `now` is where this moment stands."""

    paths: Sequence[str]
    areas: Sequence[str]
    levels: Sequence[Mark]
    days: Sequence[Day]
    now: str
    label: str


def first_day(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the midnight with which the chart begins."""
    return datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)


def last_day(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the midnight with which it ends."""
    day = now.astimezone(zone).date() + timedelta(days=DAYS)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def tariff_plot(
    hours: Sequence[tuple[datetime, Decimal]], zone: ZoneInfo, currency: str, formats: Formats
) -> TariffPlot | None:
    """Draw the hours that are known of today and the six days after it; None when none is."""
    if not hours:
        return None
    begin, end = first_day(formats.now, zone), last_day(formats.now, zone)
    prices = dict(hours)
    top, levels = _levels(max(prices.values()))
    count = (end - begin) // HOUR

    def x(at: datetime) -> float:
        return LEFT + (at - begin) / HOUR / count * (RIGHT - LEFT)

    def y(price: Decimal) -> float:
        return BOTTOM - float(price / top) * (BOTTOM - TOP)

    paths, areas = [], []
    for run in _runs(prices, begin, count):
        steps = "".join(f"V{y(prices[at]):.1f}H{x(at + HOUR):.1f}" for at in run)
        paths.append(f"M{x(run[0]):.1f} {y(prices[run[0]]):.1f}{steps}")
        areas.append(f"M{x(run[0]):.1f} {BOTTOM}{steps}V{BOTTOM}Z")
    least, most = (formats.price(bound(prices.values())) for bound in (min, max))
    return TariffPlot(
        paths, areas,
        levels=[Mark(f"{y(level):.1f}", formats.price(level)) for level in levels],
        days=[_day(formats, number, zone, x) for number in range(DAYS)],
        now=f"{x(formats.now):.1f}",
        label=f"Price per kWh over the next seven days, from {least} to {most} {currency.upper()}",
    )  # fmt: skip


def _runs(prices: Mapping[datetime, Decimal], begin: datetime, count: int) -> list[list[datetime]]:
    """Part the hours where some are not known."""
    runs: list[list[datetime]] = []
    for at in (begin + number * HOUR for number in range(count)):
        if at not in prices:
            continue
        if runs and runs[-1][-1] == at - HOUR:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _levels(most: Decimal) -> tuple[Decimal, list[Decimal]]:
    step = next((step for step in _STEPS if most / step <= 4), _STEPS[-1])
    count = max(int((most / step).to_integral_value(ROUND_CEILING)), 1)
    return step * count, [step * number for number in range(count + 1)]


def _day(formats: Formats, number: int, zone: ZoneInfo, x: Callable[[datetime], float]) -> Day:
    day: date = formats.now.astimezone(zone).date() + timedelta(days=number)
    begin, end = (datetime.combine(each, time(), zone).astimezone(UTC) for each in (day, day + timedelta(days=1)))
    hours = (end - begin) // HOUR
    clocks = "" if hours == USUAL_HOURS else f"{hours} hours: clocks go {'back' if hours > USUAL_HOURS else 'forward'}"
    return Day(f"{x(begin):.1f}", f"{(x(begin) + x(end)) / 2:.1f}", f"{day:%a} {formats.short_day(day)}", clocks)
