"""From a payload to a message: check it, mend it if need be, and give it a shape. Parse leniently, answer strictly."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from wattline.wire.ocpp import v16
from wattline.wire.ocpp.deviations import Code, Deviation, deviation
from wattline.wire.ocpp.lenient import CLOCK_AHEAD_MAX, CLOCKS_BEGIN, mend
from wattline.wire.ocpp.rpc import Call, Payload
from wattline.wire.ocpp.schemas import Direction, is_valid
from wattline.wire.ocpp.versions import V16, ErrorCode, Version


class Understood(msgspec.Struct, frozen=True, gc=False):
    """A payload we can act on. `message` is its shape, None where `v16` has none (our commands and their answers)."""

    message: v16.Shape | None
    payload: Payload
    """The JSON object; empty where a call was read into its shape in one step."""
    deviations: tuple[Deviation, ...] = ()


class Misunderstood(msgspec.Struct, frozen=True, gc=False):
    """A payload beyond repair, and the CALLERROR for it."""

    code: ErrorCode
    description: str
    details: Payload
    deviations: tuple[Deviation, ...]


def understand_call(version: Version, call: Call, *, received_at: datetime) -> Understood | Misunderstood:
    """Read the payload of a call, as `understand` does."""
    payload = call.payload
    if call.message is not None:
        if not _clock_is_odd(call.message, received_at):
            return Understood(call.message, payload)
        payload = msgspec.json.decode(msgspec.json.encode(call.message))
    return understand(version, call.action, Direction.REQUEST, payload, received_at=received_at)


def understand(
    version: Version, action: str, direction: Direction, payload: Payload, *, received_at: datetime
) -> Understood | Misunderstood:
    """Read one payload of a known action. `received_at` stands in for times that tell nothing."""
    shape = _SHAPES.get((version.name, action, direction))
    if shape is not None and is_valid(version, action, direction, payload):
        try:
            message: v16.Shape | None = msgspec.convert(payload, shape)
        except msgspec.ValidationError:
            pass  # A number beyond 64 bits, or a time such as a leap second, that a schema lets through.
        else:
            if not _clock_is_odd(message, received_at):
                return Understood(message, payload)
    mended = mend(version, action, direction, payload, received_at=received_at)
    if mended.faults:
        fault = mended.faults[0]
        return _misunderstood(fault.code, f"{fault.path or action}: {fault.message}", fault.path, mended.deviations)
    try:
        message = None if shape is None else msgspec.convert(mended.payload, shape)
    except msgspec.ValidationError as error:
        return _misunderstood(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, str(error), "", mended.deviations)
    return Understood(message, mended.payload, mended.deviations)


_SHAPES: Mapping[tuple[str, str, Direction], type[v16.Shape]] = {
    (V16.name, action, direction): shape
    for action, shapes in v16.MESSAGES.items()
    for direction, shape in zip((Direction.REQUEST, Direction.RESPONSE), shapes, strict=True)
}


def _clock_is_odd(message: v16.Shape | None, received_at: datetime) -> bool:
    latest = received_at + CLOCK_AHEAD_MAX
    for stamp in _stamps(message):  # noqa: SIM110 a loop costs half of any(), and this is run for every message
        if not CLOCKS_BEGIN <= stamp <= latest:
            return True
    return False


def _stamps(message: v16.Shape | None) -> Iterable[datetime]:
    """List the times a charge point took from its own clock."""
    match message:
        case v16.MeterValues():
            return [meter_value.timestamp for meter_value in message.meter_value]
        case v16.StopTransaction():
            return [message.timestamp, *(meter_value.timestamp for meter_value in message.transaction_data)]
        case v16.StartTransaction() | v16.SecurityEventNotification():
            return [message.timestamp]
        case v16.StatusNotification(timestamp=datetime() as timestamp):
            return [timestamp]
        case _:
            return ()


def _misunderstood(code: ErrorCode, description: str, path: str, deviations: tuple[Deviation, ...]) -> Misunderstood:
    refused = deviation(Code.PAYLOAD_REFUSED, path, description)
    return Misunderstood(code, description, {"path": path} if path else {}, (*deviations, refused))
