"""Who did what in the Portal: lines with before and after, filters, a file, and nobody who rewrites them."""

from typing import Any

import asyncpg
import pytest

from tests.doors.portal_door import Visitor
from tests.doors.portal_story import NOW, Network, begin_operator
from wattline.database.connection import Database
from wattline.database.roles import as_owner
from wattline.operations.charge_keys import NewChargeKey, add_charge_key, edit_charge_key
from wattline.operations.deeplinks import Destination, create_deeplink
from wattline.operations.operators import viewer_of_operator

ROOM = "/audit-log"


async def rename_a_key(database: Database, network: Network, old: str, new: str) -> int:
    """Add a key under one name and give it another."""
    viewer = await viewer_of_operator(database, network.operator_id, name="the story")
    who: dict[str, Any] = {"asked_by": viewer, "now": NOW}
    key = NewChargeKey(team_id=network.team_id, type="rfid", identifier=f"0000000{network.team_id}", name=old)
    key_id = await add_charge_key(database, key, **who)
    await edit_charge_key(database, key_id, {"name": new}, **who)
    return key_id


async def test_a_change_stands_there_with_who_and_how_it_was_before(
    visitor: Visitor, network: Network, database: Database
) -> None:
    key_id = await rename_a_key(database, network, "Van 7", "Van 8")
    page = await visitor.get(f"{ROOM}?thing=charge-key&id={key_id}")
    assert "Name: Van 7 → Van 8" in page.text
    assert "the story" in page.text
    assert f'href="/charge-keys/{key_id}"' in page.source
    assert "Nothing fits" in (await visitor.get(f"{ROOM}?who=somebody+else")).text
    assert "Nothing fits" in (await visitor.get(f"{ROOM}?to=2020-01-01")).text
    assert "Van 8" in (await visitor.get(f"{ROOM}?q=van+8&from=2026-11-20&to=2026-11-20")).text
    file = await visitor.get(f"{ROOM}.csv?deed=edit")
    assert "Name: Van 7 → Van 8" in file.source
    assert "Create" not in file.source


async def test_other_operators_lines_are_not_there(visitor: Visitor, network: Network, database: Database) -> None:
    other = Network(NOW)
    await begin_operator(database, other, name="Elsewhere", locale="en-DK", email="x@elsewhere.example")
    await rename_a_key(database, other, "Their van", "Their bus")
    assert "Their" not in (await visitor.get(ROOM)).text
    assert "Their" not in (await visitor.get(f"{ROOM}.csv")).source


async def test_a_main_account_s_deed_is_a_line_of_the_sub_operator(network: Network, database: Database) -> None:
    sub = Network(NOW)
    await begin_operator(database, sub, name="Below", locale="en-DK", email="x@below.example")
    async with database.begin() as tx:
        await tx.execute(
            "update operator set parent_operator_id = $1 where id = $2", network.operator_id, sub.operator_id
        )
    above = await viewer_of_operator(database, network.operator_id, name="the main account")
    key = NewChargeKey(team_id=sub.team_id, type="rfid", identifier="00000009")
    await add_charge_key(database, key, asked_by=above, now=NOW)
    async with database.read() as connection:
        line = await connection.fetchrow("select * from audit where entity_type = 'charge-key'")
    assert line is not None
    assert (line["operator_id"], line["team_id"]) == (sub.operator_id, sub.team_id)
    assert line["by_operator_id"] == network.operator_id


@pytest.mark.parametrize("deed", ["update audit set who = 'x'", "delete from audit", "truncate audit"])
async def test_nobody_rewrites_what_was_done_not_even_the_owner(
    network: Network, database: Database, deed: str
) -> None:
    await rename_a_key(database, network, "Van 7", "Van 8")
    async with database.begin() as tx:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await tx.execute(deed)
    async with database.begin() as tx:
        await as_owner(tx)
        with pytest.raises(asyncpg.RestrictViolationError):
            await tx.execute(deed)


async def test_a_deeplink_leads_on_and_counts_and_a_stranger_may_open_it(
    stranger: Visitor, network: Network, database: Database
) -> None:
    viewer = await viewer_of_operator(database, network.operator_id, name="the story")
    point = network.connectors["KOL-0004", 1]
    for code, to in (("page", Destination(url="https://wattline.example/")),
                     ("point", Destination(resource_type="charge-point", resource_id=point))):  # fmt: skip
        await create_deeplink(database, to, comment=None, operator_id=None, code=code, asked_by=viewer, now=NOW)
    assert (await stranger.get("/l/page", 303)).headers["location"] == "https://wattline.example/"
    assert (await stranger.get("/l/point", 303)).headers["location"] == f"/c/{point}"
    assert "<svg" in (await stranger.get("/l/page/qr.svg")).source
    await stranger.get("/l/nothing", 404)
    async with database.read() as connection:
        assert await connection.fetchval("select array_agg(visits order by code) from deeplink") == [1, 1]
