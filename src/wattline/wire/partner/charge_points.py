"""A charge point (one connector) and its tie to hardware, in JSON."""

from typing import Any, Literal

from msgspec import convert, field

from wattline.domain.values import ConnectorState
from wattline.wire.partner.places import Connector, Location, Operator, location_of, operator_of
from wattline.wire.partner.shapes import Shape, Time, kw, kwh

# How OCPP 1.6 spells what a connector does, and how partners read it.
OCPP_STATUS = {
    "Available": "available",
    "Preparing": "preparing",
    "Charging": "charging",
    "SuspendedEV": "suspended-ev",
    "SuspendedEVSE": "suspended-evse",
    "Finishing": "finishing",
    "Reserved": "reserved",
    "Unavailable": "unavailable",
    "Faulted": "faulted",
}

IntegrationState = Literal["pending", "connected", "disconnected", "error", "unknown"]


class CpDeeplinks(Shape):
    """Links that open the page on which a driver starts a charge."""

    app: str
    web: str


class SimCard(Shape):
    imsi: str | None
    iccid: str | None


class ChargePointOcpp(Shape):
    status: str | None
    updated_at: Time | None


class ChargePointProtocolData(Shape):
    ocpp: ChargePointOcpp | None


class ChargePoint(Shape, kw_only=True):
    """A charge point: what one car plugs into."""

    id: int
    team_id: int
    partner_external_id: str | None
    partner_custom_payload: Any
    site_id: int | None
    operator: Operator | None
    created_at: Time
    updated_at: Time
    deleted_at: Time | None
    active_at: Time | None
    serial_number: str | None
    name: str | None
    visibility: Literal["private", "public"]
    max_kw_upper: float | None = field(name="maxKW")
    max_kw: float | None
    type: Literal["ac", "dc"] | None
    note: str | None
    operator_note: str | None
    state: ConnectorState | None
    location: Location
    connectors: list[Connector]
    deeplinks: CpDeeplinks
    last_meter_reading_kwh: float | None
    meter_id: str | None
    cable_plugged_in: bool
    charge_point_model_id: int | None
    brand_name: str | None
    model_name: str | None
    firmware_version: str | None
    integration_type: Literal["oicp", "ocpi", "ocpp", "other"] | None
    evse_id: str
    price_group_id: int | None = None
    cost_group_id: int | None = None
    roaming_price_group_id: int | None = None
    sponsored_price_group_id: int | None = None
    is_active: bool
    reservable: bool
    reservation_time: int | None
    sim_card: SimCard | None
    roaming: bool
    last_connected_at: Time | None
    disconnected_at: Time | None
    occupied: bool | None = None
    protocol_data: ChargePointProtocolData
    metadata: Any = None
    show_on_map: bool


class ChargePointIntegration(Shape):
    """The tie between a charge point and a socket of a box."""

    id: int
    state: IntegrationState
    serial_number: str
    charge_point_identity: str
    integration_type_identifier: str
    connector_id: int | None
    charge_point: ChargePoint
    active_at: Time | None
    created_at: Time
    updated_at: Time | None
    deleted_at: Time | None


# Fields that are called and written like their columns.
_AS_STORED = (
    "id", "team_id", "partner_external_id", "partner_custom_payload", "site_id", "created_at", "updated_at",
    "deleted_at", "active_at", "name", "visibility", "note", "operator_note", "state", "meter_id", "firmware_version",
    "evse_id", "roaming", "show_on_map",
)  # fmt: skip


def charge_point_of(row: Any, *, web_url: str) -> ChargePoint:
    """Make a charge point of a row of queries/partner_connectors.py. `web_url` is where drivers find us."""
    integrated = row["charge_point_id"] is not None
    return ChargePoint(
        **{column: row[column] for column in _AS_STORED},
        operator=operator_of(row),
        serial_number=row["identity"],
        max_kw_upper=kw(row["max_power_w"]),
        max_kw=kw(row["max_power_w"]),
        type=row["current_kind"] if row["current_kind"] in ("ac", "dc") else None,
        location=location_of(row),
        connectors=convert(row["plugs"], list[Connector]),
        deeplinks=deeplinks(row["id"], web_url),
        last_meter_reading_kwh=kwh(row["meter_wh"]),
        cable_plugged_in=bool(row["cable_plugged_in"]),
        charge_point_model_id=row["model_id"],
        brand_name=row["brand_name"] or row["told_vendor"],
        model_name=row["model_name"] or row["told_model"],
        integration_type="ocpp" if integrated else None,
        is_active=row["active_at"] is not None,
        reservable=row["reservation_time_minutes"] is not None,
        reservation_time=row["reservation_time_minutes"],
        sim_card=SimCard(imsi=row["imsi"], iccid=row["iccid"]) if row["imsi"] or row["iccid"] else None,
        last_connected_at=row["connected_at"],
        disconnected_at=None if row["connected"] else row["disconnected_at"],
        protocol_data=ChargePointProtocolData(ocpp=_ocpp(row) if integrated else None),
        price_group_id=row["public_group_id"],
        cost_group_id=row["cost_group_id"],
        roaming_price_group_id=row["roaming_group_id"],
        sponsored_price_group_id=row["sponsored_group_id"],
    )


def deeplinks(connector_id: int, web_url: str) -> CpDeeplinks:
    """Make the links that a QR code carries: the web page, which hands over to the app where there is one."""
    page = f"{web_url.rstrip('/')}/c/{connector_id}"
    return CpDeeplinks(app=page, web=page)


def integration_of(row: Any, charge_point: ChargePoint) -> ChargePointIntegration:
    """Make an integration of a row of queries/partner_integrations.py and its charge point."""
    return ChargePointIntegration(
        id=row["id"],
        state=_integration_state(row),
        serial_number=row["serial_number"],
        charge_point_identity=row["identity"],
        integration_type_identifier=row["type"],
        connector_id=row["number"],
        charge_point=charge_point,
        active_at=row["active_at"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        deleted_at=row["deleted_at"],
    )


def _ocpp(row: Any) -> ChargePointOcpp:
    told = row["ocpp_status"]
    return ChargePointOcpp(
        status=None if told is None else OCPP_STATUS.get(told, "unknown"), updated_at=row["status_at"]
    )


def _integration_state(row: Any) -> IntegrationState:
    if row["deleted_at"] is not None:
        return "unknown"
    if row["connected"]:
        return "error" if row["boot_status"] == "Rejected" else "connected"
    return "pending" if row["connected_at"] is None else "disconnected"
