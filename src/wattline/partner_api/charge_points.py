"""Charge points: what there is, adding, changing, taking away."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from msgspec import UNSET, Meta

from wattline.domain.refusals import Invalid
from wattline.domain.values import ConnectorState
from wattline.operations import charge_points as verbs
from wattline.operations import connector_switches as switches
from wattline.partner_api.bodies import (
    ElectricCurrentType,
    ExternalId,
    Id,
    Name,
    PageQuery,
    Text,
    Unset,
    Visibility,
    box_of,
    given,
    place_of,
)
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries.partner_connectors import ConnectorFilter, connector_by_id, connectors_by_ids, find_connectors
from wattline.wire.partner.charge_points import ChargePoint, charge_point_of
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.shapes import Shape, Time, to_json

charge_points = Group("Charge points")

PAYLOAD_LENGTH_MAX = 1000
STATES = tuple(state.value for state in ConnectorState)

Kw = Annotated[float, Meta(gt=0, le=10_000)]


class ChargePointQuery(PageQuery, kw_only=True):
    """Which charge points. `sortByLocation` is `lat,long` with decimal points: the nearest come first.

    `boundingBox` is `minLat,minLon,maxLat,maxLon`. `includePublic` is for version 2024-07-01 and changes nothing here.
    """

    site_id: Id | None = None
    team_id: Id | None = None
    partner_external_id: str | None = None
    sort_by_location: str | None = None
    bounding_box: str | None = None
    operator_id: Id | None = None
    include_deleted: bool = False
    include_public: bool = False
    state: str | None = None
    from_updated_date: Time | None = None

    def as_filter(self) -> ConnectorFilter:
        """Return it as the question takes it. Raises Invalid."""
        if self.state is not None and self.state not in STATES:
            raise Invalid("state", f"'{self.state}' is not a state. Known are: {', '.join(STATES)}.")
        return ConnectorFilter(
            operator_id=self.operator_id,
            team_id=self.team_id,
            site_id=self.site_id,
            state=self.state,
            partner_external_id=self.partner_external_id,
            updated_from=self.from_updated_date,
            include_deleted=self.include_deleted,
            near=place_of(self.sort_by_location),
            box=box_of(self.bounding_box),
        )


class CreateChargePoint(Shape, kw_only=True):
    """A new charge point. `connectorIds` are kinds of plug; without them it has those of its model."""

    team_id: Id
    site_id: Id
    charge_point_model_id: Id
    name: Name
    max_kw: Kw
    visibility: Visibility
    type: ElectricCurrentType
    active: bool | None = True
    show_on_map: bool | None = True
    connector_ids: list[Id] | None = None
    note: Text | None = None
    partner_external_id: ExternalId | None = None
    partner_custom_payload: Any = None


class PatchChargePoint(Shape, kw_only=True):
    """What changes. A null clears note, partnerExternalId, partnerCustomPayload and connectorIds."""

    site_id: Id | Unset | None = UNSET
    name: Name | Unset | None = UNSET
    max_kw: Kw | Unset | None = UNSET
    visibility: Visibility | Unset | None = UNSET
    type: ElectricCurrentType | Unset | None = UNSET
    active: bool | Unset | None = UNSET
    show_on_map: bool | Unset | None = UNSET
    connector_ids: list[Id] | Unset | None = UNSET
    note: Text | Unset | None = UNSET
    partner_external_id: ExternalId | Unset | None = UNSET
    partner_custom_payload: Any | Unset = UNSET
    meter_id: Name | Unset | None = UNSET
    roaming: bool | Unset | None = UNSET
    roaming_price_group_id: Id | Unset | None = UNSET


CLEARABLE = frozenset({"note", "partner_external_id", "partner_custom_payload", "connector_ids"})
_COLUMNS = {"type": "current_kind", "connector_ids": "connector_types"}


@charge_points.route("GET", "/charge-points", "get-charge-points", "charge-points:read")
async def get_charge_points(call: Call, query: ChargePointQuery) -> Page[ChargePoint]:
    """List charge points. One charge point is what one car plugs into; a box with two sockets is two of them."""
    async with call.database.read() as connection:
        found = await find_connectors(connection, query.as_filter(), query.window, viewer=call.viewer)
        rows = await connectors_by_ids(connection, found.ids)
    return page_of([charge_point_of(row, web_url=call.web_url) for row in rows], found, query.window)


@charge_points.route("POST", "/charge-points", "post-charge-point", "charge-points:write", success=HTTPStatus.CREATED)
async def create_charge_point(call: Call, body: CreateChargePoint) -> ChargePoint:
    """Add a charge point. It is passive until hardware is bound to it: `PUT /charge-point-integrations`."""
    _check_payload(body.partner_custom_payload)
    new = verbs.NewConnector(
        team_id=body.team_id,
        site_id=body.site_id,
        model_id=body.charge_point_model_id,
        name=body.name,
        max_power_w=_watts(body.max_kw),
        visibility=body.visibility,
        current_kind=body.type,
        active=body.active is not False,
        show_on_map=body.show_on_map is not False,
        connector_types=body.connector_ids,
        note=body.note,
        partner_external_id=body.partner_external_id,
        partner_custom_payload=body.partner_custom_payload,
    )
    connector_id = await verbs.create_connector(call.database, new, asked_by=call.viewer, now=call.now)
    return await shown(call, connector_id)


@charge_points.route("GET", "/charge-points/{chargePointId}", "get-charge-point", "charge-points:read")
async def get_charge_point(call: Call, charge_point_id: int) -> ChargePoint:
    """Show one charge point, as it is now."""
    return await shown(call, charge_point_id)


@charge_points.route("PATCH", "/charge-points/{chargePointId}", "patch-charge-point", "charge-points:write")
async def patch_charge_point(call: Call, charge_point_id: int, body: PatchChargePoint) -> ChargePoint:
    """Change a charge point. What is not sent stays as it is."""
    changes = {_COLUMNS.get(name, name): value for name, value in given(body, clearable=CLEARABLE).items()}
    _check_payload(changes.get("partner_custom_payload"))
    # Prices for roaming come with the money; until then the id is taken and not kept.
    changes.pop("roaming_price_group_id", None)
    active: bool | None = changes.pop("active", None)
    if "max_kw" in changes:
        changes["max_power_w"] = _watts(changes.pop("max_kw"))
    if active is not None:
        changes["active_at"] = await _active_at(call, charge_point_id, active)
    await verbs.patch_connector(call.database, charge_point_id, changes, asked_by=call.viewer, now=call.now)
    return await shown(call, charge_point_id)


@charge_points.route(
    "DELETE", "/charge-points/{chargePointId}", "delete-charge-point", "charge-points:delete",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def delete_charge_point(call: Call, charge_point_id: int) -> None:
    """Take a charge point away, and its hardware's identity with it when it was the last one there."""
    await verbs.delete_connector(call.database, charge_point_id, asked_by=call.viewer, now=call.now)


