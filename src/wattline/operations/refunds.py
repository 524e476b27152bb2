"""Refunds and adjustments: money between wallets that people of the operator move by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid5

from asyncpg import Record

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.hold import FundsMissing
from wattline.domain.ledger import DONE, Code, LedgerRefused, Result, Transfer
from wattline.domain.refund import amount_back, back_to, checked_note, checked_percent, vat_back
from wattline.domain.refusals import Invalid, NotReady, Unknown
from wattline.operations import audit, debts
from wattline.operations.card_refunds import card_of_sale, give_to_card
from wattline.operations.ledger import book
from wattline.operations.movements import Movement, movement_of_transfer, note_movements
from wattline.operations.refund_sources import Sources, sources_of
from wattline.operations.wallet_access import decimals_of, wallet_in_view
from wattline.operations.wallets import Wallet, contents_of, wallet_by_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """Money from one wallet to another, by hand. `id` is made once by whoever asks."""

    id: UUID
    from_wallet_id: int
    to_wallet_id: int
    amount_minor: int
    note: str | None = None


async def refund(
    database: Database,
    movement_id: int,
    *,
    refund_id: UUID,
    percent: Decimal,
    note: str,
    asked_by: Viewer,
    now: datetime,
) -> int:
    """Give back a part of what was paid, out of the wallet that got it; return the new movement's id.

    It goes where the money came from, to a card too: what the payer still owes for a charge is owed no more, credit is
    credit again. The same `refund_id` again does nothing twice. Raises Unknown, Invalid, NotReady for what was not paid
    into a wallet, by a wallet or card, or was given back already, FundsMissing when the money is spent.
    """
    percent, note = checked_percent(percent), checked_note(note)
    async with database.begin() as tx:
        paid = await tx.fetchrow(LOCK, movement_id)
        if paid is None or not _sees(asked_by, paid, "to"):
            raise Unknown("transaction", movement_id)
        card_payment_id = await card_of_sale(tx, paid)
        known = card_payment_id or paid["from_wallet_id"]
        if paid["state"] != "complete" or paid["refund_of"] or not known or not paid["to_wallet_id"]:
            raise NotReady("Only a complete payment by a wallet or a card, into a wallet, can be refunded.")
        made = await movement_of_transfer(tx, refund_id)
        refunded_minor: int = await tx.fetchval(REFUNDED, movement_id, made)
        amount_minor = amount_back(paid["to_amount_minor"], percent=percent, refunded_minor=refunded_minor)
        if made is not None:
            await _must_be_the_same(tx, made, movement_id, amount_minor)
            return made
        giver = await wallet_by_id(tx, paid["to_wallet_id"])
        taker = await wallet_by_id(tx, paid["from_wallet_id"]) if paid["from_wallet_id"] else None
        vat_minor = vat_back(
            paid["to_vat_minor"], paid["to_amount_minor"], refunded_minor=refunded_minor, amount_minor=amount_minor
        )
        sources = await sources_of(tx, paid, taker.account_id if taker else 0)
        movement = Movement(
            giver=giver,
            taker=taker,
            currency=giver.currency,
            amount_minor=amount_minor,
            vat_minor=vat_minor,
            vat_percent=paid["vat_percent"],
            group=paid["group"],
            kind="refund",
            reference_type="TRANSACTION",
            reference_id=str(movement_id),
            note=note,
            refund_of=movement_id,
            transfer_id=refund_id,
            asked_by=asked_by.name,
        )
        transfers = list(_back(movement, sources, refunded_minor))
        made = await _move(tx, movement, transfers, now)
        if card_payment_id is not None:
            back = [each.amount_minor for each in transfers if each.code is Code.REFUND and each.credit != sources.debt]
            await give_to_card(tx, card_payment_id, sum(back), now=now)
        await audit.note(tx, asked_by, "refund", "transaction", movement_id, now=now, detail={"percent": str(percent)})
    return made


async def adjust(database: Database, new: Adjustment, *, asked_by: Viewer, now: datetime) -> int:
    """Move money between two wallets of the operator's; return the movement's id. Raises as `refund` does."""
    if new.amount_minor <= 0:
        raise Invalid("amount", "must be more than 0.")
    if new.from_wallet_id == new.to_wallet_id:
        raise Invalid("toWalletId", "must be another wallet.")
    async with database.begin() as tx:
        giver = await wallet_in_view(tx, new.from_wallet_id, asked_by)
        taker = await wallet_in_view(tx, new.to_wallet_id, asked_by)
        if giver.currency != taker.currency:
            raise Invalid("toWalletId", f"holds {taker.currency.upper()}, not {giver.currency.upper()}.")
        movement = Movement(
            giver=giver,
            taker=taker,
            currency=giver.currency,
            amount_minor=new.amount_minor,
            group="other",
            kind="operator-adjustment",
            reference_type="WALLET",
            reference_id=str(taker.id),
            note=new.note,
            transfer_id=new.id,
            asked_by=asked_by.name,
        )
        transfer = Transfer(
            id=new.id,
            debit=giver.account_id,
            credit=taker.account_id,
            amount_minor=new.amount_minor,
            currency=giver.currency,
            code=Code.ADJUSTMENT,
            reference=f"wallet:{taker.id}",
        )
        made = await _move(tx, movement, [transfer], now)
        await audit.note(tx, asked_by, "adjust", "wallet", taker.id, now=now)
    return made


def _back(movement: Movement, sources: Sources, refunded_minor: int) -> Iterator[Transfer]:
    """Write the transfers of a refund: out of the wallet that was paid, and out of the statement of its VAT."""
    assert movement.giver is not None
    assert movement.transfer_id is not None
    transfer = Transfer(
        id=movement.transfer_id,
        debit=movement.giver.account_id,
        credit=0,
        amount_minor=0,
        currency=movement.currency,
        code=Code.REFUND,
        reference=f"transaction:{movement.refund_of}",
    )
    parts = back_to(sources.parts, refunded_minor=refunded_minor, amount_minor=movement.amount_minor)
    for number, part in enumerate(parts):
        part_id = uuid5(transfer.id, str(number)) if number else transfer.id
        yield replace(transfer, id=part_id, credit=part.account_id, amount_minor=part.amount_minor)
    if sources.debt is not None and movement.taker is not None:
        yield debts.paid_too_much(movement.taker, sources.debt, uuid5(transfer.id, "debt"), movement.refund_of)
    if movement.vat_minor and sources.vat_due and sources.vat_contra:
        due, contra = sources.vat_due, sources.vat_contra
        vat = replace(transfer, id=uuid5(transfer.id, "vat"), debit=due, credit=contra, code=Code.VAT)
        yield replace(vat, amount_minor=movement.vat_minor)


async def _must_be_the_same(tx: Transaction, made: int, movement_id: int, amount_minor: int) -> None:
    first = await tx.fetchrow("select refund_of, to_amount_minor from wallet_transaction where id = $1", made)
    if first is None or (first["refund_of"], first["to_amount_minor"]) != (movement_id, amount_minor):
        raise Invalid("id", "was used for something else already. Make a new one.")


async def _move(tx: Transaction, movement: Movement, transfers: Sequence[Transfer], now: datetime) -> int:
    """Book what a movement says, all or nothing, and keep it; of a repeat, return the first one."""
    assert movement.giver is not None
    assert movement.transfer_id is not None
    chain = [replace(each, linked=number < len(transfers)) for number, each in enumerate(transfers, start=1)]
    results = await book(tx, chain, now=now)
    if Result.EXCEEDS_CREDITS in results:
        raise await _missing(tx, movement.giver, movement.amount_minor)
    for result, transfer in zip(results, chain, strict=True):
        if result not in DONE:
            raise LedgerRefused(result, transfer)
    made = await movement_of_transfer(tx, movement.transfer_id)
    return made or (await note_movements(tx, [movement], now=now))[0]


async def _missing(tx: Transaction, giver: Wallet, amount_minor: int) -> FundsMissing:
    contents = (await contents_of(tx, [giver]))[giver.id]
    there_minor = contents.spendable_minor - contents.spendable_credit_minor
    decimals = await decimals_of(tx, giver.currency)
    return FundsMissing(max(1, amount_minor - there_minor), giver.currency, decimals)


def _sees(asked_by: Viewer, movement: Record, side: str) -> bool:
    if movement[f"{side}_operator_id"] not in asked_by.operator_ids:
        return False
    return asked_by.team_ids is None or movement[f"{side}_team_id"] in asked_by.team_ids


LOCK = "select * from wallet_transaction where id = $1 for update"

# A repeat does not count against itself.
REFUNDED = """
select coalesce(sum(to_amount_minor), 0)::bigint from wallet_transaction
where refund_of = $1 and id is distinct from $2
"""
