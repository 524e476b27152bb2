"""A charge point that is not ours: the `ocpp` package's client, driven through one charge."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol


class ForeignChargePoint(ChargePoint):  # type: ignore[misc]
    """Accepts remote starts and stops, and remembers what it was asked."""

    def __init__(self, identity: str, connection: ClientConnection) -> None:
        super().__init__(identity, connection)
        self.asked_to_start: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.asked_to_stop: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.answers_start = "Accepted"

    @on("RemoteStartTransaction")  # type: ignore[untyped-decorator]
    def remote_start(self, id_tag: str, **_: Any) -> Any:
        self.asked_to_start.set_result(id_tag)
        return call_result.RemoteStartTransaction(status=self.answers_start)

    @on("RemoteStopTransaction")  # type: ignore[untyped-decorator]
    def remote_stop(self, transaction_id: int) -> Any:
        self.asked_to_stop.set_result(transaction_id)
        return call_result.RemoteStopTransaction(status="Accepted")

    async def boot(self) -> Any:
        """Say who it is."""
        return await self.call(call.BootNotification(charge_point_vendor="Foreign", charge_point_model="One"))

    async def report(self, status: str, connector: int = 1) -> None:
        """Send a StatusNotification."""
        await self.call(
            call.StatusNotification(connector_id=connector, error_code="NoError", status=status, timestamp=now_text())
        )

    async def begin(self, tag: str, meter_wh: int) -> int:
        """Open a transaction; return its id."""
        start = call.StartTransaction(connector_id=1, id_tag=tag, meter_start=meter_wh, timestamp=now_text())
        answer = await self.call(start)
        assert answer.id_tag_info["status"] == "Accepted"
        return int(answer.transaction_id)

    async def meter(self, transaction_id: int, meter_wh: int, power_w: int) -> None:
        """Send a reading."""
        values = [
            {"value": str(meter_wh), "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
            {"value": str(power_w), "measurand": "Power.Active.Import", "unit": "W"},
        ]
        reading = {"timestamp": now_text(), "sampled_value": values}
        await self.call(call.MeterValues(connector_id=1, transaction_id=transaction_id, meter_value=[reading]))

    async def end(self, transaction_id: int, meter_wh: int, reason: str) -> None:
        """Close a transaction."""
        stop = call.StopTransaction(
            meter_stop=meter_wh, timestamp=now_text(), transaction_id=transaction_id, reason=reason
        )
        await self.call(stop)


def now_text() -> str:
    """Write the time as charge points do."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@asynccontextmanager
async def foreign_charge_point(url: str, identity: str, password: str) -> AsyncIterator[ForeignChargePoint]:
    """Connect one, and keep it listening for the length of a block."""
    basic = base64.b64encode(f"{identity}:{password}".encode()).decode()
    async with connect(
        f"{url}/{identity}",
        subprotocols=[Subprotocol("ocpp1.6")],
        additional_headers={"Authorization": f"Basic {basic}"},
    ) as connection:
        box = ForeignChargePoint(identity, connection)
        listening = asyncio.create_task(box.start())
        try:
            yield box
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
