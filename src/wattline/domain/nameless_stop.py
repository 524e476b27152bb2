"""Which transaction does a stop mean that names none of ours? (Field notes T1, T2 and pain 3: 0, -1, an id of its own.)

Boxes that never heard our answer, or lost it with their power, stop under a number of theirs. One open transaction that
fits is taken for the one meant; none or two are not: a wrong stop would cost a driver the charge.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from wattline.domain.charge_key import is_same_tag
from wattline.domain.meter import ROUNDING_WH, Meter, advance, possible_wh

# The box's clock may have been set between its start and its stop.
CLOCK_STEP = timedelta(minutes=1)

# Ids we give are drawn from 1 to this; everything else is a placeholder (0, -1, the largest int64).
ID_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTransaction:
    """A transaction that a box has not stopped: its number, its tag, its beginning, and where its meter is."""

    ocpp_transaction_id: int
    id_tag: str
    started_at: datetime
    start_wh: int
    meter: Meter
    power_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NamelessStop:
    """A stop under a number that we never gave this box. `is_dated`: the box knew what time it was."""

    ocpp_transaction_id: int
    stopped_at: datetime
    is_dated: bool
    meter_wh: int | None
    id_tag: str | None


def meant(stop: NamelessStop, candidates: Iterable[OpenTransaction]) -> OpenTransaction | None:
    """Return the only open transaction that this stop can mean, or None."""
    fitting = [each for each in candidates if _fits(stop, each)]
    return fitting[0] if len(fitting) == 1 else None


def is_placeholder(ocpp_transaction_id: int) -> bool:
    """Tell whether a box wrote this because it has no number of ours."""
    return not 0 < ocpp_transaction_id <= ID_MAX


def _fits(stop: NamelessStop, transaction: OpenTransaction) -> bool:
    if not is_placeholder(stop.ocpp_transaction_id) and not stop.is_dated:
        # A real number of somebody else's, and nothing that says when: history of another server, most likely.
        return False
    began_before = transaction.started_at - CLOCK_STEP <= stop.stopped_at
    same_tag = stop.id_tag is None or is_same_tag(stop.id_tag, transaction.id_tag)
    return began_before and same_tag and _goes_on(stop, transaction)


def _goes_on(stop: NamelessStop, transaction: OpenTransaction) -> bool:
    """Tell whether the closing register follows from what was read before, or from the opening one."""
    meter, wh = transaction.meter, stop.meter_wh
    if wh is None:
        return stop.id_tag is not None
    possible = possible_wh(transaction.power_limit, meter.last_at, stop.stopped_at)
    closed = advance(meter, stop.stopped_at, wh, transaction.power_limit)
    if closed.doubt_wh is None and closed.energy_wh - meter.energy_wh <= possible:
        return True
    return meter.energy_wh - ROUNDING_WH <= wh - transaction.start_wh <= meter.energy_wh + possible
