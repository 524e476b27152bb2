"""Looks at the public receipt page are counted by address, so that nobody can go through all numbers at leisure."""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from wattline.database.connection import Database
from wattline.domain.refusals import Refusal
from wattline.operations.rate_limits import add_requests

# Somebody who mistypes needs a handful of tries. Going through the four digits of one day takes a week at this pace.
WINDOW = timedelta(minutes=10)
TRIES_MAX = 10
# One household has a whole network of IPv6 addresses.
IPV6_HOUSEHOLD_BITS = 64


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


def household(address: str) -> str:
    """Name the network that counts as one visitor."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if not isinstance(parsed, IPv6Address) or parsed.ipv4_mapped is not None:
        return str(getattr(parsed, "ipv4_mapped", None) or parsed)
    return str(IPv6Network((int(parsed) >> IPV6_HOUSEHOLD_BITS << IPV6_HOUSEHOLD_BITS, IPV6_HOUSEHOLD_BITS)))
