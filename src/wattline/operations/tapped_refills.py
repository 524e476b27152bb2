"""A tapped key whose wallet has too little: its card is asked, and the charge point waits a moment for the answer."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

from wattline.database.connection import Connection, Database
from wattline.operations.automatic_refills import begin_refill, is_being_filled

# Charge points wait 30 s for an answer, and the driver stands before it. A bank takes two or three seconds; when it
# takes longer the key is refused, the wallet is filled all the same, and the next tap works.
CARD_PATIENCE = timedelta(seconds=8)
LOOK_EVERY_SECONDS = 0.25


class WalletShort(Exception):
    """Undo all of a start: a card is asked first. Never leaves the verb that begins charges."""

    def __init__(self, wallet_id: int) -> None:
        super().__init__(wallet_id)
        self.wallet_id = wallet_id


async def must_not_fill_itself(connection: Connection, owner_type: str, owner_id: int, currency: str) -> None:
    """Raise WalletShort for a wallet that fills itself from a card."""
    wallet_id: int | None = await connection.fetchval(FILLS_ITSELF, owner_type, owner_id, currency)
    if wallet_id is not None:
        raise WalletShort(wallet_id)


async def fill_for_tap(database: Database, wallet_id: int, *, patience: timedelta, now: datetime) -> timedelta:
    """Ask a wallet's card, unless it is being asked already, and wait for the outcome; return how long that took."""
    async with database.begin() as tx:
        await begin_refill(tx, wallet_id, now=now)
    clock = asyncio.get_running_loop().time
    began = clock()
    with suppress(TimeoutError):
        async with asyncio.timeout(patience.total_seconds()):
            while await _is_being_filled(database, wallet_id):
                await asyncio.sleep(LOOK_EVERY_SECONDS)
    return timedelta(seconds=clock() - began)


async def _is_being_filled(database: Database, wallet_id: int) -> bool:
    async with database.read() as connection:
        return await is_being_filled(connection, wallet_id)


FILLS_ITSELF = """
select id from wallet where owner_type = $1 and owner_id = $2 and currency = $3 and refill_card_id is not null
"""
