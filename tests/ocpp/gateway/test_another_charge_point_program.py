"""A charge driven by a charge point program that is not ours: the client of the `ocpp` package."""

import asyncio
import base64
from datetime import UTC, datetime
from typing import Any

from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.ocpp.gateway.conftest import now
from tests.ocpp.gateway.yard import KEY, PASSWORD, Yard
from wattline.operations import remote_actions
from wattline.operations.remote_actions import Box


class Stranger(ChargePoint):  # type: ignore[misc]
    """A charge point as somebody else programs it, with the package's own schema checks on."""

    @on("Reset")  # type: ignore[untyped-decorator]
    async def on_reset(self, type: str, **_more: Any) -> Any:
        return call_result.Reset(status="Accepted" if type == "Soft" else "Rejected")


async def test_a_charge_from_boot_to_stop(yard: Yard) -> None:
    box_id = await yard.add_box("STRANGER")
    token = base64.b64encode(f"STRANGER:{PASSWORD}".encode()).decode()
    async with connect(
        f"ws://127.0.0.1:{yard.gateway.port}/ocpp/STRANGER",
        subprotocols=[Subprotocol("ocpp1.6")],
        additional_headers={"Authorization": f"Basic {token}"},
    ) as socket:
        stranger = Stranger("STRANGER", socket)
        listening = asyncio.create_task(stranger.start())
        boot = await stranger.call(call.BootNotification(charge_point_model="M", charge_point_vendor="V"))
        assert boot.status == "Accepted"
        await stranger.call(call.StatusNotification(connector_id=1, error_code="NoError", status="Preparing"))
        assert (await stranger.call(call.Authorize(id_tag=KEY))).id_tag_info["status"] == "Accepted"
        started = await stranger.call(
            call.StartTransaction(connector_id=1, id_tag=KEY, meter_start=0, timestamp=datetime.now(UTC).isoformat())
        )
        sampled = [{"timestamp": datetime.now(UTC).isoformat(), "sampledValue": [{"value": "450"}]}]
        await stranger.call(
            call.MeterValues(connector_id=1, transaction_id=started.transaction_id, meter_value=sampled)
        )
        reset = await remote_actions.reboot(yard.database, yard.bus, Box(box_id), asked_by=yard.viewer, now=now())
        assert reset.outcome == "accepted"
        await stranger.call(
            call.StopTransaction(
                meter_stop=450, timestamp=datetime.now(UTC).isoformat(), transaction_id=started.transaction_id
            )
        )
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    assert await yard.value("select energy_wh from charge") == 450