@charge_points.route(
    "POST", "/charge-points/{chargePointId}/activate", "activate-charge-point", "charge-points:write",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def activate(call: Call, charge_point_id: int) -> None:
    """Put a charge point to full use."""
    await switches.activate(call.database, charge_point_id, asked_by=call.viewer, now=call.now)


@charge_points.route(
    "POST", "/charge-points/{chargePointId}/deactivate", "deactivate-charge-point", "charge-points:write",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def deactivate(call: Call, charge_point_id: int) -> None:
    """Take a charge point back to testing."""
    await switches.deactivate(call.database, charge_point_id, asked_by=call.viewer, now=call.now)


@charge_points.route(
    "POST", "/charge-points/{chargePointId}/maintenance-on", "maintenance-on-charge-point", "charge-points:write",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def maintenance_on(call: Call, charge_point_id: int) -> None:
    """Show a charge point as being worked on; nobody can start a charge there."""
    await switches.begin_maintenance(call.database, charge_point_id, asked_by=call.viewer, now=call.now)


@charge_points.route(
    "POST", "/charge-points/{chargePointId}/maintenance-off", "maintenance-off-charge-point", "charge-points:write",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def maintenance_off(call: Call, charge_point_id: int) -> None:
    """Give a charge point back to drivers."""
    await switches.end_maintenance(call.database, charge_point_id, asked_by=call.viewer, now=call.now)


async def shown(call: Call, charge_point_id: int) -> ChargePoint:
    """Show a charge point of the caller's. Raises Unknown."""
    async with call.database.read() as connection:
        row = await connector_by_id(connection, charge_point_id, viewer=call.viewer)
    return charge_point_of(row, web_url=call.web_url)


async def _active_at(call: Call, charge_point_id: int, active: bool) -> datetime | None:
    before = await shown(call, charge_point_id)
    return (before.active_at or call.now) if active else None


def _watts(kw: float) -> int:
    return round(kw * 1000)


def _check_payload(payload: Any) -> None:
    if payload is not None and len(to_json(payload)) > PAYLOAD_LENGTH_MAX:
        raise Invalid("partnerCustomPayload", f"must have at most {PAYLOAD_LENGTH_MAX} characters.")
