"""Asking the hardware behind charge points for something. Each call waits for the answer of the box."""

from http import HTTPStatus

from wattline.operations import key_sync, remote_actions
from wattline.operations.remote_actions import Socket
from wattline.partner_api.box_answers import must_be_accepted
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group

hardware = Group("Hardware")


@hardware.route(
    "POST", "/charge-points/{chargePointId}/reboot", "reboot-charge-point", "charge-points:write",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def reboot(call: Call, charge_point_id: int) -> None:
    """Restart the box of a charge point. It ends running charges in good order first."""
    result = await remote_actions.reboot(
        call.database, call.bus, Socket(charge_point_id), asked_by=call.viewer, now=call.now
    )
    must_be_accepted(result)


@hardware.route(
    "POST", "/charge-points/{chargePointId}/unlock", "unlock-charge-point", "charge-points:write",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def unlock(call: Call, charge_point_id: int) -> None:
    """Open the lock that holds the cable."""
    result = await remote_actions.unlock(
        call.database, call.bus, Socket(charge_point_id), asked_by=call.viewer, now=call.now
    )
    must_be_accepted(result)


@hardware.route(
    "POST", "/charge-points/{chargePointId}/sync-charge-keys", "sync-charge-keys", "charge-points:write",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def sync_charge_keys(call: Call, charge_point_id: int) -> None:
    """Give the box the charge keys it may accept while it is offline."""
    result = await key_sync.sync_charge_keys(
        call.database, call.bus, Socket(charge_point_id), asked_by=call.viewer, now=call.now
    )
    must_be_accepted(result)
