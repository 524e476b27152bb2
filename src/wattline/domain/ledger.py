"""Words of the ledger: transfers between accounts, what becomes of them, and an account's four counters.

The rules are those of TigerBeetle's two-phase transfers (decision 0010); `ledger_books.py` applies them.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final
from uuid import UUID

from wattline.domain.refusals import Invalid, Refusal

# The largest whole number a column holds. No counter passes it.
AMOUNT_MAX: Final = 2**63 - 1

# As the amount of a POST: all of what is held. With a balancing flag: as much as there is.
AMOUNT_ALL: Final = AMOUNT_MAX

TIMEOUT_SECONDS_MAX: Final = 2**31 - 1

NO_ID: Final = UUID(int=0)
LAST_ID: Final = UUID(int=2**128 - 1)


class Kind(StrEnum):
    """What a transfer does. EXPIRE is written by the ledger itself when a hold's time is over."""

    PLAIN = "plain"
    HOLD = "hold"
    POST = "post"
    VOID = "void"
    EXPIRE = "expire"


class Code(IntEnum):
    """Why money moved. NONE is for POST and VOID only: that of the hold."""

    NONE = 0
    SALE = 1
    PLATFORM_FEE = 2
    OPERATOR_FEE = 3
    VAT = 4
    FEE_VAT = 5
    REFUND = 6
    DEPOSIT = 7
    WITHDRAWAL = 8
    ADJUSTMENT = 9
    CREDIT = 10
    RECEIVABLE = 11
    TRANSFER = 12
    CLOSING = 13


@dataclass(frozen=True, slots=True)
class Transfer:
    """One movement of whole minor units from the account `debit` to the account `credit`.

    `id` is made by whoever asks, once, and used again when the answer was lost. POST and VOID name the hold by
    `pending_id`, and may leave accounts, currency, code and reference (0, "", NONE, None) as the hold has them.
    `linked` ties it to the next one: a chain is booked whole or not at all. `balancing_debit` (or `_credit`) moves
    up to the amount, as far as that account's balance goes. `closing_*`, on a HOLD, closes the account until the
    hold is voided or expires. Raises Invalid on amounts and times that are no whole numbers within bounds.
    """

    id: UUID
    debit: int
    credit: int
    amount_minor: int
    currency: str
    code: Code
    kind: Kind = Kind.PLAIN
    pending_id: UUID | None = None
    timeout_seconds: int = 0
    linked: bool = False
    balancing_debit: bool = False
    balancing_credit: bool = False
    closing_debit: bool = False
    closing_credit: bool = False
    reference: str | None = None

    def __post_init__(self) -> None:
        whole_minor("amountMinor", self.amount_minor)
        seconds = self.timeout_seconds
        if type(seconds) is not int or not 0 <= seconds <= TIMEOUT_SECONDS_MAX:
            raise Invalid("timeoutSeconds", f"{seconds!r} is no whole number of seconds; 0 means never.")


