"""What all shapes have in common: camelCase, explicit nulls, compact JSON, units as partners expect them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

# A moment, written with its Z.
Time = Annotated[datetime, msgspec.Meta(tz=True)]


class Shape(msgspec.Struct, rename="camel"):
    """A JSON object. Fields are written in the order they stand here, those without a value as null."""


_encoder = msgspec.json.Encoder(decimal_format="number", uuid_format="canonical")


def to_json(value: object) -> bytes:
    """Write a shape as compact JSON: exactly these bytes are sent, and signed."""
    return _encoder.encode(value)


def kwh(wh: int | None) -> float | None:
    """Tell Wh as kWh."""
    return None if wh is None else wh / 1000


def kw(w: int | None) -> float | None:
    """Tell W as kW."""
    return None if w is None else w / 1000


def major(minor: int | None, decimals: int) -> float | None:
    """Tell an amount in minor units as partners expect it in charges: a decimal number of the main unit."""
    return None if minor is None else float(Decimal(minor).scaleb(-decimals))


def double(number: Decimal | None) -> float | None:
    """Tell an exact number as a double."""
    return None if number is None else float(number)
