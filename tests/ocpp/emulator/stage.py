"""A stage for stories about emulated charge points: a box, a central system that answers, and no clock but the story's.

Everything the box says is checked against the official schemas, and so is everything it is answered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from wattline.emulator import front_panel
from wattline.emulator.box import Box, make_box
from wattline.emulator.car import Car
from wattline.emulator.connector import Connector
from wattline.emulator.delivery import failed, link_down, link_up, take
from wattline.emulator.hardware import HARDWARE
from wattline.emulator.power import lose_power, reset
from wattline.emulator.quirks import Quirk, break_schema
from wattline.emulator.v16.answers import hear_answer
from wattline.emulator.v16.commands import obey
from wattline.emulator.v16.spelling import spell
from wattline.wire.ocpp.schemas import Direction, violations
from wattline.wire.ocpp.versions import V16

Payload = dict[str, Any]

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEY = "04A1B2C3D4E5F6"


def small_car(**changes: Any) -> Car:
    """A car that takes 11 kW over AC and is a third full."""
    return Car(**{"battery_wh": 50_000, "soc_percent": 35.0} | changes)


@dataclass
class Said:
    """Something the box said, and when."""

    at: datetime
    action: str
    payload: Payload


@dataclass
class Central:
    """A central system that knows some keys and gives transactions numbers from 1001 on."""

    keys: dict[str, Payload] = field(default_factory=lambda: {KEY: {"status": "Accepted"}})
    boot_status: str = "Accepted"
    interval: int = 300
    # How many answers are still to be lost on the way, and on how many calls the line breaks before the answer.
    answers_lost: int = 0
    lines_broken: int = 0
    refuses: set[str] = field(default_factory=set)
    transactions: int = 1000
    # A beginning that is told again is the same beginning.
    begun: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def answer(self, action: str, payload: Payload, now: datetime) -> Payload:
        """Answer one call."""
        stamp = now.isoformat()
        info = self.keys.get(payload.get("idTag", ""), {"status": "Invalid"})
        match action:
            case "BootNotification":
                return {"status": self.boot_status, "interval": self.interval, "currentTime": stamp}
            case "Heartbeat":
                return {"currentTime": stamp}
            case "Authorize":
                return {"idTagInfo": info}
            case "StartTransaction":
                beginning = (payload["connectorId"], payload["timestamp"], payload["meterStart"])
                if beginning not in self.begun:
                    self.transactions += 1
                    self.begun[beginning] = self.transactions
                return {"transactionId": self.begun[beginning], "idTagInfo": info}
            case "DataTransfer" | "SignCertificate":
                return {"status": "Accepted"}
        return {}


class Stage:
    """One box and what happens to it. It is connected and has booted, unless the story begins earlier."""

    def __init__(
        self,
        model: str = "ac-22",
        *,
        connectors: int = 1,
        quirks: Iterable[Quirk] = (),
        keys: Mapping[str, str] | None = None,
        central: Central | None = None,
        begins_connected: bool = True,
    ) -> None:
        self.central = central or Central()
        self.said: list[Said] = []
        self.box: Box = make_box(
            "STORY-1", HARDWARE[model], connectors=connectors, now=NOON, quirks=quirks, changed_keys=dict(keys or {})
        )
        if begins_connected:
            self.settle()
            self.said.clear()

    @property
    def now(self) -> datetime:
        """The time on stage."""
        return self.box.now

    def connector(self, number: int = 1) -> Connector:
        """One connector of the box."""
        return self.box.connector(number)

    # What happens -----------------------------------------------------------------------------------------------------

    def plug(self, car: Car | None = None, connector: int = 1) -> "Stage":
        front_panel.plug(self.box, connector, car or small_car(), self.now)
        return self.settle()

    def unplug(self, connector: int = 1) -> "Stage":
        front_panel.unplug(self.box, connector, self.now)
        return self.settle()

    def tap(self, id_tag: str = KEY, connector: int | None = 1) -> "Stage":
        front_panel.tap(self.box, id_tag, self.now, connector)
        return self.settle()

    def cut(self, seconds: float | None = None) -> "Stage":
        front_panel.go_offline(self.box, self.now, seconds)
        return self.settle()

    def mend(self) -> "Stage":
        front_panel.go_online(self.box, self.now)
        return self.settle()

    def lose_power(self, seconds: float) -> "Stage":
        lose_power(self.box, self.now, seconds)
        return self.settle()

    def reboot(self) -> "Stage":
        reset(self.box, self.now, is_hard=False)
        return self.settle()

    def wait(self, seconds: float = 0, *, minutes: float = 0) -> "Stage":
        """Let time pass; whatever is due on the way happens at its moment."""
        until = self.now + timedelta(seconds=seconds, minutes=minutes)
        while self.now < until:
            self.box.pass_time(min(until, max(self.box.next_at or until, self.now)))
            self.settle()
            if self.box.next_at is not None and self.box.next_at <= self.now:
                self.box.pass_time(self.now + timedelta(milliseconds=1))
        return self

    def command(self, action: str, **payload: Any) -> Payload:
        """Let the central system ask something; return the answer."""
        _must_conform(action, Direction.REQUEST, payload)
        answer = obey(self.box, action, payload)
        assert answer is not None
        _must_conform(action, Direction.RESPONSE, answer)
        self.settle()
        return answer

    def settle(self) -> "Stage":
        """Connect or hang up as the box wants, and let it say all that it may say now."""
        if self.box.wants_link and not self.box.is_linked:
            link_up(self.box, self.now)
        elif self.box.is_linked and not self.box.wants_link:
            link_down(self.box, self.now)
        while (entry := take(self.box, self.now)) is not None:
            action, payload = spell(self.box, entry.message)
            if not break_schema(self.box.quirks):
                _must_conform(action, Direction.REQUEST, payload)
            self.said.append(Said(self.now, action, payload))
            self._answer(action, payload)
        return self

    def _answer(self, action: str, payload: Payload) -> None:
        answer = self.central.answer(action, payload, self.now)
        if self.central.lines_broken > 0:
            self.central.lines_broken -= 1
            link_down(self.box, self.now)
            link_up(self.box, self.now)
        elif self.central.answers_lost > 0:
            self.central.answers_lost -= 1
            failed(self.box)
        elif action in self.central.refuses:
            failed(self.box)
        else:
            _must_conform(action, Direction.RESPONSE, answer)
            hear_answer(self.box, answer)

    # What was said ----------------------------------------------------------------------------------------------------

    def actions(self) -> list[str]:
        """The names of everything said, statuses with what they say."""
        return [said.payload["status"] if said.action == "StatusNotification" else said.action for said in self.said]

    def payloads(self, action: str) -> list[Payload]:
        """The payloads of one action, in order."""
        return [said.payload for said in self.said if said.action == action]

    def statuses(self, connector: int = 1) -> list[str]:
        """What a connector has shown, in order."""
        return [said["status"] for said in self.payloads("StatusNotification") if said["connectorId"] == connector]

    def forget(self) -> "Stage":
        """Begin a new page: forget what was said."""
        self.said.clear()
        return self


def samples(payload: Payload, measurand: str) -> list[Payload]:
    """The sampled values of one measurand in a MeterValues payload."""
    readings = payload.get("meterValue") or payload.get("transactionData") or []
    return [sample for reading in readings for sample in reading["sampledValue"] if sample["measurand"] == measurand]


def _must_conform(action: str, direction: Direction, payload: Payload) -> None:
    found = violations(V16, action, direction, payload)
    assert not found, f"{action} {direction}: {found}"
