"""Reading what a program sent: ids in the path, filters, bodies. What is wrong is said in words, naming the field."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from wattline.domain.refusals import Invalid
from wattline.partner_api.plain_words import refusal_of
from wattline.partner_api.routing import snake
from wattline.partner_api.slashes import with_slashes

T = TypeVar("T")

INT64_MAX = 2**63 - 1


def path_values(texts: Mapping[str, str], types: Mapping[str, type]) -> dict[str, object]:
    """Read the changing parts of a path, by the names of the function's arguments. Raises Invalid."""
    return {
        snake(name): _whole_number(name, texts[name]) if kind is int else with_slashes(texts[name])
        for name, kind in types.items()
    }


def query_values(pairs: Iterable[tuple[str, str]], shape: type[T]) -> T:
    """Read filters. A name that comes twice counts once, the last. Raises Invalid."""
    try:
        return msgspec.convert(dict(pairs), shape, strict=False)
    except msgspec.ValidationError as error:
        raise refusal_of(error, shape) from None


def body_value(body: bytes, shape: Any) -> Any:
    """Read a JSON body; what type the sender said it has does not matter. Raises Invalid."""
    if not body.strip():
        raise Invalid("body", "is empty, but must be JSON.")
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise refusal_of(error, shape) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("body", f"is not JSON that we can read: {error}") from None


def _whole_number(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,19}", text) or int(text) > INT64_MAX:
        raise Invalid(name, f"must be a whole number, not '{text[:40]}'.")
    return int(text)
