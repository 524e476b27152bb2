"""When does a charge that never ends count as dead? (Field note 1: transactions without an end.)"""

from datetime import datetime, timedelta

# The box shows no transaction any more, so its stop is lost. A box that replays a queue tells the status first and the
# stop within seconds (T3); an hour covers the longest queue seen.
LOST_STOP_AFTER = timedelta(hours=1)

# Neither readings nor contact. A box may well be offline for a night.
SILENCE_MAX = timedelta(hours=24)

# A box in good contact that sends no readings (T11), or none while the car pauses, over a long weekend and more.
QUIET_MAX = timedelta(days=7)


def ghost_at(
    *,
    last_sign_at: datetime,
    heard_at: datetime,
    idle_since: datetime | None,
    readings_expected: bool,
) -> datetime:
    """Tell when a running charge counts as dead if nothing more is heard.

    `last_sign_at` is the last reading or status of the charge, `heard_at` the last message of any kind from the box,
    `idle_since` since when the connector shows no transaction, and `readings_expected` whether energy should be flowing
    and this box has sent readings before.
    """
    if idle_since is not None:
        return max(last_sign_at, idle_since) + LOST_STOP_AFTER
    if readings_expected:
        return last_sign_at + SILENCE_MAX
    return min(max(last_sign_at, heard_at) + SILENCE_MAX, last_sign_at + QUIET_MAX)
