"""Carrying out remote actions: read the form, call the one verb, say in words what came of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

import msgspec

from wattline.database.bus import Bus
from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.refusals import Invalid
from wattline.operations import remote_actions as verbs
from wattline.operations.chance import Chance
from wattline.operations.remote_actions import Box, CommandResult, Socket, Where


@dataclass(frozen=True, slots=True)
class Order:
    """Who asks what of which box, with the form they filled in. `sockets` leads from connector numbers to their ids."""

    database: Database
    bus: Bus
    chance: Chance
    box_id: int
    sockets: Mapping[int, int]
    form: Mapping[str, str]
    asked_by: Viewer
    zone: ZoneInfo
    now: datetime

    @property
    def who(self) -> dict[str, Any]:
        """What every verb wants to know."""
        return {"asked_by": self.asked_by, "now": self.now}

    def where(self) -> Where:
        """Tell which connector the form means; the whole box when it names none."""
        number = self.form.get("connector", "")
        if not number:
            return Box(self.box_id)
        socket = self.sockets.get(int(number)) if number.isdigit() else None
        if socket is None:
            raise Invalid("connector", "there is no such connector.")
        return Socket(socket)

    def text(self, name: str) -> str:
        """Read a field that must be filled in."""
        value = self.form.get(name, "").strip()
        if not value:
            raise Invalid(name, "is empty.")
        return value

    def maybe(self, name: str) -> str | None:
        """Read a field that may be empty."""
        return self.form.get(name, "").strip() or None

    def number(self, name: str) -> float:
        """Read a number."""
        try:
            value = float(self.text(name).replace(",", "."))
        except ValueError:
            raise Invalid(name, "is not a number.") from None
        if not isfinite(value):
            raise Invalid(name, "is not a number.")
        return value

    def moment(self, name: str) -> datetime | None:
        """Read a moment, given in the viewer's time zone."""
        value = self.maybe(name)
        if value is None:
            return None
        try:
            return datetime.fromisoformat(value).replace(tzinfo=self.zone)
        except ValueError:
            raise Invalid(name, "is not a date and time.") from None


Deed = Callable[[Order], Awaitable[CommandResult]]


async def unlock(order: Order) -> CommandResult:
    return await verbs.unlock(order.database, order.bus, order.where(), **order.who)


async def reboot(order: Order) -> CommandResult:
    kind: Literal["Soft", "Hard"] = "Hard" if order.form.get("kind") == "Hard" else "Soft"
    return await verbs.reboot(order.database, order.bus, Box(order.box_id), kind=kind, **order.who)


async def availability(order: Order) -> CommandResult:
    operative = order.text("operative") == "yes"
    return await verbs.change_availability(order.database, order.bus, order.where(), operative=operative, **order.who)


async def read_settings(order: Order) -> CommandResult:
    keys = [key.strip() for key in order.form.get("keys", "").split(",") if key.strip()]
    return await verbs.get_configuration(order.database, order.bus, Box(order.box_id), keys=keys, **order.who)


async def change_setting(order: Order) -> CommandResult:
    key, value = order.text("key"), order.form.get("value", "")
    return await verbs.set_configuration(
        order.database, order.bus, Box(order.box_id), key=key, value=value, **order.who
    )


async def trigger(order: Order) -> CommandResult:
    return await verbs.trigger(order.database, order.bus, order.where(), message=order.text("message"), **order.who)


async def diagnostics(order: Order) -> CommandResult:
    return await verbs.get_diagnostics(
        order.database, order.bus, Box(order.box_id),
        location=order.text("location"), start_at=order.moment("start"), stop_at=order.moment("stop"), **order.who,
    )  # fmt: skip


async def fetch_log(order: Order) -> CommandResult:
    kind = cast("Literal['DiagnosticsLog', 'SecurityLog']", order.text("kind"))
    return await verbs.get_log(
        order.database, order.bus, Box(order.box_id),
        kind=kind, location=order.text("location"), request_id=order.chance.transaction_id(), **order.who,
    )  # fmt: skip


async def firmware(order: Order) -> CommandResult:
    return await verbs.update_firmware(
        order.database, order.bus, Box(order.box_id),
        location=order.text("location"), retrieve_at=order.moment("at") or order.now, **order.who,
    )  # fmt: skip


async def clear_cache(order: Order) -> CommandResult:
    return await verbs.clear_cache(order.database, order.bus, Box(order.box_id), **order.who)


async def reserve(order: Order) -> CommandResult:
    until = order.moment("until") or order.now + timedelta(minutes=15)
    return await verbs.reserve(
        order.database, order.bus, order.where(),
        reservation_id=order.chance.transaction_id(), id_tag=order.text("id_tag"), until=until, **order.who,
    )  # fmt: skip


async def cancel_reservation(order: Order) -> CommandResult:
    number = int(order.number("reservation_id"))
    return await verbs.cancel_reservation(
        order.database, order.bus, Box(order.box_id), reservation_id=number, **order.who
    )


async def limit_power(order: Order) -> CommandResult:
    purpose = order.text("purpose")
    # OCPP 1.6, 3.13.1: a ChargePointMaxProfile is set on connector 0, the whole charge point.
    where = Box(order.box_id) if purpose == "ChargePointMaxProfile" else order.where()
    schedule = {
        "chargingRateUnit": order.text("unit"),
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": order.number("limit")}],
    }
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative" if purpose == "TxDefaultProfile" else "Absolute",
        "chargingSchedule": schedule,
    }
    return await verbs.set_charging_profile(order.database, order.bus, where, profile=profile, **order.who)


async def lift_limits(order: Order) -> CommandResult:
    return await verbs.clear_charging_profile(order.database, order.bus, order.where(), **order.who)


async def ask_plan(order: Order) -> CommandResult:
    unit = cast("Literal['A', 'W']", order.text("unit"))
    seconds = int(order.number("minutes") * 60)
    return await verbs.composite_schedule(
        order.database, order.bus, order.where(), duration_seconds=seconds, unit=unit, **order.who
    )


async def data_transfer(order: Order) -> CommandResult:
    return await verbs.data_transfer(
        order.database, order.bus, Box(order.box_id),
        vendor_id=order.text("vendor_id"), message_id=order.maybe("message_id"), data=order.maybe("data"), **order.who,
    )  # fmt: skip


async def raw(order: Order) -> CommandResult:
    try:
        payload = msgspec.json.decode(order.form.get("payload", "{}").encode(), type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise Invalid("payload", f"is not a JSON object ({error}).") from None
    action = order.text("action")
    return await verbs.raw_call(
        order.database, order.bus, Box(order.box_id), action=action, payload=payload, **order.who
    )


DOERS: Mapping[str, Deed] = {
    "unlock": unlock,
    "reboot": reboot,
    "availability": availability,
    "get-configuration": read_settings,
    "set-configuration": change_setting,
    "trigger": trigger,
    "diagnostics": diagnostics,
    "log": fetch_log,
    "firmware": firmware,
    "clear-cache": clear_cache,
    "reserve": reserve,
    "cancel-reservation": cancel_reservation,
    "set-profile": limit_power,
    "clear-profile": lift_limits,
    "composite-schedule": ask_plan,
    "data-transfer": data_transfer,
    "raw": raw,
}
