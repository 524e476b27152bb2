"""Starts from the pay page are counted: nobody shall try out stolen cards there, nor keep charge points busy."""

from datetime import datetime, timedelta

from wattline.database.connection import Database
from wattline.domain.refusals import Refusal
from wattline.operations.rate_limits import add_requests
from wattline.operations.receipt_tries import household

WINDOW = timedelta(minutes=10)
# A family with two cars and a card that is declined once.
OF_HOUSEHOLD_MAX = 6
# Whoever has many addresses still has one charge point before them; a busy one changes cars every quarter of an hour.
OF_CONNECTOR_MAX = 12


class TooManyStarts(Refusal):
    """Somebody tries cards."""

    code = "TOO_MANY_TRIES"

    def __init__(self) -> None:
        super().__init__("Too many payments were tried here. Wait 10 minutes, then try again.")


async def count_start(database: Database, connector_id: int, *, address: str, now: datetime) -> None:
    """Count one start before a card is asked. Raises TooManyStarts."""
    by_whom = await add_requests(database, f"pay:{household(address)}", 1, lasts=WINDOW, now=now)
    if by_whom.used > OF_HOUSEHOLD_MAX:
        raise TooManyStarts
    where = await add_requests(database, f"pay-at:{connector_id}", 1, lasts=WINDOW, now=now)
    if where.used > OF_CONNECTOR_MAX:
        raise TooManyStarts
