"""Times on the wire: read in every way charge points write them, written in one way (field notes F7, F8).

OCPP 1.6 asks for ISO 8601, recommends UTC and leaves the rest open; the official schemas ask for RFC 3339.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

import msgspec

from wattline.wire.ocpp.deviations import Code

_TIME = re.compile(
    r"""(?P<year>\d{4})-?(?P<month>\d\d)-?(?P<day>\d\d)
        [Tt\s_]+
        (?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,12}))?)?
        \s*(?P<zone>[Zz]|UTC|GMT|(?P<sign>[+-])(?P<zone_hour>\d\d?)(?::?(?P<zone_minute>\d\d))?)?""",
    re.VERBOSE | re.ASCII,
)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_EPOCH = re.compile(r"(?P<seconds>\d{9,10})(?P<milliseconds>\d{3})?", re.ASCII)


# Twice the longest time any firmware writes.
TIME_CHARACTERS_MAX = 64


class ReadTime(msgspec.Struct, frozen=True):
    """A moment in UTC, and what was odd about how it was written."""

    at: datetime
    oddity: Code | None = None


def parse_time(text: str) -> ReadTime | None:
    """Read a time; None when no moment can be made of it (then the caller knows a better one, or none).

    A time without a zone is taken as UTC: OCPP 1.6 recommends UTC, and only the owner can know better.
    """
    text = text.strip()
    if len(text) > TIME_CHARACTERS_MAX:
        return None
    if matched := _TIME.fullmatch(text):
        return _from_parts(text, matched)
    if matched := _EPOCH.fullmatch(text):
        at = datetime.fromtimestamp(int(matched["seconds"]), UTC)
        return ReadTime(at + timedelta(milliseconds=int(matched["milliseconds"] or 0)), Code.TIME_FORMAT)
    return None


def read_rfc3339(text: str) -> datetime:
    """Read a time written as the schemas want it. Raises ValueError for any other."""
    if _RFC3339.fullmatch(text) is None:
        raise ValueError(text)
    return datetime.fromisoformat(text)


def format_time(at: datetime) -> str:
    """Write a time as `2026-11-20T12:00:00Z`: some charge points read neither `+00:00` nor fractions (F8)."""
    return whole_second(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_exactly(at: datetime) -> str:
    """Write a time with its fraction, for our own reading."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def whole_second(at: datetime) -> datetime:
    """Cut a time to the second, in UTC."""
    return at.astimezone(UTC).replace(microsecond=0)


def _from_parts(text: str, parts: re.Match[str]) -> ReadTime | None:
    try:
        local = datetime(
            int(parts["year"]),
            int(parts["month"]),
            int(parts["day"]),
            int(parts["hour"]) % 24,
            int(parts["minute"]),
            # A leap second has no place in a datetime; the second before it is near enough.
            59 if parts["second"] == "60" else int(parts["second"] or 0),
            int((parts["fraction"] or "0")[:6].ljust(6, "0")),
            tzinfo=_zone(parts),
        )
        # Midnight at the end of a day may be written 24:00 (ISO 8601).
        at = (local + timedelta(days=int(parts["hour"]) // 24)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if parts["zone"] is None:
        return ReadTime(at, Code.TIME_WITHOUT_ZONE)
    return ReadTime(at, None if _RFC3339.fullmatch(text) else Code.TIME_FORMAT)


def _zone(parts: re.Match[str]) -> timezone:
    if parts["sign"] is None:
        return UTC
    offset = timedelta(hours=int(parts["zone_hour"]), minutes=int(parts["zone_minute"] or 0))
    return timezone(-offset if parts["sign"] == "-" else offset)
