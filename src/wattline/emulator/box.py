"""A charge point as a pure model: what it is, what it remembers, and what happens to it as time passes.

Nothing here reads a clock, throws dice or knows a socket. Deeds of people are in `front_panel`, power and resets in
`power`, the way to the central system in `delivery`; each changes this one object and puts messages in its outbox.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from wattline.emulator.admission import Admission
from wattline.emulator.agenda import Agenda
from wattline.emulator.charging_profiles import Profiles
from wattline.emulator.configuration import Configuration
from wattline.emulator.connector import NO_ERROR, Connector
from wattline.emulator.hardware import Hardware
from wattline.emulator.messages import BootUp, Heartbeat, Message, Status, StatusChanged
from wattline.emulator.outbox import Entry, Outbox
from wattline.emulator.quirks import NO_QUIRKS, Quirk, Quirks

# How often a charging box looks at its cars and limits: the delay with which "battery full" is noticed.
LOOK_EVERY = timedelta(seconds=10)
# The agenda's entry for putting the network cable back; it survives a loss of power.
ONLINE = ("online",)


class Impossible(Exception):
    """Somebody asked for what cannot be done with this box now; the text says why."""


class Registration(StrEnum):
    """What the central system said to our boot."""

    ACCEPTED = "Accepted"
    PENDING = "Pending"
    REJECTED = "Rejected"


@dataclass(slots=True, kw_only=True)
class Box:
    """One charge point with its connectors. `now` is the time it has been told last."""

    identity: str
    hardware: Hardware
    connectors: list[Connector]
    now: datetime
    keys: Configuration
    profiles: Profiles
    quirks: Quirks = NO_QUIRKS
    firmware: str
    admission: Admission = field(default_factory=Admission)
    outbox: Outbox = field(default_factory=Outbox)
    agenda: Agenda = field(default_factory=Agenda)
    in_flight: Entry | None = None
    certificates: dict[str, str] = field(default_factory=dict)
    has_power: bool = True
    # Somebody pulled the network cable.
    is_cut_off: bool = False
    is_linked: bool = False
    # Counts the connections that had to be made anew, as with another password.
    link_number: int = 0
    is_operative: bool = True
    registration: Registration | None = None
    # When the central system told us the time; a cheap clock is wrong before.
    synchronised_at: datetime | None = None
    started_at: datetime
    # The box's own status as told last.
    told: Status | None = None
    # What is to be said once the next boot is accepted.
    after_boot: list[Message] = field(default_factory=list)

    @property
    def wants_link(self) -> bool:
        """Tell whether the box would connect if it could."""
        return self.has_power and not self.is_cut_off

    @property
    def is_online(self) -> bool:
        """Tell whether the central system can be asked."""
        return self.is_linked and self.registration is Registration.ACCEPTED

    @property
    def status(self) -> Status:
        """The status of the box as a whole, which is connector 0."""
        return Status.AVAILABLE if self.is_operative else Status.UNAVAILABLE

    @property
    def next_at(self) -> datetime | None:
        """When `pass_time` has to be called at the latest."""
        times = [self.agenda.next_at, self.outbox.next_at() if self.is_online and self.in_flight is None else None]
        return min((at for at in times if at is not None), default=None)

    def connector(self, number: int) -> Connector:
        """The connector of this number. Raises Impossible when there is none."""
        if not 1 <= number <= len(self.connectors):
            raise Impossible(f"{self.identity} has no connector {number}: it has {len(self.connectors)}")
        return self.connectors[number - 1]

    def find_transaction(self, central_id: int) -> Connector | None:
        """The connector on which the transaction of this id runs."""
        for connector in self.connectors:
            if connector.transaction is not None and connector.transaction.central_id == central_id:
                return connector
        return None

    def put(self, message: Message, *, before_boot: bool = False) -> None:
        """Queue something to say."""
        self.outbox.put(message, before_boot=before_boot)

    # Time ---------------------------------------------------------------------------------------------------------

    def pass_time(self, now: datetime) -> None:
        """Let time pass up to now: energy flows, and everything that is due happens at its own moment."""
        while (due := self.agenda.take_due(now)) is not None:
            at, deed = due
            self._flow_until(at)
            deed(self.now)
            self.notice()
        self._flow_until(now)
        self.notice()

    def look(self) -> None:
        """Apply limits and keep looking while a car charges."""
        active = [connector for connector in self.connectors if connector.transaction is not None]
        for connector in active:
            self._apply_limit(connector, sharing=len(active))
        if active and self.has_power:
            self.agenda.set(("look",), self.now + LOOK_EVERY, lambda at: self.look())

    def _apply_limit(self, connector: Connector, *, sharing: int) -> None:
        assert connector.transaction is not None
        limit = self.profiles.limit(connector.number, self.now, connector.transaction.began_at, sharing=sharing)
        connector.limit_w = None if limit is None else limit.power_w
        connector.limit_phases = None if limit is None else limit.phases

    def _flow_until(self, at: datetime) -> None:
        seconds = (at - self.now).total_seconds()
        if seconds <= 0:
            return
        self.now = at
        if self.has_power:
            for connector in self.connectors:
                if connector.transaction is not None:
                    connector.flow(seconds)

    # What is shown ------------------------------------------------------------------------------------------------

    def notice(self) -> None:
        """Say what has changed on the connectors since it was said last."""
        if not self._may_tell():
            return
        if self.told is not None and self.told is not self.status:
            self.tell(0)
        lasting = timedelta(seconds=self.keys.number("MinimumStatusDuration"))
        for connector in self.connectors:
            if connector.told == (connector.status, connector.error_code):
                continue
            if lasting and connector.told is not None:
                self._tell_if_it_lasts(connector, lasting)
            else:
                self.tell(connector.number)

    def tell(self, number: int, *, before_boot: bool = False) -> None:
        """Say the status of one connector, or of the box when the number is 0."""
        if number == 0:
            self.told = self.status
            self.put(StatusChanged(0, self.status, NO_ERROR, self.now), before_boot=before_boot)
            return
        connector = self.connector(number)
        connector.told = (connector.status, connector.error_code)
        self.put(StatusChanged(number, connector.status, connector.error_code, self.now), before_boot=before_boot)

    def tell_all(self, *, before_boot: bool = False) -> None:
        """Say every status, as after a boot."""
        for number in range(len(self.connectors) + 1):
            self.tell(number, before_boot=before_boot)

    def _may_tell(self) -> bool:
        replays = Quirk.AVAILABLE_BEFORE_STOP in self.quirks and self.has_power
        return self.registration is Registration.ACCEPTED and (self.is_linked or replays)

    def _tell_if_it_lasts(self, connector: Connector, lasting: timedelta) -> None:
        key = ("status", connector.number, connector.status, connector.error_code)
        if key in self.agenda:
            return
        for other in Status:
            self.agenda.clear(("status", connector.number, other, connector.error_code))
        self.agenda.set(key, self.now + lasting, partial(self._tell_what_lasted, connector, connector.status))

    def _tell_what_lasted(self, connector: Connector, status: Status, at: datetime) -> None:
        if connector.status is status and self._may_tell():
            self.tell(connector.number)

    # Being there --------------------------------------------------------------------------------------------------

    def plan_heartbeat(self) -> None:
        """Plan the next heartbeat, if the interval asks for one."""
        seconds = self.keys.number("HeartbeatInterval")
        if seconds and Quirk.NO_HEARTBEATS not in self.quirks:
            self.agenda.set(("heartbeat",), self.now + timedelta(seconds=seconds), self._beat)
        else:
            self.agenda.clear(("heartbeat",))

    def _beat(self, at: datetime) -> None:
        if self.is_online:
            self.put(Heartbeat())
        self.plan_heartbeat()

    def plan_boot(self, seconds: float) -> None:
        """Try the boot again after so many seconds."""
        self.agenda.set(("boot",), self.now + timedelta(seconds=seconds), self._boot_again)

    def _boot_again(self, at: datetime) -> None:
        if self.is_linked and self.registration is not Registration.ACCEPTED:
            self.put(BootUp(), before_boot=True)


def make_box(
    identity: str,
    hardware: Hardware,
    *,
    connectors: int,
    now: datetime,
    quirks: Iterable[Quirk] = (),
    changed_keys: dict[str, str] | None = None,
) -> Box:
    """Build a box as it leaves the factory: powered, idle, never connected."""
    keys = Configuration(changed_keys)
    keys.set("NumberOfConnectors", str(connectors))
    if Quirk.FREE_VEND in quirks:
        keys.set("FreeVendEnabled", "true")
    return Box(
        identity=identity,
        hardware=hardware,
        connectors=[Connector(number=number, hardware=hardware) for number in range(1, connectors + 1)],
        now=now,
        started_at=now,
        keys=keys,
        profiles=Profiles(hardware.phases),
        quirks=frozenset(quirks),
        firmware=hardware.firmware,
    )
