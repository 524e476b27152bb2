"""Before a charge is let in: who pays, on which terms, and is there enough money for it?"""

from dataclasses import replace
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Transaction
from wattline.domain.charge_record import Charge
from wattline.domain.hold import FundsMissing, OtherCurrency, PayerKind
from wattline.domain.price_choice import NoPrice
from wattline.domain.price_terms import PriceTerms
from wattline.domain.refusals import Refusal
from wattline.operations import charge_payments
from wattline.operations.charge_holds import Payer, hold_amount, hold_for
from wattline.operations.charge_payers import payer_named, payer_of_key
from wattline.operations.charge_payments import ChargePayment
from wattline.operations.price_freeze import terms_for
from wattline.operations.tapped_refills import must_not_fill_itself
from wattline.operations.wallets import wallet_of


async def fund_asked(tx: Transaction, charge: Charge, *, asked_by: str, now: datetime) -> Charge:
    """Hold the money for a charge that somebody asks for; return it with its price group.

    Raises FundsMissing, NoPrice, SpotPriceUnknown, and Unknown for a price group that is not the owner's.
    """
    assert charge.paying_team_id is not None
    if await _is_for_testing(tx, charge):
        return replace(charge, price_minor=0)
    payer = payer_named(
        paying_team_id=charge.paying_team_id, owner_team_id=charge.team_id, session=charge.payment_session
    )
    terms = await _terms(tx, charge, payer, member_id=None, now=now)
    await hold_for(tx, charge, payer, terms, asked_by=asked_by, now=now)
    return charge if terms is None else replace(charge, price_group_id=terms.price_group_id)


async def fund_by_card(tx: Transaction, charge: Charge, *, now: datetime) -> tuple[Charge, int]:
    """Say on which terms a card pays for a charge; return it with its price group, and what the card is to hold.

    0 is a free charge, which asks no card. Raises NoPrice, SpotPriceUnknown, OtherCurrency, and Unknown for a price
    group that is not the owner's.
    """
    if await _is_for_testing(tx, charge):
        return replace(charge, price_minor=0), 0
    payer = Payer(kind=PayerKind.CARD)
    terms = await _terms(tx, charge, payer, member_id=None, now=now)
    if terms is None:
        raise NoPrice
    if terms.currency != charge.currency:
        raise OtherCurrency(terms.currency, charge.currency)
    amount_minor = await hold_amount(tx, charge, payer.kind, terms, now=now)
    seller = await wallet_of(tx, "team", charge.team_id, charge.currency, now=now)
    payment = ChargePayment(
        charge_id=charge.id,
        operator_id=charge.operator_id,
        payer_kind=PayerKind.CARD if amount_minor else PayerKind.FREE,
        owner_wallet_id=seller.id,
        currency=charge.currency,
        terms=terms,
    )
    await charge_payments.keep(tx, payment, check_at=None)
    return replace(charge, price_group_id=terms.price_group_id), amount_minor


async def fund_tapped(
    tx: Transaction,
    charge: Charge,
    key: Record,
    *,
    began_at: datetime,
    told_late: bool,
    may_wait: bool,
    asked_by: str,
    now: datetime,
) -> Charge | Refusal:
    """Hold the money for a charge that a tapped key begins; a refusal when the key's wallet does not allow it.

    A charge that a box told late has happened already: without enough money it becomes a debt when it is settled.
    Raises WalletShort for a wallet with too little that fills itself, when the box `may_wait` for its card.
    """
    if await _is_for_testing(tx, charge):
        return replace(charge, price_minor=0)
    payer, member = await payer_of_key(tx, key, charge.connector_id)
    try:
        terms = await _terms_then(tx, charge, payer, member.id if member else None, began_at, now)
        # What a refusal wrote goes, what the box told stays.
        async with tx.transaction():
            await hold_for(tx, charge, payer, terms, asked_by=asked_by, now=now)
    except FundsMissing as missing:
        if not told_late:
            if may_wait:
                await must_not_fill_itself(tx, payer.owner_type, payer.owner_id, charge.currency)
            return missing
        await _let_owe(tx, charge, payer, terms, now)
    except Refusal as refusal:
        return refusal
    return charge if terms is None else replace(charge, price_group_id=terms.price_group_id)


async def _is_for_testing(tx: Transaction, charge: Charge) -> bool:
    """Tell whether a charge begins at an inactive charge point: it costs nothing, also if that is activated meanwhile.

    One that began at an active charge point is paid as agreed, also if that is put back to testing before its end.
    """
    active: bool = await tx.fetchval("select active_at is not null from connector where id = $1", charge.connector_id)
    return not active


async def _terms_then(
    tx: Transaction, charge: Charge, payer: Payer, member_id: int | None, began_at: datetime, now: datetime
) -> PriceTerms | None:
    """Find the terms of a charge that began a while ago; where none can be had as of then, those of now."""
    try:
        return await _terms(tx, charge, payer, member_id=member_id, now=began_at)
    except Refusal:
        return await _terms(tx, charge, payer, member_id=member_id, now=now)


async def _terms(
    tx: Transaction, charge: Charge, payer: Payer, *, member_id: int | None, now: datetime
) -> PriceTerms | None:
    if payer.kind is PayerKind.OWN and charge.price_group_id is None:
        return None
    try:
        return await terms_for(
            tx,
            charge.connector_id,
            payer_team_id=charge.paying_team_id,
            member_id=member_id,
            explicit_group_id=charge.price_group_id,
            roaming=False,
            now=now,
        )
    except NoPrice:
        # Who runs the terminal knows its own price: we hold nothing and bill nothing there.
        if payer.kind is PayerKind.TERMINAL:
            return None
        raise


async def _let_owe(tx: Transaction, charge: Charge, payer: Payer, terms: PriceTerms | None, now: datetime) -> None:
    assert terms is not None
    owner = await wallet_of(tx, "team", charge.team_id, charge.currency, now=now)
    debtor = await wallet_of(tx, payer.owner_type, payer.owner_id, charge.currency, now=now)
    payment = ChargePayment(
        charge_id=charge.id,
        operator_id=charge.operator_id,
        payer_kind=payer.kind,
        payer_wallet_id=debtor.id,
        owner_wallet_id=owner.id,
        currency=charge.currency,
        state="held",
        terms=terms,
        held_at=now,
    )
    await charge_payments.keep(tx, payment, check_at=None)
