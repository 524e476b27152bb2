"""Switching charge points between testing, use and maintenance."""

from http import HTTPStatus

from wattline.operations import connector_switches as switches
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group

charge_point_switches = Group("Charge points")


@charge_point_switches.route(
    "POST", "/charge-points/{chargePointId}/activate", "activate-charge-point", "charge-points:write",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def activate(call: Call, charge_point_id: int) -> None:
    """Put a charge point to full use."""
    await switches.activate(call.database, charge_point_id, asked_by=call.viewer, now=call.now)


@charge_point_switches.route(
    "POST", "/charge-points/{chargePointId}/deactivate", "deactivate-charge-point", "charge-points:write",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def deactivate(call: Call, charge_point_id: int) -> None:
    """Take a charge point back to testing."""
    await switches.deactivate(call.database, charge_point_id, asked_by=call.viewer, now=call.now)


@charge_point_switches.route(
    "POST", "/charge-points/{chargePointId}/maintenance-on", "maintenance-on-charge-point", "charge-points:write",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def maintenance_on(call: Call, charge_point_id: int) -> None:
    """Show a charge point as being worked on; nobody can start a charge there."""
    await switches.begin_maintenance(call.database, charge_point_id, asked_by=call.viewer, now=call.now)


@charge_point_switches.route(
    "POST", "/charge-points/{chargePointId}/maintenance-off", "maintenance-off-charge-point", "charge-points:write",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def maintenance_off(call: Call, charge_point_id: int) -> None:
    """Give a charge point back to drivers."""
    await switches.end_maintenance(call.database, charge_point_id, asked_by=call.viewer, now=call.now)
