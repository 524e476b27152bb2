"""When a letter that could not be delivered is tried again (RFC 5321 section 4.5.4.1: for days, ever less often)."""

from datetime import datetime, timedelta

FIRST_RETRY = timedelta(minutes=1)
RETRY_MAX = timedelta(hours=2)
GAVE_UP_AFTER = timedelta(days=2)


def next_try_at(attempts: int, *, now: datetime) -> datetime:
    """Wait twice as long each time: 1, 2, 4 … minutes, at most 2 hours."""
    wait = FIRST_RETRY
    for _ in range(attempts):
        wait = min(wait * 2, RETRY_MAX)
    return now + wait
