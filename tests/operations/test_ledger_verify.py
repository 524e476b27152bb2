"""`wattline ledger verify` finds whatever is not as the journal says, and says so with its exit status."""

import asyncio
import json
import os
import sys

import pytest

from tests.operations.ledger_stage import LedgerStage, begin_ledger
from wattline.database.connection import Database
from wattline.operations.ledger_verify import CHECKS, verify

# Whoever owns the database can switch the triggers off.
UNGUARDED = "set local role none; set local session_replication_role = replica; "

DAMAGE = {
    "a balance is the sum of its entries": "update ledger_balance set credits_posted = credits_posted + 1"
    " where account_id = {driver}",
    "the books sum to zero in each currency": "update ledger_balance set debits_posted = 0 where account_id = {bank}",
    "a journal sums to zero in each currency": "update ledger_entry set posted_minor = 9999"
    " where account_id = {driver} and side = 1",
    "a transfer has the two entries that it means": "update ledger_transfer set amount_minor = 7 where kind = 'post'",
    "a settlement belongs to a hold and is no larger": "update ledger_transfer set amount_minor = 700"
    " where kind = 'post'",
    "an open hold is one that nothing settled": "delete from ledger_open_hold",
    "a limit is kept": "update ledger_balance set debits_posted = 20000 where account_id = {driver}",
    "a journal has its transfers": "delete from ledger_transfer where kind = 'post'",
}


@pytest.fixture
async def stage(database: Database) -> LedgerStage:
    """Books with a hold that was posted, and one that is open."""
    stage = await begin_ledger(database)
    posted = stage.hold("driver", "seller", 500)
    await stage.booked(posted, stage.hold("driver", "seller", 300, timeout_seconds=60))
    await stage.booked(stage.post(posted, 450))
    return stage


async def test_books_that_are_right_are_found_right(stage: LedgerStage) -> None:
    verdict = await verify(stage.database)
    assert (verdict.journals, verdict.transfers, verdict.entries, verdict.wrong) == (5, 5, 10, ())


@pytest.mark.parametrize("check", CHECKS)
async def test_each_kind_of_damage_is_found(stage: LedgerStage, check: str) -> None:
    await stage.run(UNGUARDED + DAMAGE[check].format(**stage.accounts))
    assert check in {row["check"] for row in (await verify(stage.database)).wrong}


async def test_the_command_says_it_with_its_exit_status(stage: LedgerStage, database_url: str) -> None:
    assert await command(database_url) == (0, [])
    await stage.run(UNGUARDED + DAMAGE["a balance is the sum of its entries"].format(**stage.accounts))
    status, wrong = await command(database_url)
    assert status == 1
    assert [row["what"] for row in wrong] == [f"account {stage.accounts['driver']} slot 0", "eur"]


async def command(database_url: str) -> tuple[int | None, list[dict[str, str]]]:
    """Run the command as people do; return its exit status and the rows that are wrong."""
    arguments = (sys.executable, "-m", "wattline.main", "ledger", "verify", "--json")
    environment = os.environ | {"DATABASE_URL": database_url}
    process = await asyncio.create_subprocess_exec(*arguments, env=environment, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    return process.returncode, json.loads(output)["wrong"]
