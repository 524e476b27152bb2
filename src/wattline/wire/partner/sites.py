"""A site, in JSON."""

from typing import Any, Literal

from msgspec import convert, field

from wattline.wire.partner.places import Connector, Location, Operator, location_of, operator_of
from wattline.wire.partner.shapes import Shape, Time, kw


class Site(Shape, kw_only=True):
    """A place with charge points."""

    id: int
    team_id: int | None
    partner_external_id: str | None
    partner_custom_payload: Any
    name: str
    operator: Operator | None
    created_at: Time
    updated_at: Time
    deleted_at: Time | None
    charge_point_count: int
    active_charge_point_count: int
    available_charge_point_count: int
    max_kw_upper: float | None = field(name="maxKW")
    max_kw: float | None
    type: Literal["ac", "dc"] | None
    visibility: Literal["private", "public"]
    note: str | None
    location: Location
    connectors: list[Connector]
    metadata: Any


_AS_STORED = (
    "id", "team_id", "partner_external_id", "partner_custom_payload", "name", "created_at", "updated_at", "deleted_at",
    "charge_point_count", "active_charge_point_count", "available_charge_point_count", "visibility", "note", "metadata",
)  # fmt: skip


def site_of(row: Any) -> Site:
    """Make a site of a row of queries/partner_sites.py."""
    return Site(
        **{column: row[column] for column in _AS_STORED},
        operator=operator_of(row),
        max_kw_upper=kw(row["max_power_w"]),
        max_kw=kw(row["max_power_w"]),
        type=row["current_kind"],
        location=location_of(row),
        connectors=convert(row["plugs"], list[Connector]),
    )
