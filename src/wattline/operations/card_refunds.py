"""Giving back to the card that paid for a charge: the provider's side of a refund."""

from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Transaction
from wattline.domain.payment import TAKEN
from wattline.domain.refusals import NotReady
from wattline.operations.payment_rows import lock
from wattline.operations.payments import add_refund


async def card_of_sale(tx: Transaction, paid: Record) -> int | None:
    """Find the payment by card of a sale, a row of `wallet_transaction`; None for one that a card did not pay."""
    if paid["kind"] != "charge" or paid["reference_type"] != "CHARGE" or paid["from_wallet_id"]:
        return None
    payment_id: int | None = await tx.fetchval(CARD_OF_SALE, int(paid["reference_id"]))
    return payment_id


async def give_to_card(tx: Transaction, payment_id: int, amount_minor: int, *, now: datetime) -> None:
    """Give a part of what was paid back to the card. Raises NotReady while, or when, its bank has not paid."""
    if not amount_minor:
        return
    if (await lock(tx, payment_id)).state not in TAKEN:
        raise NotReady("The card has not paid for this charge, or not yet. Try again in a minute.")
    await add_refund(tx, payment_id, amount_minor, now=now)


CARD_OF_SALE = "select payment_id from charge_payment where charge_id = $1"
