"""What the ledger promises whoever books: money is held, taken, given back; nothing is booked twice or rewritten."""

import math
from dataclasses import replace
from decimal import Decimal

import asyncpg
import pytest

from tests.operations.ledger_stage import NOON, WEEK_SECONDS, LedgerStage, begin_ledger
from wattline.database.connection import Database
from wattline.domain.ledger import AMOUNT_MAX, LedgerRefused, Result
from wattline.domain.ledger_accounts import AccountRules, Owner
from wattline.domain.refusals import Invalid
from wattline.operations.ledger import book_or_refuse, expire_due
from wattline.operations.ledger_accounts import account_of, open_account, set_credit_limit
from wattline.operations.ledger_verify import verify


@pytest.fixture
async def stage(database: Database) -> LedgerStage:
    return await begin_ledger(database)


async def test_a_charge_is_held_paid_split_and_the_rest_is_free_at_once(stage: LedgerStage) -> None:
    hold = stage.hold("driver", "seller", 8_000, timeout_seconds=WEEK_SECONDS)
    await stage.booked(hold)
    assert (await stage.of("driver")).available_minor == 2_000
    assert (await stage.of("seller")).available_minor == 0
    await stage.booked(
        stage.post(hold, 5_000, linked=True),
        stage.move("seller", "operator", 400, linked=True),
        stage.move("seller", "platform", 100),
    )
    assert (await stage.of("driver")).available_minor == 5_000
    assert (await stage.of("seller")).available_minor == 4_500
    assert (await stage.of("operator")).available_minor == 400
    assert (await verify(stage.database)).wrong == ()


async def test_what_is_held_cannot_be_spent(stage: LedgerStage) -> None:
    await stage.booked(stage.hold("driver", "seller", 8_000))
    assert await stage.book(stage.move("driver", "seller", 2_001)) == (Result.EXCEEDS_CREDITS,)
    assert await stage.book(stage.move("driver", "seller", 2_000)) == (Result.CREATED,)


async def test_a_terminal_has_no_funds_and_needs_none(stage: LedgerStage) -> None:
    hold = stage.hold("terminal", "seller", 5_000)
    await stage.booked(hold)
    await stage.booked(stage.post(hold, 1_250))
    assert (await stage.of("terminal")).posted_minor == -1_250


async def test_a_credit_limit_lets_a_purse_go_below_zero_and_no_further(stage: LedgerStage) -> None:
    async with stage.database.begin() as tx:
        await set_credit_limit(tx, stage.accounts["driver"], 500)
    refused, created = await stage.book(stage.move("driver", "seller", 10_501), stage.move("driver", "seller", 10_500))
    assert (refused, created) == (Result.EXCEEDS_CREDITS, Result.CREATED)
    async with stage.database.begin() as tx:
        await set_credit_limit(tx, stage.accounts["driver"], 0)
    assert (await stage.of("driver")).available_minor == -500
    assert (await verify(stage.database)).wrong == ()


async def test_a_hold_ends_on_time_even_before_the_worker_comes(stage: LedgerStage) -> None:
    hold = stage.hold("driver", "seller", 8_000, timeout_seconds=60)
    await stage.booked(hold)
    stage.later(seconds=60)
    assert await stage.book(stage.post(hold)) == (Result.PENDING_TRANSFER_EXPIRED,)
    assert (await stage.of("driver")).available_minor == 2_000
    assert await expire_due(stage.database, now=stage.now) == 1
    assert (await stage.of("driver")).available_minor == 10_000
    assert await expire_due(stage.database, now=stage.now) == 0
    assert await stage.book(stage.post(hold)) == (Result.PENDING_TRANSFER_EXPIRED,)


async def test_a_hold_that_was_settled_does_not_expire(stage: LedgerStage) -> None:
    posted, voided = stage.hold("driver", "seller", 10, timeout_seconds=1), stage.hold("driver", "seller", 10)
    await stage.booked(posted, voided)
    await stage.booked(stage.post(posted), stage.void(voided))
    stage.later(seconds=10)
    assert await expire_due(stage.database, now=stage.now) == 0


async def test_who_lost_the_answer_asks_again_with_the_same_ids(stage: LedgerStage) -> None:
    hold = stage.hold("driver", "seller", 8_000)
    chain = [stage.post(hold, 5_000, linked=True), stage.move("seller", "platform", 100)]
    for _ in range(3):
        for transfers in ([hold], chain):
            async with stage.database.begin() as tx:
                await book_or_refuse(tx, transfers, now=stage.now)
    assert (await stage.of("seller")).posted_minor == 4_900
    with pytest.raises(LedgerRefused, match="exists with different amount"):
        async with stage.database.begin() as tx:
            await book_or_refuse(tx, [replace(chain[0], amount_minor=5_001), chain[1]], now=stage.now)


async def test_a_refused_chain_leaves_nothing_and_names_who_broke_it(stage: LedgerStage) -> None:
    chain = [stage.move("driver", "seller", 100, linked=True), stage.move("driver", "seller", 10_000)]
    with pytest.raises(LedgerRefused) as refused:
        async with stage.database.begin() as tx:
            await book_or_refuse(tx, chain, now=stage.now)
    assert (refused.value.result, refused.value.transfer) == (Result.EXCEEDS_CREDITS, chain[1])
    assert (await stage.of("driver")).available_minor == 10_000


async def test_the_rows_of_a_busy_account_are_one_balance(stage: LedgerStage) -> None:
    await stage.booked(stage.move("driver", "operator", 700))
    async with stage.database.begin() as one, stage.database.begin() as other:
        for tx, name in ((one, "driver"), (other, "other driver")):
            await book_or_refuse(tx, [stage.move(name, "operator", 10)], now=stage.now)
    assert (await stage.of("operator")).posted_minor == 720
    refused, created = await stage.book(stage.move("operator", "bank", 721), stage.move("operator", "bank", 720))
    assert (refused, created) == (Result.EXCEEDS_CREDITS, Result.CREATED)
    assert await stage.book(stage.hold("operator", "bank", 0, closing_debit=True)) == (Result.CLOSING_A_SPREAD_ACCOUNT,)
    assert (await verify(stage.database)).wrong == ()


