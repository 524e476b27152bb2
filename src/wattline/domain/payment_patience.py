"""How long we wait for payment providers, and when we ask again."""

from datetime import datetime, timedelta

from wattline.domain.payment import FINAL, TAKEN, Payment, State

# A worker that took a call and died is followed by another after this.
TRY_LASTS = timedelta(seconds=60)
FIRST_PAUSE = timedelta(seconds=1)
PAUSE_MAX = timedelta(minutes=15)
# Providers keep our keys for 24 h at least; after that the same key could do the same thing twice.
KEY_LASTS = timedelta(hours=23)
# Somebody who has not confirmed with the bank by now has left; nothing may be held behind their back.
ACTION_PATIENCE = timedelta(hours=1)
# An event that was signed longer ago may be somebody's copy.
EVENT_TOLERANCE = timedelta(seconds=300)


def next_try_at(tries: int, *, now: datetime) -> datetime:
    """When to ask again after `tries` calls without an answer: 1 s, 2 s, 4 s … 15 min."""
    pause: timedelta = FIRST_PAUSE * 2 ** min(max(tries - 1, 0), 20)
    return now + min(pause, PAUSE_MAX)


def key_is_spent(first_sent_at: datetime, *, now: datetime) -> bool:
    """Tell whether the provider may have forgotten the key."""
    return now - first_sent_at >= KEY_LASTS


def look_again_at(payment: Payment, *, now: datetime) -> datetime | None:
    """When to look at the provider by ourselves, in case the event that should tell us never comes."""
    if payment.state in FINAL or payment.state in TAKEN:
        return None
    if payment.state is State.NEEDS_ACTION:
        age = now - payment.created_at
        return now + (timedelta(seconds=5) if age < timedelta(minutes=10) else timedelta(minutes=5))
    return now + (timedelta(minutes=10) if payment.state is State.UNKNOWN else timedelta(hours=1))
