"""A transfer whose id is in the journal already: the same again, or something else under an old id."""

from wattline.domain.ledger import Kind, Result, Transfer
from wattline.domain.ledger_checks import filled_in, settled_amount


def compare(again: Transfer, before: Transfer, hold: Transfer | None) -> Result:
    """Say EXISTS, or name the first part that differs. `hold` is what `before` settled, if it settled one."""
    if _flags(again) != _flags(before):
        return Result.EXISTS_WITH_DIFFERENT_FLAGS
    if again.pending_id != before.pending_id:
        return Result.EXISTS_WITH_DIFFERENT_PENDING_ID
    if hold is not None:
        again = filled_in(again, hold, settled_amount(again, hold))
    if again.debit != before.debit:
        return Result.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID
    if again.credit != before.credit:
        return Result.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT_ID
    if not _same_amount(again, before):
        return Result.EXISTS_WITH_DIFFERENT_AMOUNT
    if again.reference != before.reference:
        return Result.EXISTS_WITH_DIFFERENT_REFERENCE
    if again.timeout_seconds != before.timeout_seconds:
        return Result.EXISTS_WITH_DIFFERENT_TIMEOUT
    if again.currency != before.currency:
        return Result.EXISTS_WITH_DIFFERENT_CURRENCY
    return Result.EXISTS if again.code == before.code else Result.EXISTS_WITH_DIFFERENT_CODE


def _flags(transfer: Transfer) -> tuple[Kind, bool, bool, bool, bool, bool]:
    return (
        transfer.kind,
        transfer.linked,
        transfer.balancing_debit,
        transfer.balancing_credit,
        transfer.closing_debit,
        transfer.closing_credit,
    )


def _same_amount(again: Transfer, before: Transfer) -> bool:
    if again.balancing_debit or again.balancing_credit:
        # What moved was at most what was asked for, and what was asked for is not kept.
        return again.amount_minor >= before.amount_minor
    return again.amount_minor == before.amount_minor
