"""Holding money before a charge begins: how much, from whom, and a clear no when there is too little."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wattline.database.connection import Connection, Transaction
from wattline.domain import settlement
from wattline.domain.charge_record import Charge
from wattline.domain.hold import (
    HOLD_SECONDS,
    FundsMissing,
    OtherCurrency,
    Part,
    PayerKind,
    reserved_on_card_minor,
    share_out,
    usual_hold_minor,
)
from wattline.domain.ledger import LedgerRefused, Result, Transfer
from wattline.domain.ledger_accounts import Owner
from wattline.domain.limits import Limits
from wattline.domain.price_ceiling import LOOK_AHEAD, most_it_can_cost
from wattline.domain.price_terms import PriceTerms
from wattline.domain.refusals import Refusal
from wattline.domain.settlement import Held
from wattline.operations import charge_payments
from wattline.operations.charge_payments import ChargePayment
from wattline.operations.debts import owed_minor
from wattline.operations.ledger import book_or_refuse
from wattline.operations.ledger_accounts import account_of
from wattline.operations.movements import Movement, note_movements
from wattline.operations.price_freeze import spot_for
from wattline.operations.wallets import Wallet, contents_of, keep_credit_limit, wallet_of, wallets_by_id

FIRST_LOOK = timedelta(minutes=1)

# Of a hold: from credit, and from money.
PARTS_MAX = 2

CARD_HOLDS = "card payment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays for a charge: a team's or a user's wallet, a card, or whoever holds one to a provider's terminal."""

    kind: PayerKind
    owner_type: str = "team"
    owner_id: int = 0
    provider: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Purse:
    """Where the money is taken from."""

    wallet: Wallet | None
    parts: tuple[Part, ...]


async def hold_for(
    tx: Transaction, charge: Charge, payer: Payer, terms: PriceTerms | None, *, asked_by: str, now: datetime
) -> ChargePayment | None:
    """Keep aside what a charge may cost, in the transaction that makes the charge.

    None is a charge that moves no money: the owner's own, or one at a charge point that has no price. Raises
    FundsMissing, and OtherCurrency.
    """
    if terms is None or payer.kind is PayerKind.OWN:
        return None
    if terms.currency != charge.currency:
        raise OtherCurrency(terms.currency, charge.currency)
    payment = ChargePayment(
        charge_id=charge.id,
        operator_id=charge.operator_id,
        payer_kind=payer.kind,
        payer_key=payer.provider,
        currency=charge.currency,
        terms=terms,
    )
    amount_minor = await hold_amount(tx, charge, payer.kind, terms, now=now)
    if amount_minor:
        payment = await _held(tx, charge, payer, payment, amount_minor, asked_by, now)
    else:
        payment = replace(payment, payer_kind=PayerKind.FREE)
    await charge_payments.keep(tx, payment, check_at=now + FIRST_LOOK if payment.holds else None)
    return payment


async def hold_on_card(
    tx: Transaction, charge: Charge, payment: ChargePayment, amount_minor: int, *, now: datetime
) -> None:
    """Keep in our books what a card's bank holds by now: the provider owes it once it is taken."""
    payer = Payer(kind=PayerKind.CARD, provider=payment.payer_key)
    held = await _held(tx, charge, payer, payment, amount_minor, CARD_HOLDS, now)
    await charge_payments.change_holds(tx, held, check_at=now + FIRST_LOOK)


async def hold_again(
    tx: Transaction, charge: Charge, payment: ChargePayment, amount_minor: int, *, now: datetime
) -> None:
    """Let other money stand for a charge: what was taken from its card before the card's bank lets go of the rest."""
    assert payment.owner_wallet_id is not None
    [seller] = (await wallets_by_id(tx, [payment.owner_wallet_id])).values()
    purse = await _purse(tx, Payer(kind=PayerKind.CARD, provider=payment.payer_key), charge.currency, amount_minor, now)
    fresh = _holds(charge, purse, seller, first=PARTS_MAX)
    old = [replace(settlement.release(charge.id, each.id), linked=True) for each in payment.holds_at(now)]
    await book_or_refuse(tx, [*old, *fresh], now=now)
    holds = tuple(Held(each.id, each.amount_minor) for each in fresh)
    await charge_payments.change_holds(tx, replace(payment, holds=holds, held_at=now), check_at=now)


async def hold_amount(tx: Transaction, charge: Charge, kind: PayerKind, terms: PriceTerms, *, now: datetime) -> int:
    """Work out what to hold, in minor units; 0 only for a free charge."""
    reserved_minor = reserved_on_card_minor(charge.payment_session, terms.decimals)
    most = [each for each in (charge.price_limit_minor, reserved_minor) if each is not None]
    limits = Limits(charge.energy_limit_wh, charge.soc_limit_percent, min(most, default=None))
    return await hold_within(tx, charge.operator_id, kind, terms, limits, now=now)


