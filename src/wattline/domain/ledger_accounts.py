"""Whose account it is, which rules follow from that, and its counters while a batch passes over them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from wattline.domain.refusals import Invalid

# Rows over which the counters of an account are spread that nearly every charge touches, so that two settlements at
# the same moment need not wait for each other.
SLOTS_OF_SPREAD: Final = 16

LETTERS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Owner:
    """Who an account belongs to: `Owner("team", "12")`, `Owner("vat_due", "12:dk:25")`."""

    kind: str
    key: str

    def __post_init__(self) -> None:
        if self.kind not in RULES:
            raise Invalid("owner", f"The ledger knows no accounts of the kind {self.kind!r}.")
        if not 0 < len(self.key) <= LETTERS_MAX:
            raise Invalid("owner", f"An account's key has 1 to {LETTERS_MAX} letters.")


@dataclass(frozen=True, slots=True)
class AccountRules:
    """What an account may do. `slots` above 1: its counters are spread over that many rows."""

    debits_must_not_exceed_credits: bool = False
    credits_must_not_exceed_debits: bool = False
    slots: int = 1

    def __post_init__(self) -> None:
        if self.debits_must_not_exceed_credits and self.credits_must_not_exceed_debits:
            raise Invalid("flags", "An account cannot be limited on both sides: flags are mutually exclusive.")


PURSE: Final = AccountRules(debits_must_not_exceed_credits=True)
# A purse into which every charge pays a fee.
BUSY_PURSE: Final = AccountRules(debits_must_not_exceed_credits=True, slots=SLOTS_OF_SPREAD)
# One end of what comes from outside or goes there: it has no limit, and every charge may touch it.
OUTSIDE: Final = AccountRules(slots=SLOTS_OF_SPREAD)
# A statement that is kept beside, or a debt of somebody.
MEMO: Final = AccountRules()

RULES: Final = {
    "team": PURSE,
    "user": PURSE,
    "operator": BUSY_PURSE,
    # Money that may be spent but not withdrawn.
    "credit": PURSE,
    "platform": OUTSIDE,
    "terminal": OUTSIDE,
    "provider": OUTSIDE,
    "bank": OUTSIDE,
    # Who gives credit away, and who takes adjustments.
    "credit_source": OUTSIDE,
    "adjustment": OUTSIDE,
    "receivable": MEMO,
    "vat": OUTSIDE,
    "vat_due": MEMO,
    "vat_contra": MEMO,
}


def check_currency(currency: str, known: Collection[str]) -> None:
    """Refuse what is no currency, or not written as we write them: `eur`. Raises Invalid."""
    if currency not in known:
        raise Invalid("currency", f"There is no currency {currency!r}. Write its three letters small, such as eur.")


def rules_of(owner: Owner) -> AccountRules:
    """Say what follows from whose account it is."""
    return RULES[owner.kind]


@dataclass(slots=True)
class Account:
    """An account in a working copy of the books. Of a spread one, the counters are those of the rows at hand."""

    id: int
    currency: str
    rules: AccountRules
    credit_limit_minor: int = 0
    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0
    closings: int = 0