@pytest.mark.parametrize(
    "amount", [-1, 1.5, 100.0, math.nan, math.inf, Decimal(1), "1", True, None, AMOUNT_MAX + 1, 10**30]
)
async def test_an_amount_that_is_no_whole_number_of_minor_units_is_refused(stage: LedgerStage, amount: int) -> None:
    with pytest.raises(Invalid, match="amountMinor"):
        stage.move("driver", "seller", amount)
    with pytest.raises(Invalid, match="creditLimit"):
        async with stage.database.begin() as tx:
            await set_credit_limit(tx, stage.accounts["driver"], amount)


@pytest.mark.parametrize("seconds", [-1, 0.5, math.nan, 2**31, True])
async def test_a_hold_lasts_a_whole_number_of_seconds(stage: LedgerStage, seconds: int) -> None:
    with pytest.raises(Invalid, match="timeoutSeconds"):
        stage.hold("driver", "seller", 1, timeout_seconds=seconds)


@pytest.mark.parametrize("currency", ["", "EUR", "eurr", "zzz", "€"])
async def test_there_are_no_accounts_in_currencies_that_do_not_exist(stage: LedgerStage, currency: str) -> None:
    with pytest.raises(Invalid, match="currency"):
        async with stage.database.begin() as tx:
            await account_of(tx, Owner("team", "9"), currency, now=NOON)


async def test_euros_do_not_become_crowns(stage: LedgerStage) -> None:
    async with stage.database.begin() as tx:
        crowns = await account_of(tx, Owner("team", "1"), "dkk", now=NOON)
        assert crowns != stage.accounts["seller"]
    move = stage.move("driver", "seller", 1)
    results = await stage.book(replace(move, credit=crowns), replace(move, currency="dkk"), replace(move, currency="€"))
    wrong_transfer = Result.TRANSFER_MUST_HAVE_THE_SAME_CURRENCY_AS_ACCOUNTS
    assert results == (Result.ACCOUNTS_MUST_HAVE_THE_SAME_CURRENCY, wrong_transfer, wrong_transfer)


async def test_an_account_is_found_again(stage: LedgerStage) -> None:
    async with stage.database.begin() as tx:
        assert await account_of(tx, Owner("user", "1"), "eur", now=NOON) == stage.accounts["driver"]
        assert await open_account(tx, Owner("user", "1"), "eur", AccountRules(), now=NOON) is None


# What PostgreSQL itself refuses, whoever asks -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("ledger_journal", "booked_at"),
        ("ledger_transfer", "amount_minor"),
        ("ledger_entry", "posted_minor"),
        ("ledger_failed", "result"),
    ],
)
@pytest.mark.parametrize("act", ["update {table} set {column} = {column}", "delete from {table}", "truncate {table}"])
async def test_what_was_booked_is_not_rewritten(stage: LedgerStage, table: str, column: str, act: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="only ever added to"):
        await stage.run(f"set local role none; {act.format(table=table, column=column)}")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update ledger_balance set debits_posted = debits_posted + 1", "with entries only"),
        ("delete from ledger_balance", "only ever added to"),
        ("delete from ledger_account", "only ever added to"),
        ("update ledger_account set currency = 'dkk'", "stays what it was opened as"),
        ("update ledger_account set debits_must_not_exceed_credits = false", "stays what it was opened as"),
    ],
)
async def test_accounts_and_balances_change_by_booking_only(stage: LedgerStage, statement: str, said: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match=said):
        await stage.run(f"set local role none; {statement}")


ENTRY = (
    "insert into ledger_entry (journal_id, transfer_id, account_id, side, currency, pending_minor, posted_minor) "
    "select id, id, {account}, {side}, '{currency}', 0, {amount} from ledger_journal order by number desc limit 1"
)
NEW_JOURNAL = (
    "insert into ledger_journal (id, transfers, booked_at) "
    "values ('00000000-0000-0000-0000-00000000ffff', 1, '2026-06-01')"
)


@pytest.mark.parametrize(
    "amounts",
    [(5, 4), (5,), ()],
    ids=["unequal", "one-sided", "empty"],
)
async def test_a_journal_that_does_not_add_up_cannot_commit(stage: LedgerStage, amounts: tuple[int, ...]) -> None:
    names = [("driver", -1), ("seller", 1)]
    entries = [
        ENTRY.format(account=stage.accounts[name], side=side, currency="eur", amount=amount)
        for (name, side), amount in zip(names, amounts, strict=False)
    ]
    with pytest.raises(asyncpg.RestrictViolationError, match="does not sum to zero"):
        await stage.run("; ".join([NEW_JOURNAL, *entries]))
    assert (await verify(stage.database)).wrong == ()


async def test_nothing_is_added_to_a_journal_that_was_committed(stage: LedgerStage) -> None:
    entry = ENTRY.format(account=stage.accounts["driver"], side=1, currency="eur", amount=5)
    with pytest.raises(asyncpg.RestrictViolationError, match="journal of its own transaction"):
        await stage.run(entry)


async def test_an_entry_has_the_currency_of_its_account(stage: LedgerStage) -> None:
    entry = ENTRY.format(account=stage.accounts["driver"], side=1, currency="dkk", amount=5)
    with pytest.raises(asyncpg.RestrictViolationError, match="account of its own currency"):
        await stage.run(f"{NEW_JOURNAL}; {entry}")
