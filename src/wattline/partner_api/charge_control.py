"""Ending charges, and beginning them again."""

from wattline.operations import charges as verbs
from wattline.partner_api.call import Call
from wattline.partner_api.charge_view import shown
from wattline.partner_api.routing import Group
from wattline.wire.partner.charges import Charge

charge_control = Group("Charges")

# Either is enough: for one's own charge points, or for public ones.
CONTROL = ("control-charging:write", "control-public-charging:write")


@charge_control.route("GET", "/charges/{chargeId}/stop", "stop-charge", *CONTROL)
@charge_control.route("POST", "/charges/{chargeId}/stop", "stop-charge-by-post", *CONTROL)
async def stop_charge(call: Call, charge_id: int) -> Charge:
    """End a charge, to be paid as usual. It is `stopping` until the charge point says that it has ended."""
    await verbs.stop_charge(call.database, charge_id, asked_by=call.viewer, source="api", now=call.now)
    return await shown(call, charge_id)


@charge_control.route("GET", "/charges/{chargeId}/restart", "restart-charge", "control-charging:write")
@charge_control.route("POST", "/charges/{chargeId}/restart", "restart-charge-by-post", "control-charging:write")
async def restart_charge(call: Call, charge_id: int) -> Charge:
    """Begin a reserved charge, or ask the charge point again when a charge hangs in `starting` or `stopping`."""
    await verbs.restart_charge(call.database, charge_id, asked_by=call.viewer, now=call.now)
    return await shown(call, charge_id)
