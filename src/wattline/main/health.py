"""What machines ask: does it live, can it work, how is it."""

from datetime import datetime
from typing import Any

from litestar import Response, get
from litestar.datastructures import State

from wattline.database.connection import AWAY
from wattline.main.metrics import Measured, in_prometheus_text
from wattline.queries.vital_signs import gateway_work, vital_signs

NOT_CACHED = {"Cache-Control": "no-store"}


@get("/health/live", include_in_schema=False, sync_to_thread=False)
def live() -> Response[dict[str, str]]:
    """Answer at all: the process runs and its event loop turns."""
    return Response({"status": "live"}, headers=NOT_CACHED)


@get("/health/ready", include_in_schema=False)
async def ready(state: State) -> Response[dict[str, Any]]:
    """Answer 200 when requests can be served: the database answers, and a gateway lives; else 503 and why."""
    now: datetime = state.clock()
    try:
        signs = await vital_signs(state.database, now=now)
    except (*AWAY, TimeoutError, OSError) as error:
        return Response({"status": "no database", "detail": str(error)}, status_code=503, headers=NOT_CACHED)
    status = "ready" if signs.gateways_alive else "no gateway"
    return Response({"status": status}, status_code=200 if signs.gateways_alive else 503, headers=NOT_CACHED)


@get("/metrics", include_in_schema=False)
async def metrics(state: State) -> Response[bytes]:
    """Answer in Prometheus' text form."""
    now: datetime = state.clock()
    measured = Measured(
        signs=await vital_signs(state.database, now=now),
        gateways=await gateway_work(state.database, now=now),
        pool=state.database.connections,
    )
    body, media_type = in_prometheus_text(measured)
    return Response(body, media_type=media_type, headers=NOT_CACHED)
