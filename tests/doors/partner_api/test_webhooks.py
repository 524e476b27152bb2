"""Setting a webhook, seeing what was sent, and understanding a signature."""

import base64
from typing import Any

from tests.doors.partner_api.story import PEPPER, Program, Stage
from wattline.operations.secrets import unseal

SECRET = "sixteen characters, at least"


def config(**more: Any) -> dict[str, Any]:
    """Write a complete body."""
    return {
        "webhookUrl": "https://partner.example/hooks",
        "webhookSecret": SECRET,
        "eventTypes": ["charges", "teams"],
        **more,
    }  # fmt: skip


async def test_a_webhook_is_set_shown_replaced_and_taken_away(stage: Stage, partner: Program) -> None:
    await partner.get("/webhooks/config", 404)
    headers = {"headers": {"X-Key": "k", "x-other": "o"}}
    wanted = config(customHeaders=headers, teamIds=[stage.ours.team_id])
    assert await partner.put("/webhooks/config", wanted) == wanted
    assert await partner.get("/webhooks/config") == wanted
    everything = config(eventTypes=["*"])
    assert await partner.put("/webhooks/config", everything) == everything | {"customHeaders": None, "teamIds": None}
    await partner.delete("/webhooks/config")
    await partner.get("/webhooks/config", 404)
    await partner.call("DELETE", "/webhooks/config", 404)


async def test_each_key_has_its_own(stage: Stage, partner: Program) -> None:
    await partner.put("/webhooks/config", config())
    other = await stage.program()
    await other.get("/webhooks/config", 404)


async def test_the_secret_is_sealed_where_it_is_kept(stage: Stage, partner: Program) -> None:
    await partner.put("/webhooks/config", config())
    async with stage.database.read() as connection:
        sealed = await connection.fetchval("select secret_sealed from webhook_config")
    assert SECRET.encode() not in sealed
    assert unseal(sealed, pepper=PEPPER) == SECRET


async def test_settings_that_cannot_work_are_named(stage: Stage, partner: Program) -> None:
    bad: list[tuple[dict[str, Any], str]] = [
        ({"webhookUrl": "ftp://partner.example"}, "webhookUrl"),
        ({"webhookUrl": "https://"}, "webhookUrl"),
        ({"webhookUrl": "https://a b"}, "webhookUrl"),
        ({"webhookUrl": "https://partner.example:99999/"}, "webhookUrl"),
        ({"webhookUrl": "https://partner.example/" + "x" * 180}, "webhookUrl"),
        ({"webhookSecret": "too short"}, "webhookSecret"),
        ({"webhookSecret": "x" * 192}, "webhookSecret"),
        ({"eventTypes": ["charge"]}, "eventTypes"),
        ({"eventTypes": "charges"}, "eventTypes"),
        ({"eventTypes": ["charges"] * 513}, "eventTypes"),
        ({"customHeaders": {"headers": {"Authorization": "x"}}}, "customHeaders"),
        ({"customHeaders": {"headers": {f"X-{number}": "x" for number in range(6)}}}, "customHeaders"),
        ({"customHeaders": {"headers": {"X-A": "a\r\nX-B: b"}}}, "customHeaders"),
        ({"customHeaders": {}}, "customHeaders.headers"),
        ({"teamIds": [1] * 101}, "teamIds"),
    ]
    for more, field in bad:
        assert (await partner.put("/webhooks/config", config(**more), 400))["context"] == {"field": field}, more
    await partner.put("/webhooks/config", config(teamIds=[stage.theirs.team_id]), 404)


async def test_entries_are_listed_the_newest_first(stage: Stage, partner: Program) -> None:
    for number, status in enumerate(("completed", "failed", "pending"), start=1):
        await stage.run(
            """insert into webhook_entry (api_key_id, operator_id, fact_id, event_type, entity_type, entity_id, change,
                 event_at, payload, status, error_code, created_at)
               values ($1, $2, $3, 'charges', 'charge', '7', 'updated', $4, $5, $6, $7, $4)""",
            partner.api_key_id, stage.ours.viewer.operator_id, number, stage.clock(), {"id": 7}, status,
            "HTTP_500" if status == "failed" else None,
        )  # fmt: skip
    entries = (await partner.get("/webhooks/entries"))["data"]
    assert [entry["status"] for entry in entries] == ["pending", "failed", "completed"]
    assert entries[0]["payload"] == {
        "entityType": "charge", "entityId": "7", "eventType": "updated", "eventTime": "2026-11-20T12:00:00Z",
        "payload": {"id": 7},
    }  # fmt: skip
    assert (entries[0]["eventType"], entries[0]["consumerId"], entries[0]["error"]) == (
        "charges", partner.api_key_id, None
    )  # fmt: skip
    (failed,) = (await partner.get("/webhooks/entries", status="failed"))["data"]
    assert failed["error"] == {"errorCode": "HTTP_500", "errorMessage": None}
    assert await partner.get(f"/webhooks/entries/{failed['id']}") == failed
    await partner.get("/webhooks/entries", 400, status="lost")
    stranger = await stage.program()
    assert (await stranger.get("/webhooks/entries"))["data"] == []
    await stranger.get(f"/webhooks/entries/{failed['id']}", 404)


async def test_a_signature_is_explained_by_the_published_example(partner: Program) -> None:
    answer = await partner.http.post(
        "/webhooks/get-signature-detail", params={"webhookSecret": "top-secret"}, content=b'{ "foo" : "bar" }'
    )
    told = answer.json()
    assert told["receivedPayloadString"] == '{"foo":"bar"}'
    assert told["signatureWithPrefix"] == "sha1=ff401a885877ab7e4665f9e045f9ee2d5876fdb9"
    assert (told["webhookSecret"], told["webhookSecretBytes"]) == ("***", "***")
    assert bytes.fromhex(told["receivedPayloadBytes"]) == b'{"foo":"bar"}'


async def test_a_signature_uses_the_secret_that_is_set(partner: Program) -> None:
    await partner.post("/webhooks/get-signature-detail", [1], 404)
    await partner.put("/webhooks/config", config())
    told = await partner.call("POST", "/webhooks/get-signature-detail?includeSecrets=true", 200, json=[{"b": 1.10}])
    assert told["webhookSecret"] == SECRET
    assert base64.b16decode(told["webhookSecretBytes"].upper()).decode() == SECRET
