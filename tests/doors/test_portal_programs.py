"""API and webhooks: keys are made and revoked, secrets are shown once, deliveries can be looked into."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.doors.portal_adding import SOMEBODY, elsewhere
from tests.doors.portal_door import Page, Visitor
from tests.doors.portal_story import NOW, Network
from wattline.database.connection import Database
from wattline.operations.secrets import secret_hash
from wattline.operations.users import NewUser, create_user

ROOM = "/api-and-webhooks"
PEPPER = b"pepper of the tests"


async def make(visitor: Visitor, status: int = 200, **fields: Any) -> Page:
    """Fill in the form for a new key."""
    await visitor.get(f"{ROOM}/new")
    return await visitor.submit(
        f"{ROOM}/new", {"name": "Terminal at Kolding Syd", "rights": "terminal", **fields}, status
    )


async def key_of(database: Database) -> dict[str, Any]:
    """Return the only key."""
    async with database.read() as connection:
        (row,) = await connection.fetch("select * from api_key")
    return dict(row)


async def deliver(database: Database, key: dict[str, Any], count: int, **columns: Any) -> None:
    """Write webhook entries, a minute apart."""
    async with database.begin() as tx:
        for number in range(count):
            at = NOW - timedelta(minutes=count - number)
            row = {
                "api_key_id": key["id"], "operator_id": key["operator_id"], "fact_id": number + 1,
                "event_type": "charges", "entity_type": "charge", "entity_id": "4711", "change": "updated",
                "event_at": at, "created_at": at, "status": "completed", **columns,
            }  # fmt: skip
            places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
            await tx.execute(f"insert into webhook_entry ({', '.join(row)}) values ({places})", *row.values())


async def set_webhook(database: Database, key: dict[str, Any]) -> None:
    """Let the program ask for everything about charges."""
    async with database.begin() as tx:
        await tx.execute(
            "insert into webhook_config values ($1, $2, $3, $4, '{charges}', $5, null, $6, $6)",
            key["id"], key["operator_id"], "https://terminals.example/hooks", b"sealed", {"X-Tenant": "the value"}, NOW,
        )  # fmt: skip


async def test_before_the_first_key_it_says_what_one_is_for(visitor: Visitor) -> None:
    page = await visitor.get(ROOM)
    assert "No program has a key yet" in page.text
    assert f'href="{ROOM}/new"' in page.source


async def test_a_secret_is_shown_once_and_kept_as_a_hash(visitor: Visitor, database: Database) -> None:
    page = await make(visitor)
    key = await key_of(database)
    copied = page.all(r'data-copy="([^"]+)"')
    assert copied[:2] == ["http://wattline.test/api/v1", key["client_id"]]
    assert secret_hash(copied[2], PEPPER) == key["secret_hash"]
    assert "control-charging:write" in key["scopes"]
    for path in (ROOM, f"{ROOM}/{key['id']}"):
        again = await visitor.get(path)
        assert copied[2] not in again.source
        assert "Terminal at Kolding Syd" in again.text


async def test_rights_are_chosen_one_by_one(visitor: Visitor, database: Database, network: Network) -> None:
    rights: dict[str, Any] = {"charge-points": "write", "charges": "read", "control-charging": ""}
    await make(visitor, rights="choose", teams=[network.team_id], **rights)
    key = await key_of(database)
    assert key["scopes"] == ["charge-points:write", "charges:read"]
    assert key["team_ids"] == [network.team_id]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [({"name": ""}, "Name is empty."), ({"rights": "choose"}, "Choose at least one thing it may do.")],
)
async def test_what_is_missing_is_said_at_its_field(visitor: Visitor, fields: dict[str, Any], problem: str) -> None:
    assert problem in (await make(visitor, 400, **fields)).text


async def test_a_revoked_key_is_over(visitor: Visitor, database: Database) -> None:
    await make(visitor)
    key = await key_of(database)
    page = await visitor.get(f"{ROOM}/{key['id']}")
    assert "The program is locked out at once" in page.text
    await visitor.submit(f"{ROOM}/{key['id']}/revoke", status=303)
    assert (await key_of(database))["revoked_at"] == NOW
    page = await visitor.get(f"{ROOM}/{key['id']}")
    assert "Revoked" in page.text
    assert "Revoke…" not in page.text
    assert "0 keys in use" in (await visitor.get(ROOM)).text


async def test_a_webhook_is_shown_without_its_secrets(visitor: Visitor, database: Database) -> None:
    await make(visitor)
    key = await key_of(database)
    assert "The program sets one with" in (await visitor.get(f"{ROOM}/{key['id']}")).text
    await set_webhook(database, key)
    page = await visitor.get(f"{ROOM}/{key['id']}")
    assert "https://terminals.example/hooks" in page.text
    assert "X-Tenant" in page.text
    assert "the value" not in page.source
    assert "terminals.example" in (await visitor.get(ROOM)).text


async def test_deliveries_are_listed_by_state_page_by_page(visitor: Visitor, database: Database) -> None:
    await make(visitor)
    key = await key_of(database)
    await set_webhook(database, key)
    await deliver(database, key, 60)
    page = await visitor.get(f"{ROOM}/{key['id']}")
    assert page.text.count("charges, updated") == 50
    (older,) = re.findall(r'href="([^"]+)" rel="next"', page.source)
    page = await visitor.get(older.replace("&amp;", "&"))
    assert page.text.count("charges, updated") == 10
    assert 'rel="next"' not in page.source
    assert "None in this state." in (await visitor.get(f"{ROOM}/{key['id']}?status=failed")).text


async def test_a_failed_delivery_says_why_and_what_was_sent(visitor: Visitor, database: Database) -> None:
    await make(visitor)
    key = await key_of(database)
    await deliver(
        database,
        key,
        1,
        status="failed",
        error_code="HTTP_503",
        error_message="<b>gone</b>",
        payload={"entityId": "4711"},
    )
    page = await visitor.get(f"{ROOM}/{key['id']}?status=failed")
    assert "HTTP_503" in page.text
    (path,) = set(re.findall(rf'href="({ROOM}/{key["id"]}/entries/\d+)"', page.source))
    page = await visitor.get(path)
    assert '"entityId": "4711"' in page.text
    assert "<b>gone</b>" in page.text
    assert "<b>gone</b>" not in page.source
    assert 'href="/charges/4711"' in page.source
    await visitor.get(f"{ROOM}/{key['id']}/entries/0", 404)


async def test_other_operators_keys_do_not_exist(visitor: Visitor, database: Database) -> None:
    await make(visitor)
    key = await key_of(database)
    await deliver(database, key, 1)
    async with database.read() as connection:
        entry = await connection.fetchval("select id from webhook_entry")
    await elsewhere(database)
    visitor.http.cookies.clear()
    await visitor.log_in(SOMEBODY)
    assert "No program has a key yet" in (await visitor.get(ROOM)).text
    await visitor.get(f"{ROOM}/{key['id']}", 404)
    await visitor.get(f"{ROOM}/{key['id']}/entries/{entry}", 404)
    await visitor.get(ROOM)
    await visitor.submit(f"{ROOM}/{key['id']}/revoke", status=404)
    assert (await key_of(database))["revoked_at"] is None


async def test_only_administrators_make_and_revoke_keys(
    stranger: Visitor, network: Network, database: Database
) -> None:
    who = NewUser(
        operator_id=network.operator_id, email="shift@havnelys.example", display_name="Shift", role="OperationsManager"
    )
    await create_user(database, who, password="correct horse battery", now=NOW)
    await stranger.log_in("shift@havnelys.example")
    page = await stranger.get(ROOM)
    assert "Administrators can make one." in page.text
    await stranger.get(f"{ROOM}/new", 403)
    await stranger.get(ROOM)
    await stranger.submit(f"{ROOM}/new", {"name": "x", "rights": "all"}, 403)
    async with database.read() as connection:
        assert await connection.fetchval("select count(*) from api_key") == 0


async def test_an_edit_changes_name_rights_and_teams_and_says_how_it_was(
    visitor: Visitor, network: Network, database: Database
) -> None:
    await make(visitor)
    key = await key_of(database)
    page = await visitor.get(f"{ROOM}/{key['id']}/edit")
    assert 'value="Terminal at Kolding Syd"' in page.source
    await visitor.submit(f"{ROOM}/{key['id']}/edit", {"name": "Reports", "rights": "read"}, 303)
    after = await key_of(database)
    assert (after["name"], after["scopes"]) == ("Reports", ["all:read"])
    assert (after["client_id"], after["secret_hash"]) == (key["client_id"], key["secret_hash"])
    async with database.read() as connection:
        detail = await connection.fetchval("select detail from audit where deed = 'edit' and entity_type = 'api-key'")
    assert detail["changes"]["name"] == ["Terminal at Kolding Syd", "Reports"]
    page = await visitor.submit(f"{ROOM}/{key['id']}/edit", {"name": "Reports", "rights": "choose"}, 400)
    assert "Choose at least one thing" in page.text
    await visitor.get(f"{ROOM}/999999/edit", 404)
