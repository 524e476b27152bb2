"""A wallet's balance with what came in and went out, day by day. Pure drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from babel.numbers import get_currency_precision

from wattline.portal.timeline import Mark
from wattline.queries.portal_wallets import DayOfMoney
from wattline.web.drawing import round_top
from wattline.web.formats import Formats

DAYS = 30
LEFT, RIGHT = 58.0, 746.0
BALANCE_TOP, BALANCE_BOTTOM = 20.0, 118.0
# What came in stands on this line, what went out hangs from it.
MIDDLE, BAR_MAX = 162.0, 28.0
LABEL_EVERY = 7


@dataclass(frozen=True, slots=True)
class Bar:
    """What moved on one day."""

    x: str
    y: str
    width: str
    height: str
    way: str


@dataclass(frozen=True, slots=True)
class MoneyPlot:
    """Everything the template draws. `balances` are those of each day's end, the oldest first."""

    path: str
    area: str
    end: tuple[str, str]
    levels: Sequence[Mark]
    ticks: Sequence[Mark]
    bars: Sequence[Bar]
    label: str
    balances: Sequence[float]


def money_plot(
    days: Mapping[date, DayOfMoney], balance_minor: int, currency: str, formats: Formats
) -> MoneyPlot | None:
    """Draw the last 30 days, ending today with the balance of now. None when nothing moved and nothing is there."""
    if not days and not balance_minor:
        return None
    today = formats.local(formats.now).date()
    dates = [today - timedelta(days=DAYS - 1 - number) for number in range(DAYS)]
    balances = _balances(days, dates, balance_minor)
    unit = 10 ** get_currency_precision(currency.upper())
    top, levels = (
        round_top(max(*balances, 1) / unit) if max(balances) / unit <= ROUND_MAX else _big(max(balances), unit)
    )
    y_of = _scale(top * unit)
    step = (RIGHT - LEFT) / DAYS
    corners = [f"M{LEFT} {y_of(balances[0]):.1f}"]
    for number, each in enumerate(balances):
        corners.append(f"V{y_of(each):.1f}H{LEFT + (number + 1) * step:.1f}")
    path = "".join(corners)
    return MoneyPlot(
        path=path,
        area=f"{path}V{BALANCE_BOTTOM}H{LEFT}Z",
        end=(f"{RIGHT}", f"{y_of(balances[-1]):.1f}"),
        levels=[Mark(f"{y_of(level * unit):.1f}", formats.number(level)) for level in (0.0, *levels)],
        ticks=_ticks(dates, step, formats),
        bars=_bars(days, dates, step),
        label=_label(days, balances, currency, formats),
        balances=[max(each, 0) / unit for each in balances],
    )


# Beyond this, levels are tens of the leading digit.
ROUND_MAX = 5000


def _big(minor: int, unit: int) -> tuple[float, list[float]]:
    value = minor / unit
    size = 10 ** (len(str(int(value))) - 1)
    step = size if value / size <= 4 else 2 * size if value / size <= 8 else 5 * size
    count = int(value // step) + 1
    return float(step * count), [float(step * number) for number in range(1, count + 1)]


def _balances(days: Mapping[date, DayOfMoney], dates: Sequence[date], balance_minor: int) -> list[int]:
    balances = [balance_minor]
    for day in reversed(dates[1:]):
        moved = days.get(day)
        balances.append(balances[-1] - (moved.in_minor - moved.out_minor if moved else 0))
    return balances[::-1]


def _scale(top_minor: float) -> "_Scale":
    return _Scale(top_minor)


@dataclass(frozen=True, slots=True)
class _Scale:
    top_minor: float

    def __call__(self, minor: float) -> float:
        share = min(max(minor / self.top_minor, 0.0), 1.0)
        return BALANCE_BOTTOM - share * (BALANCE_BOTTOM - BALANCE_TOP)


def _bars(days: Mapping[date, DayOfMoney], dates: Sequence[date], step: float) -> list[Bar]:
    most = max((max(each.in_minor, each.out_minor) for each in days.values()), default=0)
    bars = []
    for number, day in enumerate(dates):
        moved = days.get(day)
        x, width = f"{LEFT + number * step + step * 0.2:.1f}", f"{step * 0.6:.1f}"
        for way, minor in (("in", moved.in_minor), ("out", moved.out_minor)) if moved and most else ():
            height = max(minor / most * BAR_MAX, 1.0) if minor else 0.0
            if height:
                y = MIDDLE - height if way == "in" else MIDDLE
                bars.append(Bar(x, f"{y:.1f}", width, f"{height:.1f}", way))
    return bars


def _ticks(dates: Sequence[date], step: float, formats: Formats) -> list[Mark]:
    marks = [
        Mark(f"{LEFT + (number + 0.5) * step:.1f}", formats.short_day(day))
        for number, day in enumerate(dates[:-3])
        if number % LABEL_EVERY == 0
    ]
    return [*marks, Mark(f"{RIGHT - step / 2:.1f}", "Today")]


def _label(days: Mapping[date, DayOfMoney], balances: Sequence[int], currency: str, formats: Formats) -> str:
    decimals = get_currency_precision(currency.upper())
    came, went = sum(each.in_minor for each in days.values()), sum(each.out_minor for each in days.values())
    said = [
        formats.number(Decimal(each).scaleb(-decimals), decimals) for each in (balances[0], balances[-1], came, went)
    ]
    return f"Balance from {said[0]} to {said[1]} {currency.upper()}; {said[2]} came in and {said[3]} went out"
