"""What TigerBeetle's tests ask for and our ledger does not have, row by row, each with the reason.

Together with the rows of the stories these are all 477; a test counts them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

IMPORTED = "Nothing is imported with timestamps of another ledger: the ledger's clock dates every journal."
OPENED_ALONE = "Accounts are opened one by one, inside the verb's transaction, which is all or nothing by itself."
NO_SUCH_FIELD = "The caller has no such field to fill in: no timestamp, reserved bits or first balances."
NAMED_BY_OWNER = "An account is found by its owner, and its limits follow from that; the caller can tell no others."
OPENED_OPEN = "Accounts are opened open; one is closed by a hold."
ONE_KIND = "One word says what a transfer does, so it cannot be a hold, a post and a void at once."
ONE_REFERENCE = "There is one reference, not three user data fields; the row about the first of them is told."


@dataclass(frozen=True, slots=True)
class Left:
    """A row that does not apply: where it belongs, what it asks and expects, and why we do not have it."""

    theme: str
    row: str
    why: str


def left(why: str, theme: str, *rows: str) -> Iterator[Left]:
    for row in rows:
        yield Left(theme, row, why)


NOT_OURS = (
    *left(
        NO_SUCH_FIELD,
        "opening accounts",
        "account nobody: timestamp_must_be_zero",
        "account nobody: reserved_field",
        "account nobody: reserved_flag",
        "account blue: debits_pending_must_be_zero",
        "account blue: debits_posted_must_be_zero",
        "account blue: credits_pending_must_be_zero",
        "account blue: credits_posted_must_be_zero",
    ),
    *left(
        NAMED_BY_OWNER,
        "opening accounts",
        "account beyond: id_must_not_be_int_max",
        "account red: exists_with_different_flags",
        "account red: exists_with_different_flags",
        "account red: exists_with_different_user_data_128",
        "account red: exists_with_different_user_data_64",
        "account red: exists_with_different_user_data_32",
        "account red: exists_with_different_ledger",
        "account red: exists_with_different_code",
    ),
    *left(
        OPENED_ALONE,
        "accounts in chains",
        "account red: linked_event_failed",
        "account blue: linked_event_failed",
        "account red: exists",
        "account green: linked_event_failed",
        "account red: exists_with_different_flags",
        "account blue: linked_event_failed",
        "account green: linked_event_failed",
        "account red: exists_with_different_ledger",
        "account green: created",
        "account amber: created",
        "account red: linked_event_failed",
        "account blue: linked_event_failed",
        "account red: exists",
        "account green: linked_event_failed",
        "account red: created",
        "account blue: created",
        "account green: created",
        "account amber: linked_event_failed",
        "account violet: linked_event_chain_open",
        "account blue: linked_event_failed",
        "account red: exists_with_different_flags",
        "account green: linked_event_chain_open",
        "account red: linked_event_chain_open",
    ),
    *left(
        NO_SUCH_FIELD,
        "refusals and repeats",
        "transfer 0: timestamp_must_be_zero",
        "transfer 0: reserved_flag",
    ),
    *left(
        ONE_REFERENCE,
        "refusals and repeats",
        "transfer 5: exists_with_different_user_data_64",
        "transfer 5: exists_with_different_user_data_32",
    ),
    *left(
        NO_SUCH_FIELD,
        "holds",
        "transfer 0: timestamp_must_be_zero",
    ),
    *left(
        ONE_REFERENCE,
        "holds",
        "transfer 101: exists_with_different_user_data_64",
        "transfer 101: exists_with_different_user_data_32",
    ),
    *left(
        ONE_KIND,
        "holds",
        "transfer 102: flags_are_mutually_exclusive",
        "transfer 102: flags_are_mutually_exclusive",
        "transfer 102: flags_are_mutually_exclusive",
        "transfer 102: flags_are_mutually_exclusive",
        "transfer 102: flags_are_mutually_exclusive",
    ),
    *left(
        IMPORTED,
        "imported batches",
        "account red: created",
        "account blue: imported_event_expected",
        "account blue: created",
        "account green: created",
        "account amber: imported_event_not_expected",
        "transfer 1: created",
        "transfer 2: imported_event_expected",
        "transfer 3: created",
        "transfer 4: imported_event_not_expected",
    ),
    *left(
        IMPORTED,
        "imported timestamps",
        "account red: imported_event_timestamp_out_of_range",
        "account red: imported_event_timestamp_out_of_range",
        "account red: imported_event_timestamp_must_not_advance",
        "account red: created",
        "account blue: imported_event_timestamp_must_not_regress",
        "account blue: created",
        "account green: created",
        "account blue: imported_event_timestamp_must_not_advance",
        "account blue: exists",
        "account blue: exists",
        "account blue: exists",
        "account green: exists",
        "transfer 1: imported_event_timestamp_out_of_range",
        "transfer 1: imported_event_timestamp_out_of_range",
        "transfer 1: imported_event_timestamp_must_not_advance",
        "transfer 1: imported_event_timestamp_must_not_regress",
        "transfer 1: imported_event_timestamp_must_not_regress",
        "transfer 1: imported_event_timestamp_must_postdate_debit_account",
        "transfer 1: imported_event_timestamp_must_postdate_credit_account",
        "transfer 1: created",
        "transfer 2: imported_event_timestamp_must_not_regress",
        "transfer 2: created",
        "transfer 2: imported_event_timestamp_must_not_advance",
        "transfer 2: exists",
        "transfer 2: exists",
        "transfer 2: exists",
        "transfer 3: created",
        "account amber: imported_event_timestamp_must_not_regress",
    ),
    *left(
        IMPORTED,
        "imported holds",
        "account red: created",
        "account blue: created",
        "transfer 1: created",
        "transfer 2: imported_event_timeout_must_be_zero",
        "transfer 2: created",
        "transfer 3: created",
    ),
    *left(
        IMPORTED,
        "imported chains",
        "account red: linked_event_failed",
        "account blue: linked_event_failed",
        "account green: imported_event_timestamp_out_of_range",
        "account red: created",
        "account blue: created",
        "account green: created",
        "transfer 1: linked_event_failed",
        "transfer 2: linked_event_failed",
        "transfer 3: imported_event_timestamp_out_of_range",
        "transfer 1: created",
        "transfer 2: created",
        "transfer 3: created",
    ),
    *left(
        OPENED_OPEN,
        "closing accounts",
        "account red: created",
    ),
)
