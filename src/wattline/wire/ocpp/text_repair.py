"""Mend the text of a frame that is not quite JSON, where only one meaning is possible (field notes F6).

What is mended: stray bytes around the frame, escapes JSON does not know, control characters and halves of surrogate
pairs inside text, trailing commas, and numbers that are none (NaN, Infinity, 1e999). Everything else is left broken.
Every step is linear in the length of the text.
"""

import re

from wattline.wire.ocpp.deviations import Code, Deviation, deviation

REPLACEMENT = "\ufffd"

# A text up to its closing quote, or to the end when it is never closed; or all between two texts.
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[^"]+', re.DOTALL)

_INSIDE_TEXT = re.compile(
    r"""(?P<fine>\\["\\/bfnrt]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})
      | (?P<unicode>\\u(?P<hex>[0-9a-fA-F]{4}))
      | (?P<quote>\\')
      | (?P<slash>\\)
      | (?P<control>[\x00-\x1f\ud800-\udfff])""",
    re.VERBOSE,
)
_NO_NUMBER = re.compile(
    r"-?(?:\bNaN\b|\bnan\b|\bInfinity\b|\binf\b)|(?<![\w.+-])-?\d[\d.]*+[eE]\+?\d{3,}|(?<![\w.+-])-?\d{40,}"
)
_TRAILING_COMMA = re.compile(r",(?=[ \t\r\n]*[\]}])")
_STRAY = "\ufeff\x00 \t\r\n\x0b\x0c\x1a\x04"
_ESCAPES = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}


def needs_repair(text: str) -> bool:
    """Tell whether valid JSON must be mended all the same: PostgreSQL keeps no NUL character in text."""
    return "\\" in text and "\\u0000" in text


def repair_text(text: str) -> tuple[str, tuple[Deviation, ...]]:
    """Mend what has one meaning only; return the new text and what was wrong."""
    bare = text.strip(_STRAY)
    found = [deviation(Code.TEXT_AROUND_FRAME, sample=repr(text[:8]))] if bare != text.strip() else []
    whole = _TOKENS.sub(_mend_text, bare)
    mended = _TOKENS.sub(_mend_numbers, whole)
    for code, before, after in ((Code.TEXT_REPAIRED, bare, whole), (Code.NOT_A_NUMBER, whole, mended)):
        if before != after:
            spot = _first_difference(before, after)
            found.append(deviation(code, sample=repr(before[max(0, spot - 20) : spot + 20])))
    return mended, tuple(found)


def _mend_text(token: re.Match[str]) -> str:
    text = token[0]
    return _INSIDE_TEXT.sub(_mend_character, text) if text.startswith('"') else _TRAILING_COMMA.sub("", text)


def _mend_numbers(token: re.Match[str]) -> str:
    text = token[0]
    return text if text.startswith('"') else _NO_NUMBER.sub("null", text)


def _mend_character(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "unicode" | "hex":
            is_half = 0xD800 <= int(found["hex"], 16) <= 0xDFFF
            return REPLACEMENT if is_half or found["hex"] == "0000" else found[0]
        case "quote":
            return "'"
        case "slash":
            return r"\\"
        case "control":
            return _ESCAPES.get(found[0], REPLACEMENT)
        case _:
            return found[0]


def _first_difference(old: str, new: str) -> int:
    return next((spot for spot, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
