"""Filling a wallet: a payment is asked for, and the movement it will become is pending until the card has paid."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.payment import checked_amount
from wattline.domain.refill import CardNotReady, checked_trigger
from wattline.operations import audit
from wattline.operations.movements import Movement, note_movements
from wattline.operations.payments import NewPayment, add_hold
from wattline.operations.wallet_access import Passcode, lock_settings, must_be_open_to_banks, wallet_to_use
from wattline.operations.wallets import Wallet


@dataclass(frozen=True, slots=True, kw_only=True)
class Refill:
    """What is to be put in. `key` is made once by whoever asks; the same key again does nothing twice.

    `method` is a provider's token for a way to pay, such as the card field of a page gives; `saved_card_id` is used
    instead when it is there.
    """

    key: UUID
    amount_minor: int
    provider: str
    method: str = ""
    saved_card_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomaticRefill:
    """Put in `amount_minor` from a saved card whenever less than `below_minor` can be spent."""

    saved_card_id: int
    amount_minor: int
    below_minor: int = 0


async def refill(
    database: Database, wallet_id: int, new: Refill, *, asked_by: Viewer, passcode: Passcode, now: datetime
) -> int:
    """Ask a card for money and return the payment's id, to wait for with `payments.await_answer`.

    Raises Invalid, CardNotReady, NotReady, Unknown, AlreadyTaken, and what a wrong passcode raises.
    """
    wallet = await wallet_to_use(database, wallet_id, asked_by=asked_by, passcode=passcode, now=now)
    async with database.begin() as tx:
        await must_be_open_to_banks(tx, wallet)
        payment_id = await add_refill(tx, wallet, new, asked_by=asked_by.name, automatic=False, now=now)
        await audit.note(tx, asked_by, "refill", "wallet", wallet_id, now=now, detail={"amount": new.amount_minor})
    return payment_id


async def refill_automatically(
    database: Database,
    wallet_id: int,
    wanted: AutomaticRefill | None,
    *,
    asked_by: Viewer,
    passcode: Passcode,
    now: datetime,
) -> None:
    """Let a wallet fill itself from a saved card; None: no longer. Raises as `refill` does."""
    if wanted is not None:
        checked_trigger(wanted.below_minor, amount_minor=wanted.amount_minor)
    wallet = await wallet_to_use(database, wallet_id, asked_by=asked_by, passcode=passcode, now=now)
    async with database.begin() as tx:
        if wanted is not None:
            await must_be_open_to_banks(tx, wallet)
            await card_of(tx, wallet, wanted.saved_card_id)
        before = await lock_settings(tx, wallet_id)
        after = _settings(wanted)
        await tx.execute(SET, wallet_id, *after.values(), now)
        detail = {"on": wanted is not None, **audit.changed(before, after)}
        await audit.note(tx, asked_by, "refill automatically", "wallet", wallet_id, now=now, detail=detail)


def _settings(wanted: AutomaticRefill | None) -> dict[str, int | None]:
    """Write what is wanted as columns, in the order of SET."""
    return {
        "refill_card_id": wanted.saved_card_id if wanted else None,
        "refill_amount_minor": wanted.amount_minor if wanted else None,
        "refill_below_minor": wanted.below_minor if wanted else 0,
    }


async def add_refill(
    tx: Transaction, wallet: Wallet, new: Refill, *, asked_by: str, automatic: bool, now: datetime
) -> int:
    """Sub-step of `refill`, for wallets that fill themselves too."""
    checked_amount(new.amount_minor)
    provider, method = new.provider, new.method
    if new.saved_card_id is not None:
        provider, method = await card_of(tx, wallet, new.saved_card_id)
    payment = await add_hold(tx, _payment(wallet, new, provider, method), now=now)
    if await tx.fetchval("select true from refill where payment_id = $1", payment.id):
        return payment.id
    movement = _movement(wallet, new, payment.id, provider, asked_by)
    [movement_id] = await note_movements(tx, [movement], now=now)
    await tx.execute(ADD, payment.id, wallet.id, movement_id, automatic, now)
    return payment.id


async def card_of(tx: Transaction, wallet: Wallet, card_id: int) -> tuple[str, str]:
    """Return provider and token of a card that was saved by whose wallet it is. Raises CardNotReady."""
    row = await tx.fetchrow(CARD, card_id, wallet.operator_id, wallet.owner_type, wallet.owner_id)
    if row is None:
        raise CardNotReady
    return row["provider"], row["provider_ref"]


def _payment(wallet: Wallet, new: Refill, provider: str, method: str) -> NewPayment:
    return NewPayment(
        key=str(new.key),
        operator_id=wallet.operator_id,
        amount_minor=new.amount_minor,
        currency=wallet.currency,
        method=method,
        provider=provider,
        purpose="refill",
        team_id=wallet.owner_id if wallet.owner_type == "team" else None,
        user_id=wallet.owner_id if wallet.owner_type == "user" else None,
        saved_card_id=new.saved_card_id,
    )


def _movement(wallet: Wallet, new: Refill, payment_id: int, provider: str, asked_by: str) -> Movement:
    return Movement(
        giver=None,
        taker=wallet,
        currency=wallet.currency,
        amount_minor=new.amount_minor,
        group="deposit",
        kind="refill",
        reference_type="STRIPE_CHARGE" if provider == "stripe" else "OTHER",
        reference_id=str(payment_id),
        state="pending",
        transfer_id=new.key,
        asked_by=asked_by,
    )


SET = """
update wallet set refill_card_id = $2, refill_amount_minor = $3, refill_below_minor = $4, updated_at = $5 where id = $1
"""

CARD = """
select provider, provider_ref from saved_card
where id = $1 and operator_id = $2 and state = 'ready' and provider_ref is not null and case $3
  when 'user' then user_id = $4
  when 'team' then team_id = $4
  else user_id is null and team_id is null end
"""

ADD = """
insert into refill (payment_id, wallet_id, movement_id, automatic, state, asked_at)
values ($1, $2, $3, $4, 'asked', $5)
"""
