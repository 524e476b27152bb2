"""When did it happen? Charge points tell us, but their clocks are not always set."""

from datetime import datetime, timedelta

# Charge points that were offline send weeks of history at once (field note B8); a year covers the longest seen.
HISTORY_LASTS = timedelta(days=366)

# Clocks that run ahead by less than this are common and harmless.
AHEAD_MAX = timedelta(minutes=5)


def trusted_time(told: datetime, *, received_at: datetime) -> datetime:
    """Return the box's own time when it can be true, else the time we received it.

    A box that has not set its clock says 1970 (field note B7); one that writes local time as UTC is hours ahead (F7).
    """
    possible = received_at - HISTORY_LASTS <= told <= received_at + AHEAD_MAX
    return told if possible else received_at


def is_dated(told: datetime, *, received_at: datetime) -> bool:
    """Tell whether the box knew what time it was. Where it did not, the door puts in when the message came."""
    return told != received_at and trusted_time(told, received_at=received_at) == told
