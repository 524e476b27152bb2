"""Weeks of a tariff as forms and pages show them: dates in words, a grid of weekdays and hours, and shades by price."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from wattline.domain.tariff import DAYS_A_WEEK, HOURS_A_DAY, Week
from wattline.domain.tariff_week import DAYS
from wattline.portal.forms import Form
from wattline.web.formats import Formats

# A week that is to count always ends here.
NEVER = date(2199, 12, 31)
SHADES = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of one weekday: its field, what is written there, how dark it is, and whether something is wrong."""

    name: str
    label: str
    text: str
    shade: int | None
    wrong: bool


def dates_words(first: date, last: date, formats: Formats) -> str:
    """Say when a week counts."""
    begin = f"{first.day} {formats.short_day(first).split(' ')[-1]} {first.year}"
    if last >= NEVER:
        return f"From {begin} on"
    return f"From {begin} to {last.day} {formats.short_day(last).split(' ')[-1]} {last.year}"


def field_of(day: int, hour: int) -> str:
    """Name the field of an hour."""
    return f"h-{day}-{hour}"


def texts_of(week: Week) -> dict[str, str]:
    """Write a week into its fields."""
    return {field_of(day, hour): f"{price.normalize():f}" if price else "0" for (day, hour), price in week.items()}


def grid(form: Form, shades: Mapping[str, int]) -> list[tuple[int, list[Cell]]]:
    """Lay the week out, an hour of all weekdays in each row."""
    return [(hour, [_cell(form, day, hour, shades) for day in range(DAYS_A_WEEK)]) for hour in range(HOURS_A_DAY)]


def shades_of(week: Week) -> dict[str, int]:
    """Give every hour a shade, the dearest the darkest."""
    ranks = sorted(set(week.values()))
    return {field_of(*at): _shade(ranks.index(price), len(ranks)) for at, price in week.items()}


def number_of(text: str) -> Decimal | None:
    """Read a price as people write it; None when it is none."""
    try:
        price = Decimal(text.replace(",", "."))
    except ArithmeticError:
        return None
    return price if price.is_finite() else None


def _cell(form: Form, day: int, hour: int, shades: Mapping[str, int]) -> Cell:
    name = field_of(day, hour)
    label = f"{DAYS[day].capitalize()} {hour:02}:00"
    return Cell(name, label, form[name], shades.get(name), name in form.problems)


def _shade(rank: int, count: int) -> int:
    return 0 if count == 1 else round(rank / (count - 1) * (SHADES - 1))
