"""Charge keys in the Portal: listed, typed, tapped at a reader, bound to places, lost and found, as a file."""

import re
from datetime import timedelta
from typing import Any

from tests.doors.portal_door import Page, Visitor
from tests.doors.portal_story import NOW, Network, begin_operator
from wattline.database.connection import Database
from wattline.operations.charge_keys import NewChargeKey, add_charge_key, authorise
from wattline.operations.operators import viewer_of_operator
from wattline.operations.reader_waits import begin_wait

ROOM = "/charge-keys"


async def add(visitor: Visitor, network: Network, status: int = 303, **fields: Any) -> Page:
    """Fill in the form for a new key."""
    await visitor.get(f"{ROOM}/new")
    sent = {
        "identifier": "04 BE 7C 40", "type": "rfid", "team": network.team_id, "pays": "team", "own_network": "yes",
        "operator_network": "yes", "roaming_network": "yes", **fields,
    }  # fmt: skip
    return await visitor.submit(f"{ROOM}/new", sent, status)


async def key_of(database: Database) -> dict[str, Any]:
    """Return the only key."""
    async with database.read() as connection:
        (row,) = await connection.fetch("select * from charge_key where deleted_at is null")
    return dict(row)


async def test_before_the_first_key_it_says_what_one_is_for(visitor: Visitor, network: Network) -> None:
    page = await visitor.get(ROOM)
    assert "No charge key yet" in page.text
    assert f'href="{ROOM}/new"' in page.source


async def test_a_key_is_added_with_whose_it_is_and_where_it_charges(
    visitor: Visitor, network: Network, database: Database
) -> None:
    async with database.begin() as tx:
        await tx.execute(
            "insert into country (id, name, alpha2_code, sanctioned) values (1, 'Denmark', 'DK', false)"
            " on conflict do nothing"
        )
    await add(
        visitor, network, name="Van 7", vehicle="AB 12 345", provider="Clever", countries="1", until="2026-12-31T23:00",
        operator_network="",
    )  # fmt: skip
    key = await key_of(database)
    assert (key["name"], key["vehicle"], key["provider"], key["country_ids"]) == ("Van 7", "AB 12 345", "Clever", [1])
    assert key["operator_network"] is False
    page = await visitor.get(f"{ROOM}/{key['id']}")
    assert "Only in Denmark" in page.text
    assert "The wallet of" in page.text
    listed = await visitor.get(f"{ROOM}?q=ab+12")
    assert "Van 7" in listed.text
    assert "No key fits" in (await visitor.get(f"{ROOM}?q=nothing+like+it")).text
    assert "No key fits" in (await visitor.get(f"{ROOM}?state=blocked")).text


async def test_what_no_reader_can_read_is_refused_beside_the_field(visitor: Visitor, network: Network) -> None:
    page = await add(visitor, network, 400, identifier="04BE7C4")
    assert "must have 8, 14, 20 hexadecimal characters" in page.text
    page = await add(visitor, network, 400, until="soon")
    assert "is no date and time" in page.text
    page = await add(visitor, network, 400, pays="own")
    assert "Choose the member whose wallet pays" in page.text
    page = await add(visitor, network, 400, vehicle="x" * 121)
    assert "at most 120 characters" in page.text
    await add(visitor, network, 400, countries="999999")


async def test_a_key_that_is_taken_says_so(visitor: Visitor, network: Network) -> None:
    await add(visitor, network)
    page = await add(visitor, network, 400, identifier="04:be:7c:40")
    assert "is in use already" in page.text


async def test_a_lost_key_charges_nowhere_until_it_is_found(
    visitor: Visitor, network: Network, database: Database
) -> None:
    await add(visitor, network)
    key = await key_of(database)
    page = f"{ROOM}/{key['id']}"
    box = network.boxes["KOL-0004"]
    assert (await authorise(database, box, "04BE7C40", now=NOW)).status == "Accepted"
    await visitor.get(page)
    await visitor.submit(f"{page}/lost", {}, 303)
    assert (await authorise(database, box, "04BE7C40", now=NOW)).status == "Blocked"
    assert "It was found: unblock" in (await visitor.get(page)).text
    assert "Lost" in (await visitor.get(f"{ROOM}?state=lost")).text
    await visitor.submit(f"{page}/unblock", {}, 303)
    assert (await key_of(database))["lost_at"] is None
    await visitor.submit(f"{page}/fly", {}, 404)
    await visitor.submit(f"{page}/delete", {}, 303)
    await visitor.get(page, 404)


