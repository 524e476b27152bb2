"""Brands, models, countries and currencies, in JSON."""

from typing import Any, Literal

from msgspec import convert

from wattline.wire.partner.shapes import Shape, Time


class ChargePointBrand(Shape):
    id: int
    identifier: str
    name: str
    created_at: Time | None
    updated_at: Time | None


class ModelBrand(Shape):
    id: int
    name: str


class ChargePointModelFeature(Shape):
    key: str
    description: str | None
    requirements: str | None
    enabled: bool


class ChargePointModel(Shape):
    id: int
    identifier: str
    name: str
    brand: ModelBrand
    features: list[ChargePointModelFeature]
    created_at: Time | None
    updated_at: Time | None


class Country(Shape):
    id: int
    name: str
    alpha2_code: str
    sanctioned: bool


class CountryArea(Shape):
    """Part of a country that has an electricity price or a grid operator of its own."""

    id: int
    country_id: int
    name: str
    external_id: str | None
    level: Literal["bidding-area", "dso", "tso", "other"]


class CurrencyItem(Shape):
    """A currency to look up: its identifier is in upper case here."""

    id: int | None
    identifier: str | None
    name: str | None
    decimals: int


def model_of(row: Any) -> ChargePointModel:
    """Make a model of a row with its brand's `brand_id` and `brand_name`."""
    return ChargePointModel(
        id=row["id"],
        identifier=row["identifier"],
        name=row["name"],
        brand=ModelBrand(id=row["brand_id"], name=row["brand_name"]),
        features=convert(row["features"], list[ChargePointModelFeature]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
