"""Where something is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address. `country_id` and `country_area_id` are ids of our reference data."""

    address1: str
    city: str
    zip_code: str
    country_id: int
    address2: str | None = None
    address3: str | None = None
    country_area_id: int | None = None
