"""The invented week as it stands in the books: every charge of the past was held, sold and paid for, in one batch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import msgspec

from wattline.database.connection import Transaction
from wattline.domain import settlement
from wattline.domain.fees import Fee, FeeRule, fees_of
from wattline.domain.hold import HOLD_SECONDS, PayerKind, usual_hold_minor
from wattline.domain.ledger import Transfer
from wattline.domain.price import PricedCharge, price_charge
from wattline.domain.price_terms import PriceTerms
from wattline.domain.settlement import Held, Parties, Sale
from wattline.domain.spot import NO_SPOT_PRICES
from wattline.domain.usage import Segment, Usage
from wattline.main.demo.past import PastCharge
from wattline.operations.charge_payments import written_terms
from wattline.operations.deposits import Deposit, put_in
from wattline.operations.fee_rules import fee_rules_of
from wattline.operations.ledger import book_or_refuse
from wattline.operations.price_freeze import terms_for
from wattline.operations.sale_accounts import parties_of, takers_of
from wattline.operations.wallets import Wallet, wallet_of

ASKED_BY = "demo"

# What the drivers' wallet has left for charges to come.
LEFT_MINOR = 250_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """One charge of the past with its price."""

    charge_id: int
    team_id: int
    operator_id: int
    past: PastCharge
    terms: PriceTerms
    priced: PricedCharge


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """A team that sells, with everything its sales need."""

    wallet: Wallet
    rules: Sequence[FeeRule]
    takers: Mapping[int, Wallet]
    parties: Mapping[str, Parties]


async def terms_by_connector(
    tx: Transaction, connector_ids: Sequence[int], payer_team_id: int, *, now: datetime
) -> Mapping[int, PriceTerms]:
    """Decide what the drivers' team paid at each connector."""
    terms = {}
    for connector_id in connector_ids:
        found = await terms_for(
            tx,
            connector_id,
            payer_team_id=payer_team_id,
            member_id=None,
            explicit_group_id=None,
            roaming=False,
            now=now,
        )
        assert found is not None
        terms[connector_id] = found
    return terms


def priced(past: PastCharge, terms: PriceTerms) -> PricedCharge:
    """Price a charge of the past."""
    usage = Usage(
        started_at=past.started_at,
        stopped_at=past.stopped_at,
        fully_charged_at=past.stopped_at if past.full else None,
        released_at=past.released_at,
        segments=tuple(
            Segment(before.at, after.at, after.energy_wh - before.energy_wh) for before, after in pairwise(past.curve)
        ),
    )
    return price_charge(terms, usage, NO_SPOT_PRICES)


async def book_sales(tx: Transaction, sold: Sequence[Sold], payer_team_id: int, *, now: datetime) -> None:
    """Fill the drivers' wallet and let it pay for every charge."""
    currency = sold[0].terms.currency
    payer = await wallet_of(tx, "team", payer_team_id, currency, now=now)
    amount = sum(each.priced.total_minor for each in sold) + LEFT_MINOR
    new = Deposit(id=uuid4(), amount_minor=amount - amount % -10_000, currency=currency, note="Made by the demo")
    await put_in(tx, payer, new, asked_by=ASKED_BY, now=sold[0].past.started_at - timedelta(hours=1))
    sellers = {each: await _seller(tx, each, sold, payer, now) for each in sorted({one.team_id for one in sold})}
    await book_or_refuse(tx, [each for one in sold for each in _transfers(one, payer, sellers[one.team_id])], now=now)
    await _copy(tx, "charge_payment", [_payment_row(one, payer, sellers[one.team_id]) for one in sold])
    await _copy(
        tx, "wallet_transaction", [row for one in sold for row in _movement_rows(one, payer, sellers[one.team_id])]
    )


async def _seller(tx: Transaction, team_id: int, sold: Sequence[Sold], payer: Wallet, now: datetime) -> Seller:
    wallet = await wallet_of(tx, "team", team_id, payer.currency, now=now)
    rules, _ = await fee_rules_of(tx, team_id, payer.currency, now=now)
    all_fees = [Fee(rule=rule, net_minor=1, vat_minor=0) for rule in rules]
    takers = await takers_of(tx, all_fees, payer.currency, now=now)
    parties = {}
    for one in sold:
        key = _vat_key(one.terms)
        if one.team_id == team_id and key not in parties:
            debtor = f"team:{payer.owner_id}"
            parties[key] = await parties_of(tx, wallet, takers, debtor=debtor, terms=one.terms, now=now)
    return Seller(wallet=wallet, rules=rules, takers=takers, parties=parties)


