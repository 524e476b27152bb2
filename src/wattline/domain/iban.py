"""Bank accounts by their IBAN: written in any grouping, checked before any money is sent there (ISO 13616)."""

from collections.abc import Mapping

from wattline.domain.refusals import Invalid

# How long an IBAN of each country is, by its register, for the countries whose banks our payouts reach.
_COUNTRIES_BY_LENGTH: Mapping[int, str] = {
    15: "NO",
    16: "BE",
    18: "DK FI FO GL NL",
    19: "MK SI",
    20: "AT BA EE LT LU XK",
    21: "CH HR LI LV",
    22: "BG DE GB GE IE ME RS VA",
    23: "GI IL",
    24: "AD CZ ES MD RO SE SK",
    25: "PT",
    26: "IS TR",
    27: "FR GR IT MC SM",
    28: "AL AZ CY HU PL",
    29: "UA",
    31: "MT",
}
LENGTHS = {country: length for length, countries in _COUNTRIES_BY_LENGTH.items() for country in countries.split()}

# ISO 7064: a number and its check digits leave this when divided by 97.
REMAINDER = 1


def checked_iban(text: str) -> str:
    """Return an IBAN in capital letters without spaces. Raises Invalid, saying what is wrong with it."""
    iban = "".join(text.split()).upper()
    length = LENGTHS.get(iban[:2])
    if length is None:
        raise Invalid("iban", "must begin with the two letters of a country to which we can pay, such as DK or DE.")
    if len(iban) != length or not (iban.isascii() and iban.isalnum() and iban[2:4].isdigit()):
        raise Invalid("iban", f"must have {length} letters and digits for {iban[:2]}.")
    if _remainder(iban) != REMAINDER:
        raise Invalid("iban", "has a mistake somewhere: its check digits do not fit.")
    return iban


def _remainder(iban: str) -> int:
    # Letters count as two digits each: A is 10.
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97
