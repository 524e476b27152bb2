"""Which VAT is on a sale: energy to drivers, and what companies charge each other.

Charging is a supply of goods (CJEU C-60/23): a driver pays the VAT of the charge point's country (Article 39), a dealer
that of where it is established, which across a border inside the EU means that the dealer accounts for it (Article 38).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class VatCategory(StrEnum):
    """EN 16931 categories that occur here."""

    STANDARD = "S"
    REVERSE_CHARGE = "AE"
    OUT_OF_SCOPE = "O"


REVERSE_CHARGE_REASON = "VATEX-EU-AE"


@dataclass(frozen=True, slots=True)
class Vat:
    """VAT on one sale: percent, and what an invoice says about it. `country` is whose VAT it is."""

    category: VatCategory
    percent: Decimal
    country: str | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Company:
    """A seller or buyer. `country` is ISO alpha-2; `registered` tells whether it accounts for VAT."""

    country: str | None
    registered: bool


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A rate somebody made for a country with sales tax, where no rate comes by itself."""

    name: str
    percent: Decimal


OUT_OF_SCOPE = Vat(VatCategory.OUT_OF_SCOPE, Decimal(), None)

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

EU = frozenset(_STANDARD_RATES) - {"CH", "GB", "IS", "LI", "NO"}


def has_vat(country: str | None) -> bool:
    """Tell whether a country's VAT comes by itself, so that nobody may set a rate there."""
    return country in _STANDARD_RATES


def standard_percent(country: str, on: date) -> Decimal:
    """Return a country's standard rate on a day."""
    return Decimal(next(percent for since, percent in reversed(_STANDARD_RATES[country]) if since <= on))


def on_sale_to_driver(seller: Company, charged_in: str | None, on: date, sales_taxes: Iterable[TaxRate] = ()) -> Vat:
    """VAT of a charge that a driver pays for: that of the country in which the charge point stands.

    Where there is no VAT, the sales taxes applied to the price group are added up.
    """
    if charged_in is not None and has_vat(charged_in):
        if not seller.registered:
            return Vat(VatCategory.OUT_OF_SCOPE, Decimal(), charged_in)
        return Vat(VatCategory.STANDARD, standard_percent(charged_in, on), charged_in)
    percent = sum((rate.percent for rate in sales_taxes), Decimal())
    category = VatCategory.STANDARD if percent else VatCategory.OUT_OF_SCOPE
    return Vat(category, percent, charged_in)


def between_companies(seller: Company, buyer: Company, on: date) -> Vat:
    """VAT of what companies charge each other: fees, and energy sold on to a dealer.

    The same country: its VAT. Two countries of the EU: reverse charge. A buyer elsewhere: outside the scope. A buyer
    who does not account for VAT pays the seller's.
    """
    if not seller.registered or seller.country is None or not has_vat(seller.country):
        return OUT_OF_SCOPE
    if buyer.registered and buyer.country not in (seller.country, None):
        if seller.country in EU and buyer.country in EU:
            return Vat(VatCategory.REVERSE_CHARGE, Decimal(), buyer.country, REVERSE_CHARGE_REASON)
        return OUT_OF_SCOPE
    return Vat(VatCategory.STANDARD, standard_percent(seller.country, on), seller.country)
