"""Losing power, coming back, and resets."""

from datetime import datetime, timedelta
from functools import partial

from wattline.emulator.box import ONLINE, Box, Impossible
from wattline.emulator.charging import end
from wattline.emulator.messages import StopReason
from wattline.emulator.reserving import plan_expiry

# How long the firmware takes from power to its first frame.
BOOT_SECONDS = 4.0
# A graceful reset lets the last messages out, but not for ever.
FAREWELL_SECONDS = 10.0


def lose_power(box: Box, now: datetime, seconds: float, *, reason: StopReason = StopReason.POWER_LOSS) -> None:
    """Switch the mains off. What runs is ended when power is back, dated when it went (OCPP 1.6 section 4.10)."""
    box.pass_time(now)
    if not box.has_power:
        raise Impossible(f"{box.identity} has no power already")
    _go_down(box)
    box.agenda.set(("power",), box.now + timedelta(seconds=seconds), partial(_come_up, box, reason, box.now))


def reset(box: Box, now: datetime, *, is_hard: bool, reason: StopReason | None = None) -> None:
    """Restart: softly, which ends transactions and says so first, or as if the plug had been pulled."""
    box.pass_time(now)
    if is_hard:
        lose_power(box, now, BOOT_SECONDS, reason=reason or StopReason.HARD_RESET)
        return
    for connector in box.connectors:
        if connector.transaction is not None:
            end(box, connector, reason or StopReason.SOFT_RESET)
    box.notice()
    _leave_when_all_is_said(box, box.now + timedelta(seconds=FAREWELL_SECONDS), box.now)


def _leave_when_all_is_said(box: Box, latest: datetime, at: datetime) -> None:
    all_is_said = box.in_flight is None and len(box.outbox) == 0
    if all_is_said or not box.is_online or at >= latest:
        lose_power(box, at, BOOT_SECONDS, reason=StopReason.SOFT_RESET)
    else:
        box.agenda.set(("reset",), at + timedelta(seconds=0.5), partial(_leave_when_all_is_said, box, latest))


def _go_down(box: Box) -> None:
    box.has_power = False
    box.registration = None
    box.agenda.clear_all(but=ONLINE)
    box.outbox.drop_news()
    for connector in box.connectors:
        connector.power_w = 0.0
        connector.welcome = None


def _come_up(box: Box, reason: StopReason, lost_at: datetime, at: datetime) -> None:
    box.has_power = True
    box.started_at = at
    box.synchronised_at = None
    for connector in box.connectors:
        connector.has_finished = False
        if connector.transaction is not None:
            end(box, connector, reason, at=lost_at)
        plan_expiry(box, connector)
