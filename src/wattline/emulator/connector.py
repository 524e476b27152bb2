"""One connector: what is plugged in, what it shows, and the power that flows."""

from dataclasses import dataclass

from wattline.emulator.car import AC_EFFICIENCY, DC_EFFICIENCY, Car
from wattline.emulator.hardware import CURRENT_A_MIN, VOLTAGE_V, Current, Hardware
from wattline.emulator.messages import Status
from wattline.emulator.reservation import Reservation
from wattline.emulator.transaction import Transaction

# Fine steps while power rises, coarse ones afterwards: a battery changes slowly.
FINE_STEP_SECONDS = 2.0
COARSE_STEP_SECONDS = 30.0
RISING_SECONDS = 40.0

NO_ERROR = "NoError"


@dataclass(frozen=True, slots=True)
class Welcome:
    """A key that was accepted before a car was there."""

    id_tag: str
    parent_id_tag: str | None


@dataclass(slots=True, kw_only=True)
class Connector:
    """What one car plugs into. Energies are Wh, the register counts for life."""

    number: int
    hardware: Hardware
    register_wh: float = 0.0
    power_w: float = 0.0
    # The register at the last periodic reading, for what was used since.
    sampled_wh: float = 0.0
    car: Car | None = None
    transaction: Transaction | None = None
    welcome: Welcome | None = None
    reservation: Reservation | None = None
    is_operative: bool = True
    # A change of availability that waits until the transaction has ended.
    operative_later: bool | None = None
    error_code: str = NO_ERROR
    is_paused: bool = False
    has_finished: bool = False
    is_cable_stuck: bool = False
    # What the charging profiles allow now; None is no limit.
    limit_w: float | None = None
    limit_phases: int | None = None
    # The status last told to the central system, or None when it must be told anew.
    told: tuple[Status, str] | None = None
    _offered_seconds: float = 0.0

    @property
    def status(self) -> Status:
        """What the connector shows now."""
        if self.error_code != NO_ERROR:
            return Status.FAULTED
        if self.transaction is not None:
            return self._charging_status()
        if not self.is_operative:
            return Status.UNAVAILABLE
        if self.car is not None:
            return Status.FINISHING if self.has_finished else Status.PREPARING
        if self.welcome is not None:
            return Status.PREPARING
        return Status.AVAILABLE if self.reservation is None else Status.RESERVED

    def _charging_status(self) -> Status:
        if not self.offers_power:
            return Status.SUSPENDED_EVSE
        if self.car is None or self.car.is_satisfied:
            return Status.SUSPENDED_EV
        return Status.CHARGING

    @property
    def offers_power(self) -> bool:
        """Tell whether the charge point lets power flow, if the car wants it."""
        if self.is_paused or (self.transaction is not None and self._refusal_bites(self.transaction)):
            return False
        if self.hardware.current is Current.AC:
            return self.offered_current_a >= CURRENT_A_MIN
        return self.offered_power_w > 0

    def _refusal_bites(self, transaction: Transaction) -> bool:
        used_up = transaction.free_until_wh is None or self.register_wh >= transaction.free_until_wh
        return transaction.is_refused and used_up

    @property
    def suspended_by(self) -> str | None:
        """Who paused a running transaction: "car", "charge-point" or nobody."""
        if self.transaction is None:
            return None
        return {Status.SUSPENDED_EV: "car", Status.SUSPENDED_EVSE: "charge-point"}.get(self._charging_status())

    @property
    def offered_phases(self) -> int:
        """How many phases the car may use."""
        return min(self.hardware.phases, self.limit_phases or self.hardware.phases)

    @property
    def offered_current_a(self) -> float:
        """How many ampere per phase the car may draw."""
        if self.limit_w is None:
            return self.hardware.current_a_max
        return min(self.hardware.current_a_max, self.limit_w / (VOLTAGE_V * self.offered_phases))

    @property
    def offered_power_w(self) -> float:
        """How much power the car may draw."""
        return self.hardware.power_w_max if self.limit_w is None else min(self.hardware.power_w_max, self.limit_w)

    @property
    def meter_wh(self) -> int:
        """What the meter's display shows."""
        return int(self.register_wh)

    @property
    def charged_wh(self) -> float:
        """The energy of the running transaction."""
        return 0.0 if self.transaction is None else self.register_wh - self.transaction.meter_wh_start

    def flow(self, seconds: float) -> None:
        """Let time pass: the register counts, the battery fills."""
        left = seconds
        while left > 0:
            if self.status is not Status.CHARGING:
                self.power_w = self._offered_seconds = 0.0
                return
            step = min(left, FINE_STEP_SECONDS if self._offered_seconds < RISING_SECONDS else COARSE_STEP_SECONDS)
            self._flow_step(step)
            left -= step

    def _flow_step(self, seconds: float) -> None:
        assert self.car is not None
        self._offered_seconds += seconds
        self.power_w = self._draw_w(self.car)
        energy_wh = self.power_w * seconds / 3600
        self.register_wh += energy_wh
        is_ac = self.hardware.current is Current.AC
        self.car.fill(energy_wh, efficiency=AC_EFFICIENCY if is_ac else DC_EFFICIENCY)

    def _draw_w(self, car: Car) -> float:
        if self.hardware.current is Current.DC:
            return car.draw_dc(power_w=self.offered_power_w, seconds=self._offered_seconds)
        return car.draw_ac(current_a=self.offered_current_a, phases=self.offered_phases, seconds=self._offered_seconds)
