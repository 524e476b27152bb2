"""Standard rates of VAT, by country and day."""

from datetime import date
from decimal import Decimal

# Standard rates, and since when where it changed lately. Energy for cars has no reduced rate anywhere here.
_STANDARD_RATES: dict[str, tuple[tuple[date, str], ...]] = {
    "AT": ((date.min, "20"),), "BE": ((date.min, "21"),), "BG": ((date.min, "20"),), "CH": ((date.min, "8.1"),),
    "CY": ((date.min, "19"),), "CZ": ((date.min, "21"),), "DE": ((date.min, "19"),), "DK": ((date.min, "25"),),
    "EE": ((date.min, "22"), (date(2025, 7, 1), "24")), "ES": ((date.min, "21"),), "FI": ((date.min, "25.5"),),
    "FR": ((date.min, "20"),), "GB": ((date.min, "20"),), "GR": ((date.min, "24"),), "HR": ((date.min, "25"),),
    "HU": ((date.min, "27"),), "IE": ((date.min, "23"),), "IS": ((date.min, "24"),), "IT": ((date.min, "22"),),
    "LI": ((date.min, "8.1"),), "LT": ((date.min, "21"),), "LU": ((date.min, "17"),), "LV": ((date.min, "21"),),
    "MT": ((date.min, "18"),), "NL": ((date.min, "21"),), "NO": ((date.min, "25"),), "PL": ((date.min, "23"),),
    "PT": ((date.min, "23"),), "RO": ((date.min, "19"), (date(2025, 8, 1), "21")), "SE": ((date.min, "25"),),
    "SI": ((date.min, "22"),), "SK": ((date.min, "20"), (date(2025, 1, 1), "23")),
}  # fmt: skip

VAT_COUNTRIES = tuple(_STANDARD_RATES)
EU = frozenset(_STANDARD_RATES) - {"CH", "GB", "IS", "LI", "NO"}


def has_vat(country: str | None) -> bool:
    """Tell whether a country's VAT comes by itself, so that nobody may set a rate there."""
    return country in _STANDARD_RATES


def standard_percent(country: str, on: date) -> Decimal:
    """Return a country's standard rate on a day."""
    return Decimal(next(percent for since, percent in reversed(_STANDARD_RATES[country]) if since <= on))
