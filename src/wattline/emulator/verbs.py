"""The verbs of the control port and the command line: what they take, and what they do to a charge point."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from wattline.emulator import front_panel
from wattline.emulator.box import Box
from wattline.emulator.car import Car
from wattline.emulator.messages import StopReason, VendorData
from wattline.emulator.power import lose_power, reset

Number = Annotated[int, Meta(ge=1)]
# A tag of OCPP 1.6 has at most 20 characters (section 7.28), and readers see at least something.
IdTag = Annotated[str, Meta(min_length=1, max_length=20)]
Seconds = Annotated[float, Meta(gt=0, le=7 * 24 * 3600)]
Percent = Annotated[float, Meta(ge=0, le=100)]
PowerW = Annotated[float, Meta(gt=0, le=1_000_000)]


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What a verb takes."""


USUAL = Car()


class CarBody(Body, frozen=True):
    """A car, as far as it should differ from a usual one."""

    battery_wh: Annotated[float, Meta(ge=1_000, le=2_000_000)] = USUAL.battery_wh
    soc_percent: Percent = USUAL.soc_percent
    ac_power_w: PowerW = USUAL.ac_power_w
    ac_phases: Literal[1, 2, 3] = 3
    dc_power_w: PowerW = USUAL.dc_power_w
    target_soc_percent: Percent = USUAL.target_soc_percent


class Plug(Body, frozen=True):
    """Plug a car in."""

    connector: Number = 1
    car: CarBody = CarBody()

    def do(self, box: Box, now: datetime) -> None:
        front_panel.plug(box, self.connector, Car(**msgspec.structs.asdict(self.car)), now)


class AtConnector(Body, frozen=True):
    """A deed that needs no more than the connector."""

    connector: Number = 1


class Unplug(AtConnector, frozen=True):
    """Pull the cable."""

    def do(self, box: Box, now: datetime) -> None:
        front_panel.unplug(box, self.connector, now)


class Tap(Body, frozen=True):
    """Hold a charge key to the reader; without a connector, to the one that all share."""

    id_tag: IdTag
    connector: Number | None = None

    def do(self, box: Box, now: datetime) -> None:
        front_panel.tap(box, self.id_tag, now, self.connector)


class Suspend(AtConnector, frozen=True):
    """Pause a charge."""

    by: Literal["car", "charge-point"] = "car"

    def do(self, box: Box, now: datetime) -> None:
        front_panel.suspend(box, self.connector, now, by_car=self.by == "car")


class Resume(AtConnector, frozen=True):
    """Go on with it."""

    def do(self, box: Box, now: datetime) -> None:
        front_panel.resume(box, self.connector, now)


class Fault(AtConnector, frozen=True):
    """Break something."""

    error_code: str = "OtherError"
    ends_transaction: bool = False

    def do(self, box: Box, now: datetime) -> None:
        front_panel.fault(box, self.connector, self.error_code, now, ends_transaction=self.ends_transaction)


class ClearFault(AtConnector, frozen=True):
    """Mend it."""

    def do(self, box: Box, now: datetime) -> None:
        front_panel.clear_fault(box, self.connector, now)


class StickCable(AtConnector, frozen=True):
    """Jam the lock."""

    def do(self, box: Box, now: datetime) -> None:
        front_panel.stick_cable(box, self.connector, is_stuck=True)


class FreeCable(AtConnector, frozen=True):
    """Mend the lock."""

    def do(self, box: Box, now: datetime) -> None:
        front_panel.stick_cable(box, self.connector, is_stuck=False)


class Offline(Body, frozen=True):
    """Pull the network cable, for so many seconds or until online."""

    seconds: Seconds | None = None

    def do(self, box: Box, now: datetime) -> None:
        front_panel.go_offline(box, now, self.seconds)


class Online(Body, frozen=True):
    """Put the network cable back."""

    def do(self, box: Box, now: datetime) -> None:
        front_panel.go_online(box, now)


class PowerLoss(Body, frozen=True):
    """Switch the mains off for so many seconds."""

    seconds: Seconds = 30.0

    def do(self, box: Box, now: datetime) -> None:
        lose_power(box, now, self.seconds)


class DataTransfer(Body, frozen=True):
    """Say something that only the maker understands."""

    vendor_id: Annotated[str, Meta(min_length=1, max_length=255)]
    message_id: Annotated[str, Meta(max_length=50)] | None = None
    data: str | None = None

    def do(self, box: Box, now: datetime) -> None:
        box.put(VendorData(self.vendor_id, self.message_id, self.data))


class Reboot(Body, frozen=True):
    """Restart it at the box."""

    def do(self, box: Box, now: datetime) -> None:
        reset(box, now, is_hard=False, reason=StopReason.REBOOT)


Verb = (
    Plug
    | Unplug
    | Tap
    | Suspend
    | Resume
    | Fault
    | ClearFault
    | StickCable
    | FreeCable
    | Offline
    | Online
    | PowerLoss
    | DataTransfer
    | Reboot
)

VERBS: dict[str, Callable[[bytes], Verb]] = {
    name: msgspec.json.Decoder(body).decode
    for name, body in {
        "plug": Plug,
        "unplug": Unplug,
        "tap": Tap,
        "suspend": Suspend,
        "resume": Resume,
        "fault": Fault,
        "clear-fault": ClearFault,
        "stick-cable": StickCable,
        "free-cable": FreeCable,
        "offline": Offline,
        "online": Online,
        "power-loss": PowerLoss,
        "data-transfer": DataTransfer,
        "reboot": Reboot,
    }.items()
}
