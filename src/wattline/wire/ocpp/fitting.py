"""Fit one value to the JSON type or word its schema asks for. Each function returns the value and what was odd.

NOTHING means that no value could be made of it. Read by `lenient.py`, which knows where the value belongs.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final

import msgspec

from wattline.wire.ocpp.deviations import Code
from wattline.wire.ocpp.spellings import FALLBACKS, SYNONYMS, bare


class Nothing:
    """Stands for no value; None is a value of JSON."""


NOTHING: Final = Nothing()

Fitted = tuple[object, Code | None]

# What PostgreSQL keeps in a bigint.
WHOLE_MAX = 2**63 - 1
# Twice the longest word of any OCPP enumeration; a longer one is none of them.
WORD_CHARACTERS_MAX = 64
# A charge point uses the same wrong words all day.
WORDS_REMEMBERED = 2048

_NUMBER = re.compile(r"[+-]?\d{1,30}(?:[.,]\d{1,30})?", re.ASCII)
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


def fit_text(value: object, *, structures: bool) -> Fitted:
    """Make text of a number or a boolean, and of a whole structure if allowed (`data` of DataTransfer)."""
    if isinstance(value, str):
        return value, None
    if isinstance(value, bool | int | float):
        return msgspec.json.encode(value).decode(), Code.NUMBER_FOR_TEXT
    if structures:
        return msgspec.json.encode(value).decode(), Code.STRUCTURE_FOR_TEXT
    return NOTHING, None


def fit_whole(value: object) -> Fitted:
    """Make a 64-bit integer: of text, and of a fraction by rounding half to even."""
    number, oddity = _decimal(value)
    if number is None or abs(number) > WHOLE_MAX:
        return NOTHING, None
    whole = int(number.to_integral_value())
    if whole != number:
        oddity = Code.NUMBER_NOT_WHOLE
    return whole, oddity


def fit_number(value: object) -> Fitted:
    """Make a JSON number of text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value, None
    number, oddity = _decimal(value)
    return (NOTHING if number is None else float(number)), oddity


def fit_boolean(value: object) -> Fitted:
    """Make true or false of text or of 0 and 1."""
    if isinstance(value, bool):
        return value, None
    known = _BOOLEANS.get(str(value).strip().casefold())
    return (NOTHING, None) if known is None else (known, Code.TEXT_FOR_BOOLEAN)


def fit_word(field: str, word: str, words: Sequence[str]) -> Fitted:
    """Find which of `words` was meant: other case or separators, a known synonym, or the word for "other"."""
    if word in words:
        return word, None
    meant = _nearest(field, word, tuple(words)) if len(word) <= WORD_CHARACTERS_MAX else None
    meant = meant or FALLBACKS.get(field)
    return (meant if meant in words else NOTHING), Code.UNKNOWN_VALUE


@lru_cache(WORDS_REMEMBERED)
def _nearest(field: str, word: str, words: tuple[str, ...]) -> str | None:
    plain = bare(word)
    same = next((known for known in words if bare(known) == plain), None)
    synonym = SYNONYMS.get(field, {}).get(plain or word.strip())
    return same or (synonym if synonym in words else None)


def _decimal(value: object) -> tuple[Decimal | None, Code | None]:
    if isinstance(value, bool):
        return None, None
    if isinstance(value, int | float):
        return Decimal(str(value)), None
    text = value.strip() if isinstance(value, str) else ""
    if not _NUMBER.fullmatch(text):
        return None, None
    return Decimal(text.replace(",", ".")), Code.TEXT_FOR_NUMBER
