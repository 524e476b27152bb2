"""Languages and time zones people choose among."""

from functools import cache
from zoneinfo import available_timezones

LANGUAGES = (
    ("en", "English"),
    ("en-DK", "English, Danish figures and dates"),
    ("en-GB", "English, British figures and dates"),
    ("da", "Dansk"),
    ("de", "Deutsch"),
)


def language_wished(accept_language: str) -> str:
    """Pick the first language of ours that a browser names; English when it names none."""
    ours = {code for code, _ in LANGUAGES}
    for wish in accept_language[:200].split(","):
        code = wish.partition(";")[0].strip()
        for candidate in (code, code.partition("-")[0]):
            if candidate in ours:
                return candidate
    return "en"


def zone_wished(zone: str) -> str:
    """Take the time zone a browser names when there is such a zone."""
    return zone if zone in available_timezones() else "Europe/Copenhagen"


@cache
def time_zones() -> tuple[tuple[str, str], ...]:
    """List the zones with a place in their name."""
    places = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/")))
    return tuple((zone, zone.replace("_", " ").replace("/", " / ")) for zone in ["UTC", *places])
