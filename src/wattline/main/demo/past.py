"""Invents a believable week: who charged when, and how the power went. Pure; the random source is given."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

DAYS = 7
READING_EVERY = timedelta(minutes=5)

# Chance of a car to arrive, hour by hour of the day: few at night, a peak in the morning and one after work.
ARRIVALS = (1, 1, 1, 1, 1, 2, 5, 9, 9, 7, 6, 6, 7, 6, 5, 6, 8, 9, 8, 6, 4, 3, 2, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The meter at one moment; energy since the start of the charge."""

    at: datetime
    energy_wh: int
    power_w: int
    soc_percent: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCharge:
    """One finished charge with its curve; the car left at `released_at`."""

    started_at: datetime
    stopped_at: datetime
    released_at: datetime
    full: bool
    curve: list[Point]

    @property
    def energy_wh(self) -> int:
        return self.curve[-1].energy_wh


def past_charges(random: Random, *, power_w_max: int, dc: bool, now: datetime) -> Iterator[PastCharge]:
    """Invent the charges of one connector over the last days, oldest first; the last one is over by now."""
    at = now - timedelta(days=DAYS) + timedelta(minutes=random.randrange(600))
    while True:
        at += _pause(random, at)
        charge = _charge(random, at, power_w_max=power_w_max, dc=dc)
        if charge.released_at > now - timedelta(minutes=20):
            return
        yield charge
        at = charge.released_at


def _pause(random: Random, at: datetime) -> timedelta:
    return timedelta(hours=random.expovariate(ARRIVALS[at.hour] / 12) % 14, minutes=random.randrange(4, 40))


def _charge(random: Random, started_at: datetime, *, power_w_max: int, dc: bool) -> PastCharge:
    battery_wh = random.choice((42_000, 58_000, 64_000, 77_000, 90_000))
    car_w_max = random.choice((80_000, 125_000, 170_000)) if dc else random.choice((3_680, 7_360, 11_040, 11_040))
    power_w = min(power_w_max, car_w_max)
    first = random.uniform(0.1, 0.6)
    last = random.uniform(0.7, 0.9) if dc else random.uniform(0.7, 1.0)
    curve = list(_curve(random, started_at, battery_wh=battery_wh, power_w=power_w, first=first, last=last, dc=dc))
    stopped_at = curve[-1].at
    stays = timedelta(minutes=random.randrange(1, 6) if dc else random.randrange(2, 90))
    return PastCharge(
        started_at=started_at, stopped_at=stopped_at, released_at=stopped_at + stays, full=last > 0.97, curve=curve
    )


def _curve(
    random: Random, at: datetime, *, battery_wh: int, power_w: int, first: float, last: float, dc: bool
) -> Iterator[Point]:
    """Full power first, then the taper every battery asks for near its end."""
    energy_wh, soc = 0.0, first
    yield Point(at=at, energy_wh=0, power_w=0, soc_percent=100 * soc if dc else None)
    while soc < last:
        taper = 1.0 if soc < 0.6 else max(0.12, 1 - 1.6 * (soc - 0.6)) if dc else 1.0 if soc < 0.95 else 0.4
        now_w = power_w * taper * random.uniform(0.97, 1.0)
        at += READING_EVERY
        energy_wh += now_w * READING_EVERY / timedelta(hours=1)
        soc = first + energy_wh / battery_wh
        yield Point(
            at=at,
            energy_wh=math.floor(energy_wh),
            power_w=round(now_w),
            soc_percent=round(min(100.0, 100 * soc), 1) if dc else None,
        )
