"""The bank account of a wallet, and whether it is emptied into it every month."""

from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.amount import MINOR_MAX
from wattline.domain.iban import checked_iban
from wattline.domain.refusals import Invalid, NotReady
from wattline.domain.withdrawal import checked_holder, month_seen_to
from wattline.operations import audit
from wattline.operations.public_holidays import holidays_at
from wattline.operations.secrets import seal
from wattline.operations.wallet_access import Passcode, lock_settings, must_be_open_to_banks, wallet_to_use

IBAN_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """Where withdrawals go. `nonce`: 12 random bytes, new each time, for sealing the number."""

    iban: str
    holder: str
    nonce: bytes


async def set_bank_account(
    database: Database, wallet_id: int, new: BankAccount, *, asked_by: Viewer, passcode: Passcode, now: datetime
) -> str:
    """Say where withdrawals of a wallet go from now on; return the end of the number, which is all that is shown.

    Raises Invalid, NotReady, Unknown, and what a wrong passcode raises.
    """
    iban, holder = checked_iban(new.iban), checked_holder(new.holder)
    wallet = await wallet_to_use(database, wallet_id, asked_by=asked_by, passcode=passcode, now=now)
    sealed, end = seal(iban, pepper=passcode.pepper, nonce=new.nonce), iban[-IBAN_SHOWN:]
    async with database.begin() as tx:
        await must_be_open_to_banks(tx, wallet)
        before = await lock_settings(tx, wallet_id)
        await tx.execute(SET, wallet_id, sealed, end, holder, now)
        detail = {"iban": f"… {end}", **audit.changed(before, {"iban_end": end, "bank_holder": holder})}
        await audit.note(tx, asked_by, "set bank account", "wallet", wallet_id, now=now, detail=detail)
    return end


async def withdraw_monthly(
    database: Database,
    wallet_id: int,
    *,
    on: bool,
    leave_minor: int,
    asked_by: Viewer,
    passcode: Passcode,
    now: datetime,
) -> None:
    """Empty a wallet into its bank account on every first working day, but for `leave_minor`; or no longer.

    Raises Invalid, NotReady without a bank account, Unknown, and what a wrong passcode raises.
    """
    if type(leave_minor) is not int or not 0 <= leave_minor <= MINOR_MAX:
        raise Invalid("leave", "must be 0 or more.")
    wallet = await wallet_to_use(database, wallet_id, asked_by=asked_by, passcode=passcode, now=now)
    async with database.begin() as tx:
        await must_be_open_to_banks(tx, wallet)
        seen_to = month_seen_to(now.date(), holidays=await holidays_at(tx, wallet_id, now.year))
        before = await lock_settings(tx, wallet_id)
        if await tx.fetchval(SET_MONTHLY, wallet_id, on, leave_minor, seen_to, now) is None:
            raise NotReady("Add a bank account to this wallet first.")
        changes = audit.changed(before, {"withdraw_monthly": on, "withdraw_leave_minor": leave_minor})
        await audit.note(tx, asked_by, "withdraw monthly", "wallet", wallet_id, now=now, detail={"on": on, **changes})


SET = """
update wallet set iban_sealed = $2, iban_end = $3, bank_holder = $4, updated_at = $5 where id = $1
"""

SET_MONTHLY = """
update wallet set withdraw_monthly = $2, withdraw_leave_minor = $3, updated_at = $5,
  -- Changing how much stays does not bring a month back that was seen to.
  withdraw_month = case when withdraw_monthly then withdraw_month else $4::date end
where id = $1 and (iban_sealed is not null or not $2) returning id
"""
