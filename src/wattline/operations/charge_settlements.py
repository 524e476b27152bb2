"""Paying for a charge that is over: its price, and one chain of sale, debt, fees and VAT; or nothing at all.

Called by whoever completes a charge, in the same transaction: a completed charge is paid, or nobody pays for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from wattline.database.connection import Connection, Transaction
from wattline.domain import settlement
from wattline.domain.charge_record import Charge
from wattline.domain.fees import fees_of
from wattline.domain.hold import PayerKind
from wattline.domain.ledger import Transfer
from wattline.domain.price import PricedCharge, price_charge
from wattline.domain.price_terms import PriceTerms
from wattline.domain.running_cost import LOOK_AGAIN_MAX
from wattline.domain.settlement import Sale
from wattline.domain.spot import SpotPriceUnknown
from wattline.operations import card_payments, charge_payments
from wattline.operations.charge_payments import ChargePayment
from wattline.operations.charge_usage import usage_of
from wattline.operations.fee_rules import fee_rules_of
from wattline.operations.movements import complete_reserved, note_movements
from wattline.operations.price_freeze import spot_for
from wattline.operations.sale_accounts import parties_of, purses_of
from wattline.operations.sale_movements import fee_movements, sale_movement
from wattline.operations.wallets import Wallet

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bill:
    """What is to be paid by whom, on which terms."""

    charge: Charge
    payment: ChargePayment
    terms: PriceTerms
    priced: PricedCharge


async def close(tx: Transaction, charge: Charge, *, now: datetime) -> tuple[Charge, Sequence[Transfer]]:
    """Pay for a completed charge, or let go of what was held for it; return it with its price, and what to book.

    Whoever calls books the transfers when everything else is written: they lock accounts that others wait for. When the
    market's price is not known yet the charge stays unpriced and held, and the worker settles it later.
    """
    payment = await charge_payments.find(tx, charge.id, lock=True)
    if payment is None or payment.terms is None or payment.state in ("settled", "voided"):
        return charge, ()
    if charge.forced_at is not None or charge.failed_at is not None or not charge.begun:
        return replace(charge, price_minor=0), await _let_go(tx, payment, now)
    try:
        priced = await price_of(tx, charge, payment.terms, now=now)
    except SpotPriceUnknown:
        log.warning("a charge waits for its spot price", charge=charge.id)
        await charge_payments.look_again(tx, charge.id, now + LOOK_AGAIN_MAX)
        return charge, ()
    bill = _Bill(charge=charge, payment=payment, terms=payment.terms, priced=priced)
    return replace(charge, price_minor=priced.total_minor), await _settle(tx, bill, now)


async def price_of(connection: Connection, charge: Charge, terms: PriceTerms, *, now: datetime) -> PricedCharge:
    """Price a charge that began, as far as it has come. Raises SpotPriceUnknown."""
    usage = await usage_of(connection, charge, as_of=charge.completed_at or now)
    return price_charge(terms, usage, await spot_for(connection, terms, usage.started_at, usage.unplugged_at))


async def _let_go(tx: Transaction, payment: ChargePayment, now: datetime) -> Sequence[Transfer]:
    await charge_payments.close(tx, payment.charge_id, state="voided", priced=None, now=now)
    if payment.payment_id is not None:
        await card_payments.let_go(tx, payment.payment_id, now=now)
    await complete_reserved(tx, reference_type="CHARGE", reference_id=str(payment.charge_id), movement=None, now=now)
    return [settlement.release(payment.charge_id, held.id) for held in payment.holds_at(now)]


async def _settle(tx: Transaction, bill: _Bill, now: datetime) -> Sequence[Transfer]:
    owed_minor, transfers = 0, tuple[Transfer, ...]()
    if bill.payment.payer_kind is not PayerKind.FREE:
        owed_minor, transfers = await _pay(tx, bill, now)
    if bill.payment.payment_id is not None:
        await card_payments.take(tx, bill.payment.payment_id, bill.priced.total_minor - owed_minor, now=now)
    await charge_payments.close(tx, bill.charge.id, state="settled", priced=bill.priced, owed_minor=owed_minor, now=now)
    return transfers


async def _pay(tx: Transaction, bill: _Bill, now: datetime) -> tuple[int, tuple[Transfer, ...]]:
    """Note the sale with everything that belongs to it; return what remains owed, and what is to be booked."""
    charge, payment, priced = bill.charge, bill.payment, bill.priced
    assert payment.owner_wallet_id is not None
    rules, team_type = await fee_rules_of(tx, charge.team_id, charge.currency, now=now)
    fees = fees_of(
        rules,
        net_minor=priced.net_minor,
        gross_minor=priced.total_minor,
        energy_wh=charge.energy_wh,
        decimals=bill.terms.decimals,
    )
    purses = await purses_of(tx, (payment.owner_wallet_id, payment.payer_wallet_id), fees, charge.currency, now=now)
    seller, payer = purses.by_id[payment.owner_wallet_id], purses.by_id.get(payment.payer_wallet_id or 0)
    debtor = await _debtor(tx, payment, payer)
    parties = await parties_of(tx, seller, purses.takers, debtor=debtor, terms=bill.terms, now=now)
    sale = Sale(
        charge_id=charge.id,
        currency=charge.currency,
        holds=payment.holds_at(now),
        gross_minor=priced.total_minor,
        vat_minor=priced.vat_minor,
        fees=fees,
    )
    sold = sale_movement(charge, payer, seller, priced) if priced.total_minor else None
    reference = {"reference_type": "CHARGE", "reference_id": str(charge.id)}
    await complete_reserved(tx, **reference, movement=sold, now=now)
    await note_movements(tx, list(fee_movements(charge, seller, fees, purses.takers, team_type=team_type)), now=now)
    return sale.owed_minor, settlement.settle(sale, parties)


async def _debtor(tx: Transaction, payment: ChargePayment, payer: Wallet | None) -> str:
    if payment.payment_id is not None:
        return await card_payments.debtor_of(tx, payment.payment_id)
    return f"terminal:{payment.payer_key}" if payer is None else f"{payer.owner_type}:{payer.owner_id}"