class Result(StrEnum):
    """What became of a transfer. Checks are made in the order of this list, and the first that fails is told."""

    CREATED = "created"
    LINKED_EVENT_FAILED = "linked_event_failed"
    LINKED_EVENT_CHAIN_OPEN = "linked_event_chain_open"
    ID_MUST_NOT_BE_ZERO = "id_must_not_be_zero"
    ID_MUST_NOT_BE_INT_MAX = "id_must_not_be_int_max"
    EXISTS = "exists"
    EXISTS_WITH_DIFFERENT_FLAGS = "exists_with_different_flags"
    EXISTS_WITH_DIFFERENT_PENDING_ID = "exists_with_different_pending_id"
    EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID = "exists_with_different_debit_account_id"
    EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT_ID = "exists_with_different_credit_account_id"
    EXISTS_WITH_DIFFERENT_AMOUNT = "exists_with_different_amount"
    EXISTS_WITH_DIFFERENT_REFERENCE = "exists_with_different_reference"
    EXISTS_WITH_DIFFERENT_TIMEOUT = "exists_with_different_timeout"
    EXISTS_WITH_DIFFERENT_CURRENCY = "exists_with_different_currency"
    EXISTS_WITH_DIFFERENT_CODE = "exists_with_different_code"
    ID_ALREADY_FAILED = "id_already_failed"
    FLAGS_ARE_MUTUALLY_EXCLUSIVE = "flags_are_mutually_exclusive"
    PENDING_ID_MUST_NOT_BE_ZERO = "pending_id_must_not_be_zero"
    PENDING_ID_MUST_NOT_BE_INT_MAX = "pending_id_must_not_be_int_max"
    PENDING_ID_MUST_BE_DIFFERENT = "pending_id_must_be_different"
    DEBIT_ACCOUNT_ID_MUST_NOT_BE_ZERO = "debit_account_id_must_not_be_zero"
    DEBIT_ACCOUNT_ID_MUST_NOT_BE_INT_MAX = "debit_account_id_must_not_be_int_max"
    CREDIT_ACCOUNT_ID_MUST_NOT_BE_ZERO = "credit_account_id_must_not_be_zero"
    CREDIT_ACCOUNT_ID_MUST_NOT_BE_INT_MAX = "credit_account_id_must_not_be_int_max"
    ACCOUNTS_MUST_BE_DIFFERENT = "accounts_must_be_different"
    PENDING_ID_MUST_BE_ZERO = "pending_id_must_be_zero"
    TIMEOUT_RESERVED_FOR_PENDING_TRANSFER = "timeout_reserved_for_pending_transfer"
    CLOSING_TRANSFER_MUST_BE_PENDING = "closing_transfer_must_be_pending"
    CURRENCY_MUST_NOT_BE_EMPTY = "currency_must_not_be_empty"
    CODE_MUST_NOT_BE_ZERO = "code_must_not_be_zero"
    PENDING_TRANSFER_NOT_FOUND = "pending_transfer_not_found"
    PENDING_TRANSFER_NOT_PENDING = "pending_transfer_not_pending"
    PENDING_TRANSFER_HAS_DIFFERENT_DEBIT_ACCOUNT_ID = "pending_transfer_has_different_debit_account_id"
    PENDING_TRANSFER_HAS_DIFFERENT_CREDIT_ACCOUNT_ID = "pending_transfer_has_different_credit_account_id"
    PENDING_TRANSFER_HAS_DIFFERENT_CURRENCY = "pending_transfer_has_different_currency"
    PENDING_TRANSFER_HAS_DIFFERENT_CODE = "pending_transfer_has_different_code"
    EXCEEDS_PENDING_TRANSFER_AMOUNT = "exceeds_pending_transfer_amount"
    PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT = "pending_transfer_has_different_amount"
    PENDING_TRANSFER_ALREADY_POSTED = "pending_transfer_already_posted"
    PENDING_TRANSFER_ALREADY_VOIDED = "pending_transfer_already_voided"
    PENDING_TRANSFER_EXPIRED = "pending_transfer_expired"
    DEBIT_ACCOUNT_NOT_FOUND = "debit_account_not_found"
    CREDIT_ACCOUNT_NOT_FOUND = "credit_account_not_found"
    ACCOUNTS_MUST_HAVE_THE_SAME_CURRENCY = "accounts_must_have_the_same_currency"
    TRANSFER_MUST_HAVE_THE_SAME_CURRENCY_AS_ACCOUNTS = "transfer_must_have_the_same_currency_as_accounts"
    CLOSING_A_SPREAD_ACCOUNT = "closing_a_spread_account"
    DEBIT_ACCOUNT_ALREADY_CLOSED = "debit_account_already_closed"
    CREDIT_ACCOUNT_ALREADY_CLOSED = "credit_account_already_closed"
    OVERFLOWS_DEBITS_PENDING = "overflows_debits_pending"
    OVERFLOWS_CREDITS_PENDING = "overflows_credits_pending"
    OVERFLOWS_DEBITS_POSTED = "overflows_debits_posted"
    OVERFLOWS_CREDITS_POSTED = "overflows_credits_posted"
    OVERFLOWS_DEBITS = "overflows_debits"
    OVERFLOWS_CREDITS = "overflows_credits"
    OVERFLOWS_TIMEOUT = "overflows_timeout"
    EXCEEDS_CREDITS = "exceeds_credits"
    EXCEEDS_DEBITS = "exceeds_debits"


DONE: Final = frozenset({Result.CREATED, Result.EXISTS})

# What may be otherwise a moment later. Such an id stays failed: a late repeat must not succeed where the caller, who
# heard the refusal, has long chosen another way.
TRANSIENT: Final = frozenset(
    {
        Result.PENDING_TRANSFER_NOT_FOUND,
        Result.DEBIT_ACCOUNT_NOT_FOUND,
        Result.CREDIT_ACCOUNT_NOT_FOUND,
        Result.DEBIT_ACCOUNT_ALREADY_CLOSED,
        Result.CREDIT_ACCOUNT_ALREADY_CLOSED,
        Result.EXCEEDS_CREDITS,
        Result.EXCEEDS_DEBITS,
    }
)


@dataclass(frozen=True, slots=True)
class Balances:
    """An account's four counters, in minor units. The posted ones never fall."""

    currency: str
    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0
    credit_limit_minor: int = 0
    closed: bool = False

    @property
    def posted_minor(self) -> int:
        """What belongs to the owner of a purse, held parts included."""
        return self.credits_posted - self.debits_posted

    @property
    def available_minor(self) -> int:
        """What the owner of a purse may spend now, credit included."""
        return self.posted_minor - self.debits_pending + self.credit_limit_minor


@dataclass(frozen=True, slots=True)
class Booked:
    """A transfer as it stands in the journal, its amount worked out; of a hold also its end, and what settled it."""

    transfer: Transfer
    expires_at: datetime | None = None
    settled_by: Kind | None = None


class LedgerRefused(Refusal):
    """The ledger said no, and nothing was booked."""

    code = "LEDGER_REFUSED"

    def __init__(self, result: Result, transfer: Transfer) -> None:
        super().__init__(f"The ledger refused {transfer.kind} {transfer.id}: {result.replace('_', ' ')}.")
        self.result, self.transfer = result, transfer


def whole_minor(field: str, amount: object) -> int:
    """Return an amount that is a whole number of minor units from 0 to AMOUNT_MAX. Raises Invalid."""
    if type(amount) is int and 0 <= amount <= AMOUNT_MAX:
        return amount
    raise Invalid(field, f"{amount!r} is no whole number of minor units from 0 to {AMOUNT_MAX}.")
