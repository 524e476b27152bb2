"""What is wrong with a value, in words that name the field."""

import re
from typing import Any, Literal, get_args, get_origin

import msgspec

from wattline.domain.refusals import Invalid

_AT = re.compile(r"(?P<what>.*?)(?: - at `(?P<path>\$.*)`)?", re.DOTALL)

_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
    "datetime": "a time like 2026-11-20T12:00:00Z",
    "decimal": "a number",
}

# What msgspec says, and how we say it.
_SENTENCES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"Expected `(?P<type>int|float|decimal)` (?P<op>[<>]=?) (?P<limit>\S+)"), "must be {op} {limit}."),
    (re.compile(r"Expected `(?:str|array|object)` of length >= (?P<limit>\d+)"), "must have at least {limit} {unit}."),
    (re.compile(r"Expected `(?:str|array|object)` of length <= (?P<limit>\d+)"), "must have at most {limit} {unit}."),
    (re.compile(r"Expected `str` matching regex"), "is not written as it must be."),
    (re.compile(r"Invalid RFC3339 encoded datetime|Expected `datetime` with a timezone"), "must be {datetime}."),
    (re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`"), "must be {wanted}, not {got}."),
    (re.compile(r"Expected `(?P<wanted>[^`]+)`"), "must be {wanted}."),
)  # fmt: skip


def refusal_of(error: msgspec.ValidationError, shape: Any) -> Invalid:
    """Turn what msgspec says of a value into a refusal that names the field."""
    match = _AT.fullmatch(str(error))
    assert match is not None
    what, path = match["what"], (match["path"] or "$").removeprefix("$").lstrip(".")
    missing = re.fullmatch(r"Object missing required field `(.+)`", what)
    if missing:
        return Invalid(".".join(filter(None, [path, missing[1]])), "is missing.")
    return Invalid(path or "body", _problem(what, shape, path))


def _problem(what: str, shape: Any, path: str) -> str:
    if what.startswith("Invalid enum value"):
        known = _choices(shape, path)
        return f"{what.removeprefix('Invalid enum value ')} is not known here." + (
            f" Known are: {known}." if known else ""
        )
    for pattern, sentence in _SENTENCES:
        if match := pattern.match(what):
            found = {name: _in_words(text) for name, text in match.groupdict().items()}
            unit = "characters" if "`str`" in what else "entries"
            return sentence.format(**found, unit=unit, datetime=_WORDS["datetime"])
    return f"cannot be read: {what}."


def _in_words(text: str) -> str:
    comparisons = {">": "more than", ">=": "at least", "<": "less than", "<=": "at most"}
    if text in comparisons:
        return comparisons[text]
    words = [_WORDS.get(part.strip(), part.strip()) for part in text.split("|")]
    return " or ".join(dict.fromkeys(words))


def _choices(shape: Any, path: str) -> str:
    for field in msgspec.structs.fields(shape) if isinstance(shape, type) and issubclass(shape, msgspec.Struct) else ():
        if field.encode_name == path:
            for kind in (field.type, *get_args(field.type)):
                if get_origin(kind) is Literal:
                    return ", ".join(map(str, get_args(kind)))
    return ""
