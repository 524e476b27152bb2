"""Whom we did not let in: kept for the owner, but never without end."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from tests.operations.story import NOON
from wattline.database.connection import Database
from wattline.operations import clean_up
from wattline.operations.handshakes import KEPT_PER_IDENTITY, RefusedHandshake, note_refused_handshakes


def refused(identity: str, *, address: str = "192.0.2.1", at: datetime = NOON) -> RefusedHandshake:
    return RefusedHandshake(
        at=at, identity=identity, identity_key=identity.casefold(), address=address, reason="unknown"
    )


async def kept(database: Database, column: str) -> Counter[str]:
    async with database.read() as connection:
        return Counter(row[column] for row in await connection.fetch("select * from refused_handshake"))


async def test_of_one_identity_the_last_attempts_are_kept(database: Database) -> None:
    for minute in range(3):
        calls = [refused("BOX-1", at=NOON + timedelta(minutes=minute, seconds=second)) for second in range(30)]
        await note_refused_handshakes(database, [*calls, refused("BOX-2")], now=NOON)
    assert await kept(database, "identity") == {"BOX-1": KEPT_PER_IDENTITY, "BOX-2": 3}
    async with database.read() as connection:
        oldest = await connection.fetchval("select min(at) from refused_handshake where identity = 'BOX-1'")
    assert oldest == NOON + timedelta(minutes=1, seconds=10)


async def test_of_one_address_and_in_all_only_so_many_are_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clean_up, "REFUSED_PER_ADDRESS_MAX", 5)
    monkeypatch.setattr(clean_up, "REFUSED_MAX", 7)
    calls = [refused(f"A{number}", address="192.0.2.1", at=NOON + timedelta(seconds=number)) for number in range(9)]
    calls += [refused(f"B{number}", address="192.0.2.2", at=NOON - timedelta(seconds=number)) for number in range(4)]
    await note_refused_handshakes(database, calls, now=NOON)
    await clean_up.forget_expired(database, now=NOON)
    assert await kept(database, "identity") == dict.fromkeys(["A4", "A5", "A6", "A7", "A8", "B0", "B1"], 1)


async def test_after_a_week_they_are_forgotten(database: Database) -> None:
    await note_refused_handshakes(database, [refused("OLD"), refused("NEW", at=NOON + timedelta(days=6))], now=NOON)
    await clean_up.forget_expired(database, now=NOON + timedelta(days=7, minutes=1))
    assert await kept(database, "identity") == {"NEW": 1}
