"""Which VAT is on a sale: energy to drivers, and what companies charge each other.

Charging is a supply of goods (CJEU C-60/23): a driver pays the VAT of the charge point's country (Article 39), a dealer
that of where it is established, which across a border inside the EU means that the dealer accounts for it (Article 38).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from wattline.domain.vat_rates import EU, has_vat, standard_percent


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
