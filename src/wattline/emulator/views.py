"""How a charge point is shown to people and programs: the JSON of the control port."""

from datetime import datetime

import msgspec

from wattline.emulator.box import Box
from wattline.emulator.connector import NO_ERROR, Connector
from wattline.emulator.messages import Status
from wattline.emulator.station import Station


class ConnectorView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One connector. `energy_wh` is that of the running charge, `register_wh` the meter's of its life."""

    number: int
    status: str
    error_code: str | None
    plugged: bool
    charging: bool
    power_w: int
    energy_wh: int
    register_wh: int
    transaction_id: int | None
    id_tag: str | None
    soc: float | None
    suspended: str | None


class BoxView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One charge point. `waiting_messages` counts what is not yet answered."""

    identity: str
    model: str
    firmware: str
    connected: bool
    registration: str | None
    has_power: bool
    waiting_messages: int
    connectors: list[ConnectorView]


class FrameView(msgspec.Struct, frozen=True, kw_only=True):
    """One frame as it crossed the line."""

    number: int
    at: datetime
    direction: str
    text: str


def box_view(box: Box) -> BoxView:
    """Show a charge point."""
    return BoxView(
        identity=box.identity,
        model=box.hardware.name,
        firmware=box.firmware,
        connected=box.is_linked,
        registration=box.registration,
        has_power=box.has_power,
        waiting_messages=len(box.outbox) + (box.in_flight is not None),
        connectors=[connector_view(connector) for connector in box.connectors],
    )


def connector_view(connector: Connector) -> ConnectorView:
    """Show a connector."""
    transaction = connector.transaction
    return ConnectorView(
        number=connector.number,
        status=connector.status,
        error_code=None if connector.error_code == NO_ERROR else connector.error_code,
        plugged=connector.car is not None,
        charging=connector.status is Status.CHARGING,
        power_w=round(connector.power_w),
        energy_wh=round(connector.charged_wh),
        register_wh=connector.meter_wh,
        transaction_id=None if transaction is None else transaction.central_id,
        id_tag=None if transaction is None else transaction.id_tag,
        soc=None if connector.car is None else round(connector.car.soc_percent, 1),
        suspended=connector.suspended_by,
    )


def frame_views(station: Station, *, after: int) -> list[FrameView]:
    """Show the last frames behind a number, oldest first."""
    return [
        FrameView(number=frame.number, at=frame.at, direction=frame.direction, text=frame.text)
        for frame in station.frames or ()
        if frame.number > after
    ]
