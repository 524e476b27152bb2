"""Looks at the public receipt page are counted by address, so that nobody can go through all numbers at leisure.

Whoever has many addresses guesses all the same, so the wrong guesses of four digits are counted for each day as well:
however many networks take part, going through the ten thousand of one day takes a week.
"""

from datetime import date, datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from wattline.database.connection import Database
from wattline.domain.refusals import Refusal
from wattline.operations.rate_limits import add_requests

# Somebody who mistypes needs a handful of tries. Going through the four digits of one day takes a week at this pace.
WINDOW = timedelta(minutes=10)
TRIES_MAX = 10
# Wrong guesses at the cards of one day, from everywhere. Drivers mistype some; whoever comes when they are used up can
# still find a receipt by the number that was printed.
GUESSES_WINDOW = timedelta(hours=1)
GUESSES_MAX = 60
# One household has a whole network of IPv6 addresses.
IPV6_HOUSEHOLD_BITS = 64


class TooManyGuesses(Refusal):
    """Too many have guessed at the cards of a day."""

    code = "TOO_MANY_TRIES"

    def __init__(self) -> None:
        super().__init__(
            "Too many wrong digits were tried for this day. Use the number that was printed, or try again in an hour."
        )


class TooManyLooks(Refusal):
    """Somebody guesses."""

    code = "TOO_MANY_TRIES"

    def __init__(self, wait: timedelta) -> None:
        minutes = int(wait.total_seconds() // 60) + 1
        super().__init__(f"Too many tries from your network. Wait {minutes} min, then try again.")


async def count_look(database: Database, *, address: str, now: datetime) -> None:
    """Count one look before anything is looked up. Raises TooManyLooks."""
    block = await add_requests(database, f"receipts:{household(address)}", 1, lasts=WINDOW, now=now)
    if block.used > TRIES_MAX:
        raise TooManyLooks(block.started_at + WINDOW - now)


async def must_be_few_guesses(database: Database, *, day: date, now: datetime) -> None:
    """Refuse to look for four digits when too many were wrong. Raises TooManyGuesses."""
    if await _guessed(database, day, 0, now) >= GUESSES_MAX:
        raise TooManyGuesses


async def note_wrong_guess(database: Database, *, day: date, now: datetime) -> None:
    """Count four digits that no single receipt of a day has."""
    await _guessed(database, day, 1, now)


async def _guessed(database: Database, day: date, wrong: int, now: datetime) -> int:
    return (await add_requests(database, f"receipt-digits:{day}", wrong, lasts=GUESSES_WINDOW, now=now)).used


def household(address: str) -> str:
    """Name the network that counts as one visitor."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if not isinstance(parsed, IPv6Address) or parsed.ipv4_mapped is not None:
        return str(getattr(parsed, "ipv4_mapped", None) or parsed)
    return str(IPv6Network((int(parsed) >> IPV6_HOUSEHOLD_BITS << IPV6_HOUSEHOLD_BITS, IPV6_HOUSEHOLD_BITS)))
