"""Whose wallet may somebody touch: an operator its own and its teams', a person only their own, with the passcode."""

from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection, Database, Transaction
from wattline.domain.access import Right, Viewer, must
from wattline.domain.passcode import NoPasscode
from wattline.domain.refusals import Unknown
from wattline.domain.withdrawal import must_have_payouts
from wattline.operations.passcodes import use_passcode
from wattline.operations.wallets import Wallet, wallet_by_id

TEAM_METHOD = "select payment_method from team where id = $1"
SETTINGS = """
select refill_card_id, refill_amount_minor, refill_below_minor, iban_end, bank_holder, withdraw_monthly,
  withdraw_leave_minor
from wallet where id = $1 for no key update
"""
DECIMALS = "select coalesce((select decimals from currency where lower(identifier) = $1), 2)"


@dataclass(frozen=True, slots=True)
class Passcode:
    """What somebody typed in to use a wallet, and the server's pepper to check it with."""

    digits: str | None
    pepper: bytes


async def wallet_in_view(connection: Connection, wallet_id: int, asked_by: Viewer) -> Wallet:
    """Read a wallet of the viewer's operators and teams. Raises Unknown."""
    wallet = await wallet_by_id(connection, wallet_id)
    if wallet.operator_id not in asked_by.operator_ids:
        raise Unknown("wallet", wallet_id)
    if asked_by.team_ids is not None and (wallet.owner_type != "team" or wallet.owner_id not in asked_by.team_ids):
        raise Unknown("wallet", wallet_id)
    return wallet


async def wallet_to_use(
    database: Database, wallet_id: int, *, asked_by: Viewer, passcode: Passcode, now: datetime
) -> Wallet:
    """Read a wallet that money is to be moved in or out of by whose it is.

    A person's wallet opens to nobody else; those of teams and operators to who may move their money. Every person is
    asked for their own passcode, programs have none; tries are counted whatever follows. Raises Unknown, NotAllowed,
    and what `use_passcode` raises.
    """
    async with database.read() as connection:
        wallet = await _wallet_of_theirs(connection, wallet_id, asked_by)
    if asked_by.user_id is not None:
        if passcode.digits is None:
            raise NoPasscode
        await use_passcode(database, asked_by.user_id, passcode.digits, pepper=passcode.pepper, now=now)
    return wallet


async def _wallet_of_theirs(connection: Connection, wallet_id: int, asked_by: Viewer) -> Wallet:
    wallet = await wallet_by_id(connection, wallet_id)
    if wallet.owner_type != "user":
        must(asked_by, Right.MOVE_MONEY)
        return await wallet_in_view(connection, wallet_id, asked_by)
    if asked_by.user_id != wallet.owner_id:
        raise Unknown("wallet", wallet_id)
    return wallet


async def must_be_open_to_banks(connection: Connection, wallet: Wallet) -> None:
    """Refuse wallets of teams that have neither deposits nor withdrawals. Raises NotReady."""
    if wallet.owner_type == "team":
        must_have_payouts(await connection.fetchval(TEAM_METHOD, wallet.owner_id))


async def lock_settings(tx: Transaction, wallet_id: int) -> Record:
    """Read how a wallet fills and empties itself, for changing that."""
    row = await tx.fetchrow(SETTINGS, wallet_id)
    assert row is not None
    return row


async def decimals_of(connection: Connection, currency: str) -> int:
    """Tell how many digits a currency's amounts have after the point."""
    decimals: int = await connection.fetchval(DECIMALS, currency)
    return decimals