def _vat_key(terms: PriceTerms) -> str:
    return f"{terms.country}:{terms.vat_percent}"


def _fees(one: Sold, seller: Seller) -> tuple[Fee, ...]:
    return fees_of(
        seller.rules,
        net_minor=one.priced.net_minor,
        gross_minor=one.priced.total_minor,
        energy_wh=one.past.energy_wh,
        decimals=one.terms.decimals,
    )


def _transfers(one: Sold, payer: Wallet, seller: Seller) -> Iterator[Transfer]:
    if not one.priced.total_minor:
        return
    hold = settlement.hold(
        one.charge_id,
        0,
        payer=payer.account_id,
        seller=seller.wallet.account_id,
        amount_minor=_held_minor(one),
        currency=payer.currency,
        seconds=HOLD_SECONDS,
    )
    yield hold
    sale = Sale(
        charge_id=one.charge_id,
        currency=payer.currency,
        holds=(Held(hold.id, hold.amount_minor),),
        gross_minor=one.priced.total_minor,
        vat_minor=one.priced.vat_minor,
        fees=_fees(one, seller),
    )
    yield from settlement.settle(sale, seller.parties[_vat_key(one.terms)])


def _held_minor(one: Sold) -> int:
    return max(one.priced.total_minor, usual_hold_minor(one.terms.currency))


def _payment_row(one: Sold, payer: Wallet, seller: Seller) -> dict[str, Any]:
    held = [settlement.transfer_id(one.charge_id, "hold:0")] if one.priced.total_minor else []
    return {
        "charge_id": one.charge_id,
        "operator_id": one.operator_id,
        "payer_kind": PayerKind.WALLET,
        "payer_wallet_id": payer.id,
        "owner_wallet_id": seller.wallet.id,
        "currency": payer.currency,
        "hold_ids": held,
        "hold_minors": [_held_minor(one)] * len(held),
        "state": "settled",
        "terms": written_terms(one.terms),
        "priced": msgspec.to_builtins(one.priced),
        "net_minor": one.priced.net_minor,
        "vat_minor": one.priced.vat_minor,
        "gross_minor": one.priced.total_minor,
        "held_at": one.past.started_at,
        "settled_at": one.past.released_at,
    }


def _movement_rows(one: Sold, payer: Wallet, seller: Seller) -> Iterator[dict[str, Any]]:
    if one.priced.total_minor:
        figures = (one.priced.total_minor, one.priced.vat_minor, one.priced.vat_percent)
        yield _movement_row(one, payer, seller.wallet, "charge", *figures)
    for fee in _fees(one, seller):
        taker = None if fee.rule.operator_id is None else seller.takers[fee.rule.operator_id]
        kind = "charge-transaction-fee-professional" if taker is None else "charge-operator-percentage-fee-professional"
        yield _movement_row(one, seller.wallet, taker, kind, fee.gross_minor, fee.vat_minor, fee.rule.vat_percent)


def _movement_row(
    one: Sold, giver: Wallet, taker: Wallet | None, kind: str, amount_minor: int, vat_minor: int, vat_percent: object
) -> dict[str, Any]:
    return {
        "from_wallet_id": giver.id,
        "from_type": giver.owner_type,
        "from_operator_id": giver.operator_id,
        "from_team_id": giver.owner_id,
        "to_wallet_id": taker.id if taker else None,
        "to_type": taker.owner_type if taker else None,
        "to_operator_id": taker.operator_id if taker else None,
        "to_team_id": taker.owner_id if taker and taker.owner_type == "team" else None,
        "from_currency": giver.currency,
        "from_amount_minor": amount_minor,
        "from_vat_minor": vat_minor,
        "to_currency": giver.currency,
        "to_amount_minor": amount_minor,
        "to_vat_minor": vat_minor,
        "vat_percent": vat_percent,
        "group": "charge",
        "kind": kind,
        "reference_type": "CHARGE",
        "reference_id": str(one.charge_id),
        "state": "complete",
        "energy_wh": one.past.energy_wh,
        "asked_by": ASKED_BY,
        "created_at": one.past.started_at,
        "updated_at": one.past.released_at,
        "completed_at": one.past.released_at,
    }


async def _copy(tx: Transaction, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = list(rows[0])
    await tx.copy_records_to_table(table, records=[tuple(row.values()) for row in rows], columns=columns)
