"""The quirks that show in payloads: each is one function that spoils a good payload as some firmware does."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from wattline.emulator.box import Box
from wattline.emulator.messages import Message, MeterRead, TransactionEnded
from wattline.emulator.quirks import Quirk

Payload = dict[str, Any]
Oddity = Callable[[Box, Message, str, Payload], None]

REGISTER = "Energy.Active.Import.Register"
SUMMER_TIME = timezone(timedelta(hours=2))


def make_odd(box: Box, message: Message, action: str, payload: Payload) -> Payload:
    """Apply the box's quirks to a payload."""
    for quirk in sorted(box.quirks & ODDITIES.keys()):
        ODDITIES[quirk](box, message, action, payload)
    return payload


def _samples(payload: Payload) -> Iterator[Payload]:
    for name in ("meterValue", "transactionData"):
        for reading in payload.get(name, ()):
            yield from reading["sampledValue"]


def _registers(payload: Payload) -> Iterator[Payload]:
    return (sample for sample in _samples(payload) if sample["measurand"] == REGISTER)


def _long_serial(box: Box, message: Message, action: str, payload: Payload) -> None:
    if action == "BootNotification":
        payload["chargePointSerialNumber"] = f"{box.identity}-0123456789ABCDEFGHIJKLMN"[:33]
        payload["chargePointModel"] = f"{payload['chargePointModel']} long range"[:23].ljust(23, "X")


NULLABLE = {
    "BootNotification": ("iccid", "imsi"),
    "StatusNotification": ("info", "vendorId", "vendorErrorCode"),
    "StartTransaction": ("reservationId",),
    "StopTransaction": ("idTag", "transactionData"),
}


def _nulls(box: Box, message: Message, action: str, payload: Payload) -> None:
    for name in NULLABLE.get(action, ()):
        payload.setdefault(name, None)


def _wrong_enums(box: Box, message: Message, action: str, payload: Payload) -> None:
    if action == "StatusNotification" and payload["errorCode"] != "NoError":
        payload["errorCode"] = "Error"
    if action == "MeterValues":
        payload["meterValue"][0]["sampledValue"] += [
            {"value": "50.0", "measurand": "Frequency", "unit": "Hz"},
            {"value": "0", "measurand": "Request.Energy", "context": "Sample.Unknown"},
        ]


def _meter_value_object(box: Box, message: Message, action: str, payload: Payload) -> None:
    if action == "MeterValues":
        payload["meterValue"] = payload["meterValue"][0]


def _extra_properties(box: Box, message: Message, action: str, payload: Payload) -> None:
    if action == "Authorize":
        payload["connectorId"] = 1
    elif action == "StartTransaction":
        payload.setdefault("reservationId", 0)
        payload["vendorSession"] = "none"


def _short_offset(box: Box, message: Message, action: str, payload: Payload) -> None:
    _respell_times(payload, lambda at: at.astimezone(SUMMER_TIME).strftime("%Y-%m-%dT%H:%M:%S+02"))


def _no_zone(box: Box, message: Message, action: str, payload: Payload) -> None:
    _respell_times(payload, lambda at: at.strftime("%Y-%m-%dT%H:%M:%S"))


def _respell_times(payload: Payload, spelled: Callable[[datetime], str]) -> None:
    for holder in (payload, *payload.get("meterValue", ()), *(payload.get("transactionData") or ())):
        if "timestamp" in holder:
            holder["timestamp"] = spelled(datetime.fromisoformat(holder["timestamp"]))


def _tag_with_serial(box: Box, message: Message, action: str, payload: Payload) -> None:
    if payload.get("idTag"):
        payload["idTag"] = f"{payload['idTag']}_{box.identity}"


def _tag_with_space(box: Box, message: Message, action: str, payload: Payload) -> None:
    if payload.get("idTag"):
        payload["idTag"] = f" {payload['idTag']}"


def _stop_with_zero(box: Box, message: Message, action: str, payload: Payload) -> None:
    if action == "StopTransaction":
        payload["transactionId"] = 0


def _random_ids(box: Box, message: Message, action: str, payload: Payload) -> None:
    if action == "MeterValues":
        payload["transactionId"] = -1


def _start_at_zero(box: Box, message: Message, action: str, payload: Payload) -> None:
    if action == "StartTransaction":
        payload["meterStart"] = 0


def _session_register(box: Box, message: Message, action: str, payload: Payload) -> None:
    _start_at_zero(box, message, action, payload)
    if isinstance(message, TransactionEnded | MeterRead):
        begin_wh = message.transaction.meter_wh_start
        if "meterStop" in payload:
            payload["meterStop"] -= begin_wh
        for sample in _registers(payload):
            sample["value"] = str(int(sample["value"]) - begin_wh)


def _stop_below_start(box: Box, message: Message, action: str, payload: Payload) -> None:
    if isinstance(message, TransactionEnded):
        payload["meterStop"] = max(0, payload["meterStop"] - 1)


def _begin_with_zero(box: Box, message: Message, action: str, payload: Payload) -> None:
    for sample in _registers(payload):
        if sample["context"] == "Transaction.Begin":
            sample["value"] = "0"


def _kwh_labelled_wh(box: Box, message: Message, action: str, payload: Payload) -> None:
    for sample in _registers(payload):
        sample["value"] = f"{int(sample['value']) / 1000:.3f}"


def _rounded_kwh(box: Box, message: Message, action: str, payload: Payload) -> None:
    for sample in _registers(payload):
        sample |= {"value": str(round(int(sample["value"]) / 1000)), "unit": "kWh"}


def _odd_phases(box: Box, message: Message, action: str, payload: Payload) -> None:
    for reading in payload.get("meterValue", ()):
        reading["sampledValue"] = [_odd_phase(sample) for sample in reading["sampledValue"]]


def _odd_phase(sample: Payload) -> Payload:
    match sample["measurand"]:
        case "Voltage":
            return {**sample, "phase": "N"}
        case "Current.Import":
            return {**sample, "phase": f"{sample.get('phase', 'L1')}-N"}
        case "Energy.Active.Import.Register":
            return {**sample, "phase": "L1"}
    return sample


ODDITIES: dict[Quirk, Oddity] = {
    Quirk.LONG_SERIAL: _long_serial,
    Quirk.NULLS: _nulls,
    Quirk.WRONG_ENUMS: _wrong_enums,
    Quirk.SHORT_OFFSET: _short_offset,
    Quirk.NO_ZONE: _no_zone,
    Quirk.EXTRA_PROPERTIES: _extra_properties,
    Quirk.TAG_WITH_SERIAL: _tag_with_serial,
    Quirk.TAG_WITH_SPACE: _tag_with_space,
    Quirk.STOP_WITH_ZERO: _stop_with_zero,
    Quirk.RANDOM_TRANSACTION_IDS: _random_ids,
    Quirk.METER_START_ZERO: _start_at_zero,
    Quirk.SESSION_REGISTER: _session_register,
    Quirk.METER_STOP_BELOW_START: _stop_below_start,
    Quirk.BEGIN_WITH_ZERO: _begin_with_zero,
    Quirk.KWH_LABELLED_WH: _kwh_labelled_wh,
    Quirk.ROUNDED_KWH: _rounded_kwh,
    Quirk.ODD_PHASES: _odd_phases,
    Quirk.METER_VALUE_OBJECT: _meter_value_object,
}