async def hold_within(
    connection: Connection, operator_id: int, kind: PayerKind, terms: PriceTerms, limits: Limits, *, now: datetime
) -> int:
    """Work out what to hold for any charge on these terms within these limits."""
    told: int | None = await connection.fetchval(RULE, operator_id, terms.currency, kind)
    default_minor = usual_hold_minor(terms.currency) if told is None else told
    spot = await spot_for(connection, terms, now, now + LOOK_AHEAD)
    return most_it_can_cost(terms, limits, spot, default_minor=default_minor, now=now)


async def _held(
    tx: Transaction,
    charge: Charge,
    payer: Payer,
    payment: ChargePayment,
    amount_minor: int,
    asked_by: str,
    now: datetime,
) -> ChargePayment:
    seller = await wallet_of(tx, "team", charge.team_id, charge.currency, now=now)
    purse = await _purse(tx, payer, charge.currency, amount_minor, now)
    holds = _holds(charge, purse, seller, first=0)
    if not await _book(tx, holds, now):
        # Another charge may have taken the credit since we looked. The accounts are locked by now and stay so.
        purse = await _purse(tx, payer, charge.currency, amount_minor, now)
        holds = _holds(charge, purse, seller, first=PARTS_MAX)
        if not await _book(tx, holds, now):
            assert purse.wallet is not None
            raise await _missing(tx, purse.wallet, amount_minor, payment)
    await note_movements(tx, [_reserved(charge, purse.wallet, seller, amount_minor, asked_by)], now=now)
    return replace(
        payment,
        payer_wallet_id=purse.wallet.id if purse.wallet else None,
        owner_wallet_id=seller.id,
        holds=tuple(Held(each.id, each.amount_minor) for each in holds),
        state="held",
        held_at=now,
    )


async def _purse(tx: Transaction, payer: Payer, currency: str, amount_minor: int, now: datetime) -> _Purse:
    if payer.kind in (PayerKind.TERMINAL, PayerKind.CARD):
        owner = Owner("terminal" if payer.kind is PayerKind.TERMINAL else "provider", payer.provider or "unknown")
        account_id = await account_of(tx, owner, currency, now=now)
        return _Purse(wallet=None, parts=(Part(account_id, amount_minor),))
    wallet = await wallet_of(tx, payer.owner_type, payer.owner_id, currency, now=now)
    if payer.owner_type == "team":
        await keep_credit_limit(tx, payer.owner_id, currency, wallet.account_id)
    contents = (await contents_of(tx, [wallet]))[wallet.id]
    credit = Part(wallet.credit_account_id, contents.spendable_credit_minor)
    return _Purse(wallet=wallet, parts=share_out(amount_minor, credit=credit, money_account_id=wallet.account_id))


def _holds(charge: Charge, purse: _Purse, seller: Wallet, *, first: int) -> list[Transfer]:
    """Write the holds of a charge as a chain, numbered from `first`: the ledger takes no id again that it refused."""
    holds = [
        settlement.hold(
            charge.id,
            number,
            payer=part.account_id,
            seller=seller.account_id,
            amount_minor=part.amount_minor,
            currency=charge.currency,
            seconds=HOLD_SECONDS,
        )
        for number, part in enumerate(purse.parts, start=first)
    ]
    return [replace(each, linked=each is not holds[-1]) for each in holds]


async def _book(tx: Transaction, holds: list[Transfer], now: datetime) -> bool:
    """Book holds; False when there is not enough money for them."""
    try:
        await book_or_refuse(tx, holds, now=now)
    except LedgerRefused as refused:
        if refused.result is not Result.EXCEEDS_CREDITS:
            raise
        return False
    return True


async def _missing(tx: Transaction, wallet: Wallet, amount_minor: int, payment: ChargePayment) -> Refusal:
    home: str | None = await tx.fetchval(CURRENCY_OF_TEAM, wallet.owner_id) if wallet.owner_type == "team" else None
    contents = (await contents_of(tx, [wallet]))[wallet.id]
    if home is not None and home != payment.currency and not contents.spendable_minor:
        return OtherCurrency(payment.currency, home)
    assert payment.terms is not None
    # What comes in pays debts first.
    debt_minor = max(0, await owed_minor(tx, wallet))
    missing_minor = max(1, amount_minor + debt_minor - contents.spendable_minor)
    return FundsMissing(missing_minor, payment.currency, payment.terms.decimals)


def _reserved(charge: Charge, giver: Wallet | None, seller: Wallet, amount_minor: int, asked_by: str) -> Movement:
    return Movement(
        giver=giver,
        taker=seller,
        currency=charge.currency,
        amount_minor=amount_minor,
        group="charge",
        kind="charge",
        reference_type="CHARGE",
        reference_id=str(charge.id),
        state="reserved",
        asked_by=asked_by,
    )


CURRENCY_OF_TEAM = "select currency from team where id = $1"

RULE = "select amount_minor from hold_rule where operator_id = $1 and currency = $2 and payer_kind = $3"
