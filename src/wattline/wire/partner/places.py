"""Where things are, and who runs them."""

from typing import Any

from wattline.wire.partner.shapes import Shape


class Coordinates(Shape):
    latitude: float
    longitude: float


class Address(Shape):
    """The address of charge points and sites; teams have another shape."""

    address1: str
    address2: str | None
    address3: str | None
    zip: str
    city: str
    province: str | None
    country: str | None
    country_area_id: int | None


class Location(Shape):
    coordinates: Coordinates | None
    address_label: str | None
    address: Address | None


class Operator(Shape):
    id: int
    name: str
    identifier: str
    partner_id: int | None
    vat_number: str | None


class Connector(Shape):
    """A kind of plug."""

    id: int
    identifier: str
    name: str


def location_of(row: Any) -> Location:
    """Read the columns of queries/partner_places.LOCATION."""
    coordinates = None
    if row["latitude"] is not None and row["longitude"] is not None:
        coordinates = Coordinates(latitude=row["latitude"], longitude=row["longitude"])
    if row["address1"] is None:
        return Location(coordinates=coordinates, address_label=None, address=None)
    address = Address(
        address1=row["address1"],
        address2=row["address2"],
        address3=row["address3"],
        zip=row["zip_code"] or "",
        city=row["city"] or "",
        province=row["province"],
        country=row["country_name"],
        country_area_id=row["country_area_id"],
    )
    parts = [row["address1"], f"{address.zip} {address.city}".strip(), row["country_name"]]
    return Location(coordinates=coordinates, address_label=", ".join(filter(None, parts)), address=address)


def operator_of(row: Any) -> Operator:
    """Read the columns of queries/partner_places.OPERATOR."""
    return Operator(
        id=row["operator_id"],
        name=row["operator_name"],
        identifier=row["operator_identifier"],
        partner_id=None,
        vat_number=row["operator_vat_number"],
    )
