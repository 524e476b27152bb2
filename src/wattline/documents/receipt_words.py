"""What a receipt says, in words and figures of a locale: the same on the page and on paper."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.languages import get_official_languages
from babel.numbers import format_currency, format_decimal

from wattline.domain.price import PriceLine
from wattline.domain.price_items import Unit
from wattline.domain.rounding import to_main
from wattline.queries.receipts import Receipt
from wattline.web.formats import Formats

_UNITS: Mapping[Unit, str] = {Unit.KWH: "kWh", Unit.MINUTE: "min"}
# A seller who never said where he is gets English words for days, and 24 hours.
_NOWHERE = "en_150"


def seller_locale(country: str | None) -> str:
    """Name the locale of a country by its first official language."""
    languages = get_official_languages(country.upper(), de_facto=True) if country else ()
    return f"{languages[0]}_{country.upper()}" if languages and country else _NOWHERE


def formats_of(receipt: Receipt, locale: str, *, now: datetime) -> Formats:
    """Read dates where the charge point stands, figures as the locale has them."""
    return Formats.of(locale, receipt.time_zone, now=now)


def place_words(receipt: Receipt) -> str:
    """Say where it was."""
    return ", ".join(part for part in (receipt.connector, receipt.site, receipt.address) if part)


def how_much(line: PriceLine, formats: Formats) -> str:
    """Write quantity times price; nothing where the line is no quantity of anything."""
    unit = _UNITS.get(line.unit)
    if unit is None:
        return ""
    quantity = format_decimal(line.quantity, format="#,##0.###", locale=formats.locale)
    each = format_decimal(line.unit_price, format="#,##0.00##", locale=formats.locale)
    return f"{quantity} {unit} × {each}"


def minor(amount_minor: int, receipt: Receipt, formats: Formats) -> str:
    """Write an amount in minor units with its currency."""
    return written(to_main(amount_minor, receipt.decimals), receipt, formats)


def told_amount(receipt: Receipt) -> Decimal | None:
    """Return what a terminal said that it reserved, in main units; None when it said nothing that is a number."""
    amount = session_of(receipt).get("amount")
    try:
        number = Decimal(str(amount))
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def written(amount: Decimal, receipt: Receipt, formats: Formats) -> str:
    """Write an amount in main units with its currency."""
    return str(format_currency(amount, receipt.currency.upper(), locale=formats.locale))


def session_of(receipt: Receipt) -> Mapping[str, Any]:
    """Return what the terminal told us, as far as it makes sense."""
    return receipt.session if isinstance(receipt.session, dict) else {}


def card_words(receipt: Receipt) -> str | None:
    """Name the card by brand and last four digits; None when nobody told us of one."""
    session = session_of(receipt)
    card = receipt.card if isinstance(receipt.card, dict) else {}
    last4 = session.get("cardLast4") or card.get("last4")
    if not last4:
        return None
    brand = str(session.get("cardBrand") or card.get("brand") or "card")
    return f"{brand[:1].upper()}{brand[1:]} ·· {last4}"
