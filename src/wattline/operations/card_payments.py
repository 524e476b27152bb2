"""The card's side of a charge: a hold is asked for, kept, taken or let go. All are sub-steps, in the charge's lock.

The order of locks is connector, charge, `charge_payment`, `payment`. A deed is asked of a provider once for each
charge; what the provider then will not do is left to people, as `payment.trouble`.
"""

from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Transaction
from wattline.domain.access import Viewer
from wattline.domain.charge_record import Charge
from wattline.domain.ledger_accounts import Owner
from wattline.domain.payment import FINAL, MOVES, TAKEN, Payment, State, Step, refundable
from wattline.domain.refill import CardNotReady
from wattline.operations.payment_rows import load, lock
from wattline.operations.payments import NewPayment, add_cancel, add_capture, add_hold, add_refund

# What the provider has let go of, or never had.
GONE = FINAL - {State.REFUNDED}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardToPay:
    """The card somebody pays a charge with. `key` is a UUID of the caller's: the same key again is refused.

    `method` is the `provider`'s token, as the card field of a page gives it; a saved card needs neither.
    """

    key: str
    provider: str = ""
    method: str = ""
    saved_card_id: int | None = None


async def ask_for_hold(tx: Transaction, charge: Charge, card: CardToPay, amount_minor: int, *, now: datetime) -> None:
    """Ask for the hold of a charge that was just made. Raises what `payments.add_hold` raises."""
    owner = await _owner_of(tx, card)
    new = NewPayment(
        key=card.key,
        operator_id=charge.operator_id,
        amount_minor=amount_minor,
        currency=charge.currency,
        method=card.method,
        provider=card.provider,
        team_id=owner.team_id,
        user_id=owner.user_id,
        charge_id=charge.id,
        saved_card_id=card.saved_card_id,
    )
    payment = await add_hold(tx, new, now=now)
    await tx.execute(NAME_PAYMENT, charge.id, payment.id, payment.provider)


async def must_be_usable(tx: Transaction, card: CardToPay, *, asked_by: Viewer) -> None:
    """Refuse a saved card of somebody else. Raises CardNotReady."""
    if card.saved_card_id is None:
        return
    owner = await _owner_of(tx, card)
    own = owner.user_id is not None and owner.user_id == asked_by.user_id
    if not own and (owner.team_id is None or not asked_by.sees(owner.operator_id or 0, owner.team_id)):
        raise CardNotReady


async def take(tx: Transaction, payment_id: int, due_minor: int, *, now: datetime) -> None:
    """Ask for what a charge cost, or give back what was taken above it; each is asked once."""
    payment, asked = await lock(tx, payment_id), await _asked(tx, payment_id)
    if payment.state is State.HELD and due_minor and "capture" not in asked:
        await add_capture(tx, payment_id, due_minor, now=now)
    elif payment.state in TAKEN:
        await _give_back(tx, payment, payment.captured_minor - due_minor, asked, now)
    elif not due_minor or payment.state is State.HELD:
        await _cancel(tx, payment, asked, now)


async def let_go(tx: Transaction, payment_id: int, *, now: datetime) -> None:
    """Nobody pays: let go of what is held or about to be, give back what was taken."""
    await take(tx, payment_id, 0, now=now)


async def debtor_of(tx: Transaction, payment_id: int) -> str:
    """Name who owes what a card did not pay: the owner of the saved card, or else nobody but the card itself."""
    payment = await load(tx, payment_id)
    if payment.user_id is not None:
        return f"user:{payment.user_id}"
    return f"card:{payment.id}" if payment.team_id is None else f"team:{payment.team_id}"


def provider_account(payment: Payment) -> Owner:
    """Name the account that stands for what a provider owes us."""
    return Owner("provider", payment.provider)


async def _give_back(
    tx: Transaction, payment: Payment, amount_minor: int, asked: frozenset[str], now: datetime
) -> None:
    # What people gave back by hand is on its way as well, and comes out of what may be kept.
    back_minor = min(amount_minor, refundable(payment))
    if back_minor > 0 and "refund" not in asked:
        await add_refund(tx, payment.id, back_minor, now=now)


async def _cancel(tx: Transaction, payment: Payment, asked: frozenset[str], now: datetime) -> None:
    if (payment.state, Step.CANCEL_ASKED) in MOVES and "cancel" not in asked:
        await add_cancel(tx, payment.id, now=now)


async def _asked(tx: Transaction, payment_id: int) -> frozenset[str]:
    rows = await tx.fetch("select deed from payment_call where payment_id = $1", payment_id)
    return frozenset(row["deed"] for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owner:
    operator_id: int | None = None
    team_id: int | None = None
    user_id: int | None = None


async def _owner_of(tx: Transaction, card: CardToPay) -> _Owner:
    if card.saved_card_id is None:
        return _Owner()
    row = await tx.fetchrow(OWNER, card.saved_card_id)
    if row is None:
        raise CardNotReady
    return _Owner(operator_id=row["operator_id"], team_id=row["team_id"], user_id=row["user_id"])


OWNER = "select operator_id, team_id, user_id from saved_card where id = $1 and state = 'ready'"

NAME_PAYMENT = "update charge_payment set payment_id = $2, payer_key = $3 where charge_id = $1"
