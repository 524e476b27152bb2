"""What invoices and receipts say of a company: VAT number, EAN, order number. Formats: EU VIES, GB, NO, CH; GS1."""

import re
from collections.abc import Mapping

from wattline.domain.refusals import Invalid

PURCHASE_ORDER_LENGTH_MAX = 40
EAN_DIGITS = 13

# What follows the letters of the country.
VAT_FORMATS: Mapping[str, str] = {
    "AT": r"U\d{8}", "BE": r"[01]\d{9}", "BG": r"\d{9,10}", "CH": r"E\d{9}(MWST|TVA|IVA)?", "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}", "DE": r"\d{9}", "DK": r"\d{8}", "EE": r"\d{9}", "EL": r"\d{9}", "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}", "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}", "GB": r"(\d{9}|\d{12}|(GD|HA)\d{3})", "HR": r"\d{11}",
    "HU": r"\d{8}", "IE": r"(\d{7}[A-W][A-I]?|\d[A-Z+*]\d{5}[A-W])", "IT": r"\d{11}", "LT": r"(\d{9}|\d{12})",
    "LU": r"\d{8}", "LV": r"\d{11}", "MT": r"\d{8}", "NL": r"[A-Z0-9+*]{10}\d{2}", "NO": r"\d{9}(MVA)?",
    "PL": r"\d{10}", "PT": r"\d{9}", "RO": r"\d{2,10}", "SE": r"\d{10}01", "SI": r"\d{8}", "SK": r"\d{10}",
    "XI": r"(\d{9}|\d{12})",
}  # fmt: skip
# Greece writes EL on VAT numbers and GR everywhere else.
LETTERS_OF: Mapping[str, str] = {"GR": "EL"}


def checked_vat_number(number: str, *, country: str | None = None) -> str | None:
    """Return a VAT number without blanks, dots and dashes; None when there is none. Raises Invalid.

    `country` is that of the company's address, two letters, when it is known.
    """
    tidy = re.sub(r"[\s.\-]", "", number).upper()
    if not tidy:
        return None
    letters = LETTERS_OF.get(country or "", country or "")
    if letters in VAT_FORMATS and tidy[:1].isdigit():
        tidy = letters + tidy
    rule = VAT_FORMATS.get(tidy[:2])
    if rule is None:
        raise Invalid("vat_number", "begins with the letters of its country, such as DK.")
    if not re.fullmatch(rule, tidy[2:], re.ASCII):
        raise Invalid("vat_number", f"is none of {tidy[:2]}. Compare it with your registration.")
    if letters in VAT_FORMATS and tidy[:2] not in (letters, "XI" if letters == "GB" else letters):
        raise Invalid("vat_number", f"is of {tidy[:2]}, and the address is in {country}.")
    return tidy


def checked_ean(number: str) -> str | None:
    """Return an EAN of 13 digits with a right check digit; None when there is none. Raises Invalid."""
    tidy = re.sub(r"\s", "", number)
    if not tidy:
        return None
    if not re.fullmatch(r"\d{13}", tidy, re.ASCII):
        raise Invalid("ean_number", f"has {EAN_DIGITS} digits.")
    # GS1: every second digit counts three times, and all together end in 0.
    if sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(tidy)) % 10:
        raise Invalid("ean_number", "has a typing error: its last digit does not fit the others.")
    return tidy


def checked_purchase_order(number: str) -> str | None:
    """Return an order number; None when there is none. Raises Invalid."""
    tidy = " ".join(number.split())
    if len(tidy) > PURCHASE_ORDER_LENGTH_MAX:
        raise Invalid("purchase_order", f"is longer than {PURCHASE_ORDER_LENGTH_MAX} characters.")
    return tidy or None
