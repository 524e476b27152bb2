"""What is checked before a transfer is booked, in the order in which it is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from wattline.domain.ledger import AMOUNT_ALL, AMOUNT_MAX, LAST_ID, NO_ID, Booked, Code, Kind, Result, Transfer
from wattline.domain.ledger_accounts import Account

# An account's id is a whole number from 1 to the one below this.
ACCOUNT_ID_END: Final = 2**63 - 1
END_OF_TIME: Final = datetime.max.replace(tzinfo=UTC)

ENDED_BY: Final = {
    Kind.POST: Result.PENDING_TRANSFER_ALREADY_POSTED,
    Kind.VOID: Result.PENDING_TRANSFER_ALREADY_VOIDED,
    Kind.EXPIRE: Result.PENDING_TRANSFER_EXPIRED,
}


def check_move_names(transfer: Transfer) -> Result | None:
    """Check what a PLAIN or HOLD says of itself."""
    if refused := _check_account_ids(transfer):
        return refused
    if transfer.pending_id is not None:
        return Result.PENDING_ID_MUST_BE_ZERO
    if transfer.kind is not Kind.HOLD:
        if transfer.timeout_seconds:
            return Result.TIMEOUT_RESERVED_FOR_PENDING_TRANSFER
        if transfer.closing_debit or transfer.closing_credit:
            return Result.CLOSING_TRANSFER_MUST_BE_PENDING
    if not transfer.currency:
        return Result.CURRENCY_MUST_NOT_BE_EMPTY
    if transfer.code == Code.NONE:
        return Result.CODE_MUST_NOT_BE_ZERO
    return None


def check_move(transfer: Transfer, debit: Account | None, credit: Account | None, now: datetime) -> int | Result:
    """Check a PLAIN or HOLD against its accounts; return the amount that moves."""
    if debit is None:
        return Result.DEBIT_ACCOUNT_NOT_FOUND
    if credit is None:
        return Result.CREDIT_ACCOUNT_NOT_FOUND
    if debit.currency != credit.currency:
        return Result.ACCOUNTS_MUST_HAVE_THE_SAME_CURRENCY
    if transfer.currency != debit.currency:
        return Result.TRANSFER_MUST_HAVE_THE_SAME_CURRENCY_AS_ACCOUNTS
    if (transfer.closing_debit and debit.rules.slots > 1) or (transfer.closing_credit and credit.rules.slots > 1):
        return Result.CLOSING_A_SPREAD_ACCOUNT
    if refused := _check_open(debit, credit):
        return refused
    amount = _balanced(transfer, debit, credit)
    return _check_overflow(transfer, amount, debit, credit, now) or _check_limits(amount, debit, credit) or amount


def check_settlement_names(transfer: Transfer) -> Result | None:
    """Check what a POST or VOID says of itself."""
    if transfer.balancing_debit or transfer.balancing_credit or transfer.closing_debit or transfer.closing_credit:
        return Result.FLAGS_ARE_MUTUALLY_EXCLUSIVE
    if transfer.pending_id is None or transfer.pending_id == NO_ID:
        return Result.PENDING_ID_MUST_NOT_BE_ZERO
    if transfer.pending_id == LAST_ID:
        return Result.PENDING_ID_MUST_NOT_BE_INT_MAX
    if transfer.pending_id == transfer.id:
        return Result.PENDING_ID_MUST_BE_DIFFERENT
    if transfer.timeout_seconds:
        return Result.TIMEOUT_RESERVED_FOR_PENDING_TRANSFER
    return None


def check_settlement(
    transfer: Transfer, hold: Booked, debit: Account | None, credit: Account | None, now: datetime
) -> int | Result:
    """Check a POST or VOID against its hold; return the amount that is posted or given back."""
    kept = hold.transfer
    if kept.kind is not Kind.HOLD:
        return Result.PENDING_TRANSFER_NOT_PENDING
    if refused := _check_same(transfer, kept):
        return refused
    if debit is None or credit is None:
        # Booked by somebody else since the accounts were loaded: for this batch, it comes later.
        return Result.PENDING_TRANSFER_NOT_FOUND
    amount = settled_amount(transfer, kept)
    if amount > kept.amount_minor:
        return Result.EXCEEDS_PENDING_TRANSFER_AMOUNT
    if transfer.kind is Kind.VOID and amount < kept.amount_minor:
        return Result.PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT
    if hold.settled_by is not None:
        return ENDED_BY[hold.settled_by]
    # The worker writes the end of a hold a moment late; for whoever asks, it is over on time.
    if hold.expires_at is not None and hold.expires_at <= now:
        return Result.PENDING_TRANSFER_EXPIRED
    # A void gives back, and may open the account again that its hold had closed.
    return (_check_open(debit, credit) if transfer.kind is Kind.POST else None) or amount


def settled_amount(transfer: Transfer, hold: Transfer) -> int:
    """Work out what a POST or VOID means: AMOUNT_ALL, or 0 in a VOID, is all of the hold."""
    everything = 0 if transfer.kind is Kind.VOID else AMOUNT_ALL
    return hold.amount_minor if transfer.amount_minor == everything else transfer.amount_minor


def filled_in(transfer: Transfer, hold: Transfer, amount_minor: int) -> Transfer:
    """Say out loud what a POST or VOID leaves to its hold."""
    return replace(
        transfer,
        debit=transfer.debit or hold.debit,
        credit=transfer.credit or hold.credit,
        amount_minor=amount_minor,
        currency=transfer.currency or hold.currency,
        code=transfer.code or hold.code,
        reference=transfer.reference or hold.reference,
    )


def _check_account_ids(transfer: Transfer) -> Result | None:
    if transfer.debit <= 0:
        return Result.DEBIT_ACCOUNT_ID_MUST_NOT_BE_ZERO
    if transfer.debit >= ACCOUNT_ID_END:
        return Result.DEBIT_ACCOUNT_ID_MUST_NOT_BE_INT_MAX
    if transfer.credit <= 0:
        return Result.CREDIT_ACCOUNT_ID_MUST_NOT_BE_ZERO
    if transfer.credit >= ACCOUNT_ID_END:
        return Result.CREDIT_ACCOUNT_ID_MUST_NOT_BE_INT_MAX
    return Result.ACCOUNTS_MUST_BE_DIFFERENT if transfer.debit == transfer.credit else None


def _check_same(transfer: Transfer, hold: Transfer) -> Result | None:
    """Check that what a settlement says again of its hold is true."""
    if transfer.debit and transfer.debit != hold.debit:
        return Result.PENDING_TRANSFER_HAS_DIFFERENT_DEBIT_ACCOUNT_ID
    if transfer.credit and transfer.credit != hold.credit:
        return Result.PENDING_TRANSFER_HAS_DIFFERENT_CREDIT_ACCOUNT_ID
    if transfer.currency and transfer.currency != hold.currency:
        return Result.PENDING_TRANSFER_HAS_DIFFERENT_CURRENCY
    if transfer.code != Code.NONE and transfer.code != hold.code:
        return Result.PENDING_TRANSFER_HAS_DIFFERENT_CODE
    return None


def _check_open(debit: Account, credit: Account) -> Result | None:
    if debit.closings:
        return Result.DEBIT_ACCOUNT_ALREADY_CLOSED
    return Result.CREDIT_ACCOUNT_ALREADY_CLOSED if credit.closings else None


def _balanced(transfer: Transfer, debit: Account, credit: Account) -> int:
    """Cut the amount to what a balancing transfer finds."""
    amount = transfer.amount_minor
    if transfer.balancing_debit:
        amount = min(amount, max(0, debit.credits_posted - debit.debits_posted - debit.debits_pending))
    if transfer.balancing_credit:
        amount = min(amount, max(0, credit.debits_posted - credit.credits_posted - credit.credits_pending))
    return amount


def _check_overflow(transfer: Transfer, amount: int, debit: Account, credit: Account, now: datetime) -> Result | None:
    held = transfer.kind is Kind.HOLD
    if held and amount + debit.debits_pending > AMOUNT_MAX:
        return Result.OVERFLOWS_DEBITS_PENDING
    if held and amount + credit.credits_pending > AMOUNT_MAX:
        return Result.OVERFLOWS_CREDITS_PENDING
    if amount + debit.debits_posted > AMOUNT_MAX:
        return Result.OVERFLOWS_DEBITS_POSTED
    if amount + credit.credits_posted > AMOUNT_MAX:
        return Result.OVERFLOWS_CREDITS_POSTED
    if amount + debit.debits_pending + debit.debits_posted > AMOUNT_MAX:
        return Result.OVERFLOWS_DEBITS
    if amount + credit.credits_pending + credit.credits_posted > AMOUNT_MAX:
        return Result.OVERFLOWS_CREDITS
    if transfer.timeout_seconds and END_OF_TIME - now < timedelta(seconds=transfer.timeout_seconds):
        return Result.OVERFLOWS_TIMEOUT
    return None


def _check_limits(amount: int, debit: Account, credit: Account) -> Result | None:
    debits = debit.debits_pending + debit.debits_posted + amount
    if debit.rules.debits_must_not_exceed_credits and debits > debit.credits_posted + debit.credit_limit_minor:
        return Result.EXCEEDS_CREDITS
    credits = credit.credits_pending + credit.credits_posted + amount
    if credit.rules.credits_must_not_exceed_debits and credits > credit.debits_posted:
        return Result.EXCEEDS_DEBITS
    return None
