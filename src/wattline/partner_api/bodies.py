"""Pieces that bodies and filters of many routes are made of."""

import re
from collections.abc import Collection
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from wattline.domain.place import Address
from wattline.domain.refusals import Invalid
from wattline.partner_api.decoding import INT64_MAX
from wattline.queries.paging import Window
from wattline.wire.partner.shapes import Shape

Id = Annotated[int, Meta(gt=0, le=INT64_MAX)]
Name = Annotated[str, Meta(min_length=1, max_length=500)]
Text = Annotated[str, Meta(max_length=5000)]
Email = Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+$", max_length=320)]
ExternalId = Annotated[str, Meta(max_length=500)]
Unset = UnsetType
Visibility = Literal["private", "public"]
ElectricCurrentType = Literal["ac", "dc", "other"]
ChargeAuthenticationType = Literal["rfid", "vehicleId"]

# Page numbers beyond this would overflow what they are multiplied with.
PAGE_MAX = 10_000_000


class PageQuery(Shape, kw_only=True):
    """Which page of a list, counted from 0."""

    page: Annotated[int, Meta(ge=0, le=PAGE_MAX)] = 0
    per_page: Annotated[int, Meta(ge=1, le=100)] = 10

    @property
    def window(self) -> Window:
        """The page as questions know it."""
        return Window(self.page, self.per_page)


class NewAddress(Shape, kw_only=True):
    """An address as programs send it."""

    address1: Name
    address2: Name | None = None
    address3: Name | None = None
    city: Name
    zip_code: Name
    country_id: Id
    country_area_id: Id | None = None

    def as_address(self) -> Address:
        """Return it as verbs take it."""
        return Address(**msgspec.structs.asdict(self))


def given(body: msgspec.Struct, *, clearable: Collection[str] = ()) -> dict[str, Any]:
    """Collect the fields a PATCH body has. A null clears a `clearable` field and leaves every other one alone."""
    fields = msgspec.structs.asdict(body).items()
    return {name: value for name, value in fields if value is not UNSET and (value is not None or name in clearable)}


def place_of(text: str | None) -> tuple[float, float] | None:
    """Read `lat,long`, both with a decimal point, as `sortByLocation` wants them. Raises Invalid."""
    if text is None:
        return None
    latitude, longitude = _degrees("sortByLocation", text, 2)
    return latitude, longitude


def box_of(text: str | None) -> tuple[float, float, float, float] | None:
    """Read `minLat,minLon,maxLat,maxLon`; return both latitudes, then both longitudes. Raises Invalid."""
    if text is None:
        return None
    south, west, north, east = _degrees("boundingBox", text, 4)
    return south, north, west, east


def _degrees(field: str, text: str, count: int) -> list[float]:
    parts = text.split(",")
    if len(parts) != count or not all(re.fullmatch(r"-?[0-9]{1,3}\.[0-9]{1,20}", part.strip()) for part in parts):
        raise Invalid(field, f"must be {count} numbers with a decimal point, with commas between them.")
    degrees = [float(part) for part in parts]
    if any(abs(one) > (90 if place % 2 == 0 else 180) for place, one in enumerate(degrees)):
        raise Invalid(field, "must be latitudes up to 90 and longitudes up to 180 degrees.")
    return degrees