async def test_an_edit_says_before_and_after_in_the_audit_log(
    visitor: Visitor, network: Network, database: Database
) -> None:
    await add(visitor, network, name="Van 7")
    key = await key_of(database)
    await visitor.get(f"{ROOM}/{key['id']}")
    sent = {"name": "Van 8", "team": network.team_id, "pays": "team", "own_network": "yes"}
    await visitor.submit(f"{ROOM}/{key['id']}", sent, 303)
    async with database.read() as connection:
        line = await connection.fetchrow("select * from audit where deed = 'edit' and entity_type = 'charge-key'")
    assert line is not None
    assert line["detail"]["changes"]["name"] == ["Van 7", "Van 8"]
    assert line["detail"]["changes"]["roaming_network"] == [True, False]
    assert (line["user_id"], line["team_id"]) == (network.user_id, network.team_id)


async def test_the_next_unknown_key_at_a_chosen_reader_is_offered_to_whoever_waits(
    visitor: Visitor, network: Network, database: Database
) -> None:
    await add(visitor, network)
    box = network.boxes["KOL-0004"]
    page = await visitor.get(f"{ROOM}/new")
    assert f'<option value="{box}">' in page.source
    await visitor.submit(f"{ROOM}/tap", {"reader": box}, 303)
    async with database.read() as connection:
        wait_id = await connection.fetchval("select id from reader_wait")
    page = await visitor.get(f"{ROOM}/tap/{wait_id}")
    assert "Hold the key to the reader now" in page.text
    # A key that is known already is passed over.
    await authorise(database, box, "04BE7C40", now=NOW)
    assert "Hold the key" in (await visitor.get(f"{ROOM}/tap/{wait_id}")).text
    assert (await authorise(database, box, "aa:bb:cc:dd", now=NOW)).status == "Invalid"
    page = await visitor.get(f"{ROOM}/tap/{wait_id}")
    assert "AABBCCDD" in page.text
    offered = re.search(r'href="(/charge-keys/new\?[^"]+)"', page.source)
    assert offered is not None
    form = await visitor.get(offered[1].replace("&amp;", "&"))
    assert 'value="AABBCCDD"' in form.source


async def test_a_tag_is_kept_only_while_somebody_waits(visitor: Visitor, network: Network, database: Database) -> None:
    box = network.boxes["KOL-0004"]
    await authorise(database, box, "AABBCCDD", now=NOW)
    viewer = await viewer_of_operator(database, network.operator_id, name="the story")
    await begin_wait(database, box, asked_by=viewer, now=NOW)
    await authorise(database, box, "AABBCCDD", now=NOW + timedelta(minutes=6))
    async with database.read() as connection:
        assert await connection.fetchval("select count(*) from reader_wait where tag is not null") == 0
        wait_id = await connection.fetchval("select id from reader_wait")
    # The wait is somebody else's.
    await visitor.get(f"{ROOM}/tap/{wait_id}", 404)


async def test_the_file_holds_what_the_filters_choose_and_no_formulas(visitor: Visitor, network: Network) -> None:
    await add(visitor, network, name="=cmd|calc")
    page = await visitor.get(f"{ROOM}.csv?state=active")
    assert "'=cmd|calc" in page.source
    assert "04 BE 7C 40" in page.source
    assert "04 BE" not in (await visitor.get(f"{ROOM}.csv?state=lost")).source


async def test_somebody_elses_key_and_reader_do_not_exist(
    visitor: Visitor, network: Network, database: Database
) -> None:
    other = Network(NOW)
    await begin_operator(database, other, name="Elsewhere", locale="en-DK", email="x@elsewhere.example")
    theirs = await viewer_of_operator(database, other.operator_id, name="them")
    new = NewChargeKey(team_id=other.team_id, type="rfid", identifier="11223344")
    key_id = await add_charge_key(database, new, asked_by=theirs, now=NOW)
    await visitor.get(f"{ROOM}/{key_id}", 404)
    await visitor.get(f"{ROOM}/new")
    await visitor.submit(f"{ROOM}/{key_id}/block", {}, 404)
    await visitor.submit(f"{ROOM}/tap", {"reader": 999_999_999}, 404)
    assert "11223344" not in (await visitor.get(ROOM)).source
    page = await visitor.submit(f"{ROOM}/new", {"identifier": "11223355", "team": other.team_id}, 404)
    assert "There is nothing here" in page.text
