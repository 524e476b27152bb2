"""All receipts of a wallet's period in one file: asked for here, made by the worker a few at a time, sent by mail.

What is made is kept at once, so a worker that dies loses a few receipts, and the next one goes on where it stopped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from wattline.database.connection import Connection, Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.refusals import Invalid, Refusal, Unknown
from wattline.operations import audit
from wattline.operations.mails import Letter, write_letter
from wattline.operations.signed_links import LASTS
from wattline.operations.wallets import Wallet, wallet_by_id

# Product rules, section 6: so much is still one file that people open.
DAYS_MAX = 365
RECEIPTS_MAX = 10_000
# They take the worker minutes each, and the disk a copy of every receipt.
WAITING_MAX = 3
AT_ONCE = 20
# Far longer than so many receipts take.
CLAIMED_FOR = timedelta(minutes=5)


class TooManyBundles(Refusal):
    """Others of this operator are still being made."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self) -> None:
        super().__init__("Receipts of other periods are still being put together. Wait for their mails first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleRequest:
    """What somebody wants: the receipts of charges paid from or to a wallet in [from_at, until_at)."""

    wallet_id: int
    from_at: datetime
    until_at: datetime
    to_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle on its way: `made` of `receipts` are done, all of charges up to `last_charge_id`."""

    id: int
    operator_id: int
    wallet_id: int
    from_at: datetime
    until_at: datetime
    to_address: str
    receipts: int
    made: int
    bytes: int
    last_charge_id: int
    trouble: str | None
    created_at: datetime
    ready_at: datetime | None


class Part(NamedTuple):
    """One receipt of a bundle."""

    charge_id: int
    name: str
    content: bytes


async def ask_for_bundle(database: Database, wanted: BundleRequest, *, asked_by: Viewer, now: datetime) -> int:
    """Order a bundle and return its id. Raises Unknown for others' wallets, Invalid, TooManyBundles."""
    _must_be_possible(wanted)
    async with database.begin() as tx:
        wallet = await wallet_by_id(tx, wanted.wallet_id)
        if not _sees(asked_by, wallet):
            raise Unknown("wallet", wanted.wallet_id)
        # One after the other, so that the limit holds for those who ask at once, too.
        await tx.execute("select id from operator where id = $1 for update", wallet.operator_id)
        if await tx.fetchval(WAITING, wallet.operator_id) >= WAITING_MAX:
            raise TooManyBundles
        receipts: int = await tx.fetchval(COUNT, wanted.wallet_id, wanted.from_at, wanted.until_at)
        if not 0 < receipts <= RECEIPTS_MAX:
            raise Invalid("period", f"has {receipts} receipts; there can be 1 to {RECEIPTS_MAX:,} in one file.")
        bundle_id: int = await tx.fetchval(
            ASK, wallet.operator_id, wanted.wallet_id, wanted.from_at, wanted.until_at, wanted.to_address, receipts,
            asked_by.name, now,
        )  # fmt: skip
        await audit.note(tx, asked_by, "receipts", "wallet", wanted.wallet_id, now=now)
    return bundle_id


def _sees(asked_by: Viewer, wallet: Wallet) -> bool:
    if wallet.owner_type == "user" and asked_by.user_id is not None:
        return wallet.owner_id == asked_by.user_id
    if wallet.owner_type == "team":
        return asked_by.sees(wallet.operator_id, wallet.owner_id)
    return wallet.operator_id in asked_by.operator_ids and asked_by.team_ids is None


def _must_be_possible(wanted: BundleRequest) -> None:
    if not timedelta() < wanted.until_at - wanted.from_at <= timedelta(days=DAYS_MAX):
        raise Invalid("period", f"must be one to {DAYS_MAX} days.")
    name, _, host = wanted.to_address.partition("@")
    if not (name and host and wanted.to_address.isprintable() and " " not in wanted.to_address):
        raise Invalid("toAddress", "is not a mail address.")


async def claim_bundle(database: Database, *, now: datetime) -> Bundle | None:
    """Take the bundle that has waited longest; nobody else takes it for five minutes."""
    async with database.begin() as tx:
        row = await tx.fetchrow(CLAIM, now, now + CLAIMED_FOR)
    return None if row is None else Bundle(**{name: row[name] for name in Bundle.__dataclass_fields__})


async def charges_to_do(connection: Connection, bundle: Bundle) -> Sequence[int]:
    """List the next charges whose receipts belong into a bundle; none when it is complete."""
    rows = await connection.fetch(
        NEXT, bundle.wallet_id, bundle.from_at, bundle.until_at, bundle.last_charge_id, AT_ONCE
    )
    return [row["charge_id"] for row in rows]


async def keep_parts(
    database: Database, bundle: Bundle, charge_ids: Sequence[int], parts: Sequence[Part], trouble: str, *, now: datetime
) -> None:
    """Keep what was made for these charges. Does nothing when somebody else was faster."""
    async with database.begin() as tx:
        size = sum(len(part.content) for part in parts)
        moved = await tx.fetchval(
            MOVE, bundle.id, bundle.last_charge_id, charge_ids[-1], len(parts), size, now, trouble
        )
        if moved is not None:
            await tx.executemany(
                "insert into receipt_bundle_part values ($1, $2, $3, $4)", [(bundle.id, *part) for part in parts]
            )


async def finish_bundle(database: Database, bundle: Bundle, letter: Letter, *, now: datetime) -> None:
    """A bundle is complete: send word of it, once."""
    async with database.begin() as tx:
        if await tx.fetchval(FINISH, bundle.id, now) is not None:
            await write_letter(tx, letter, now=now)


async def forget_bundles(database: Database, *, now: datetime) -> None:
    """Delete bundles whose links have ended. The receipts can be made again at any time."""
    async with database.begin() as tx:
        await _forget(tx, now)


async def _forget(tx: Transaction, now: datetime) -> None:
    await tx.execute("delete from receipt_bundle where ready_at <= $1", now - LASTS)


# The same movement may have this wallet on both sides.
_CHARGES = """
from wallet_transaction
where reference_type = 'CHARGE' and kind = 'charge' and state = 'complete'
  and (from_wallet_id = $1 or to_wallet_id = $1) and completed_at >= $2 and completed_at < $3
"""

COUNT = f"select count(distinct reference_id) {_CHARGES}"

NEXT = f"""
select distinct reference_id::bigint as charge_id {_CHARGES} and reference_id::bigint > $4 order by charge_id limit $5
"""

WAITING = "select count(*) from receipt_bundle where operator_id = $1 and due_at is not null"

ASK = """
insert into receipt_bundle (operator_id, wallet_id, from_at, until_at, to_address, receipts, asked_by, created_at,
  due_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8) returning id
"""

CLAIM = """
update receipt_bundle set due_at = $2
where id = (select id from receipt_bundle where due_at <= $1 order by due_at, id limit 1 for update skip locked)
returning *
"""

# The last charge says whether it is still the piece that was begun.
MOVE = """
update receipt_bundle set last_charge_id = $3, made = made + $4, bytes = bytes + $5, due_at = $6,
  trouble = nullif(concat_ws('; ', trouble, nullif($7, '')), '')
where id = $1 and last_charge_id = $2 returning id
"""

FINISH = "update receipt_bundle set ready_at = $2, due_at = null where id = $1 and ready_at is null returning id"
