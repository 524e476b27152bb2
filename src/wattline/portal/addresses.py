"""Numbers and moments in the addresses of pages: read leniently, written so that they can be read again."""

from datetime import datetime

from wattline.web.formats import Formats

# An int64 has 19 digits; ids and pages in an address are shorter.
DIGITS_MAX = 18


def number(text: str | None) -> int | None:
    """Read a number from an address; None when it is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX else None


def numbers(text: str | None, *, at_most: int) -> list[int]:
    """Read a list of numbers with commas between; negative ones too."""
    found = [each for each in (text or "").split(",") if number(each.removeprefix("-")) is not None]
    return [int(each) for each in found[:at_most]]


def moment(text: str | None, formats: Formats) -> datetime | None:
    """Read a moment; without a zone it is in the viewer's, as datetime-local fields write it."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=formats.zone)


def written(at: datetime | None, formats: Formats) -> str:
    """Write a moment as a datetime-local field does."""
    return "" if at is None else formats.local(at).strftime("%Y-%m-%dT%H:%M:%S")
