"""What people call sites, charge points and their connectors."""

from collections.abc import Sequence
from string import ascii_uppercase
from unicodedata import category

from wattline.domain.refusals import Invalid

NAME_LENGTH_MAX = 120
# What turns the direction of reading: a name with it could pass for another, and turns the words behind it too.
TURNED = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def checked_name(name: str, *, field: str = "name") -> str:
    """Return a name with single blanks, or raise Invalid naming `field`."""
    tidy = " ".join(name.split())
    if any(category(letter) == "Cc" or letter in TURNED for letter in tidy):
        raise Invalid(field, "has characters that cannot be seen. Type it instead of pasting it.")
    if not tidy:
        raise Invalid(field, "is empty. Write what people on site call it.")
    if len(tidy) > NAME_LENGTH_MAX:
        raise Invalid(field, f"is longer than {NAME_LENGTH_MAX} characters.")
    return tidy


def connector_name(box_name: str, number: int, *, count: int) -> str:
    """Name connector `number` of a box with `count` of them: `Bay 4`, or `Bay 4 · 2`."""
    return box_name if count == 1 else f"{box_name} · {number}"


def name_of_box(connector_names: Sequence[str]) -> str:
    """Find the name of a box again, from those of its connectors in the order of their numbers.

    People who name connectors themselves like letters: 4A and 4B stand in 4.
    """
    first = connector_names[0]
    if len(connector_names) > 1 and all(
        name == f"{first[:-1]}{letter}" for name, letter in zip(connector_names, ascii_uppercase, strict=False)
    ):
        return first[:-1].rstrip() or first
    return first.removesuffix(" · 1")
