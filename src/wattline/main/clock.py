"""The clock. Everything else is told what time it is."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Read the time."""
    return datetime.now(UTC)
