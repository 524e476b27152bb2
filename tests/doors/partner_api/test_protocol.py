"""What programs out there really send, and what they must get: the traps of a compatible server, one by one."""

import asyncio
import uuid
from typing import Any

import httpx
import pytest

from tests.doors.partner_api.story import NOON, PEPPER, Program, Stage, start_body
from wattline.partner_api.credentials import Credentials
from wattline.partner_api.rate_limits import RateLimits

LIMIT_HEADERS = {
    "ratelimit-policy", "ratelimit-quota", "ratelimit-timewindow", "ratelimit-remaining", "ratelimit-resetsin"
}  # fmt: skip


async def test_patch_without_a_content_type(stage: Stage, partner: Program) -> None:
    answer = await partner.http.patch(f"/sites/{stage.ours.site_id}", content=b'{"name":"Harbour, south"}')
    assert (answer.status_code, answer.json()["name"]) == (200, "Harbour, south")


async def test_post_with_a_json_content_type_and_no_body(stage: Stage, partner: Program) -> None:
    headers = {"content-type": "application/json; charset=UTF-8"}
    key = stage.ours.charge_key_id
    answer = await partner.http.post(f"/charge-auth-tokens/{key}/block", headers=headers)
    assert (answer.status_code, answer.json()["blockedAt"]) == (200, "2026-11-20T12:00:00Z")


async def test_a_body_of_any_content_type_is_read_as_json(stage: Stage, partner: Program) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "nonsense"):
        answer = await partner.http.patch(
            f"/sites/{stage.ours.site_id}", content=b'{"name":"x"}', headers={"content-type": content_type}
        )
        assert answer.status_code == 200, content_type


async def test_a_body_where_none_is_wanted_does_no_harm(stage: Stage, partner: Program) -> None:
    answer = await partner.http.request("GET", f"/sites/{stage.ours.site_id}", content=b"not json")
    assert answer.status_code == 200


async def test_unknown_keys_are_ignored(stage: Stage, partner: Program) -> None:
    changed = await partner.patch(f"/sites/{stage.ours.site_id}", {"name": "New", "colour": "red", "id": 7})
    assert (changed["name"], changed["id"]) == ("New", stage.ours.site_id)


@pytest.mark.parametrize("version", ["2024-01-18", "2024-07-01", "v1", "v2", "x"])
async def test_any_version_header_is_taken(partner: Program, version: str) -> None:
    answer = await partner.http.get("/sites", headers={"Monta-Version": version})
    assert answer.status_code == 200


async def test_every_answer_has_an_id_and_tells_the_limit(stage: Stage, partner: Program) -> None:
    answers = [
        await partner.http.get("/sites"),
        await partner.http.get("/sites/999999"),
        await partner.http.get("/sites/x"),
        await partner.http.post("/sites", content=b"{"),
        await partner.http.get("/sites", headers={"authorization": "Bearer x"}),
        await partner.http.post("/auth/token", json={"clientId": "x", "clientSecret": "y"}),
        await partner.http.delete(f"/sites/{stage.ours.site_id}"),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 400, 400, 401, 401, 204]
    assert all(answer.headers.keys() >= LIMIT_HEADERS for answer in answers)
    assert len({uuid.UUID(answer.headers["request-id"]) for answer in answers}) == len(answers)


async def test_creating_answers_201_deleting_204_but_tokens_200_and_starting_200(
    stage: Stage, partner: Program
) -> None:
    token = {"teamId": stage.ours.team_id, "identifier": "0011223344556677889A", "type": "rfid"}
    made = await partner.post("/charge-auth-tokens", token, 201)
    answer = await partner.http.delete(f"/charge-auth-tokens/{made['id']}")
    assert (answer.status_code, answer.content) == (200, b"")
    await stage.in_contact(stage.ours)
    await partner.post("/charges", start_body(stage.ours), 200)


async def test_ids_that_are_no_numbers_are_400_and_unknown_ones_404(partner: Program) -> None:
    for path in (
        "/charges/{}",
        "/charge-points/{}",
        "/sites/{}",
        "/teams/{}",
        "/charge-auth-tokens/{}",
        "/countries/{}",
    ):
        for bad in ("abc", "1.0", "-1", "0x1", "1e3", "9" * 30, "%00", "٣"):
            refused = await partner.get(path.format(bad), 400)
            assert refused["errorCode"] == "BAD_REQUEST"
        for unknown in (0, 999_999_999, 2**63 - 1):
            missing = await partner.get(path.format(unknown), 404)
            assert (missing["status"], missing["errorCode"]) == ("NOT_FOUND", "RESOURCE_NOT_FOUND")


async def test_unknown_paths_and_other_methods_answer_in_the_same_shape(partner: Program) -> None:
    missing = await partner.http.get("/nothing/here")
    assert (missing.status_code, missing.json()["errorCode"]) == (404, "RESOURCE_NOT_FOUND")
    wrong = await partner.http.put("/charges", json={})
    assert (wrong.status_code, wrong.json()["status"]) == (405, "METHOD_NOT_ALLOWED")
    assert missing.json().keys() == wrong.json().keys()
    assert missing.headers["ratelimit-policy"] == wrong.headers["ratelimit-policy"] == "Fair-Use"
    assert set(wrong.headers["allow"].split(", ")) >= {"GET", "POST"}
    assert uuid.UUID(missing.headers["request-id"]) != uuid.UUID(wrong.headers["request-id"])


BAD_BODIES: list[tuple[Any, str, str]] = [
    ({"payingTeamId": "4"}, "payingTeamId", "must be a whole number, not text."),
    ({"payingTeamId": 4}, "chargePointId", "is missing."),
    ({"payingTeamId": 4.5, "chargePointId": 1}, "payingTeamId", "must be a whole number"),
    ({"payingTeamId": None, "chargePointId": 1}, "payingTeamId", "must be a whole number, not null."),
    ({"payingTeamId": 0, "chargePointId": 1}, "payingTeamId", "must be at least 1."),
    ({"payingTeamId": 2**64, "chargePointId": 1}, "payingTeamId", "must be"),
    ({"payingTeamId": 4, "chargePointId": 1, "kwhLimit": 0.5}, "kwhLimit", "must be at least 1"),
    ({"payingTeamId": 4, "chargePointId": 1, "kwhLimit": 501}, "kwhLimit", "must be at most 500"),
    ({"payingTeamId": 4, "chargePointId": 1, "socLimit": 101}, "socLimit", "must be at most 100"),
    ({"payingTeamId": 4, "chargePointId": 1, "priceLimit": 0}, "priceLimit", "must be at least 1"),
    ({"payingTeamId": 4, "chargePointId": 1, "priceGroupId": 0}, "priceGroupId", "must be at least 1"),
    ({"payingTeamId": 4, "chargePointId": 1, "reserveCharge": "yes"}, "reserveCharge", "must be true or false"),
    (
        {"payingTeamId": 4, "chargePointId": 1, "genericPaymentSession": {"provider": "x"}},
        "genericPaymentSession.externalId",
        "is missing.",
    ),
    ([], "body", "must be an object, not a list."),
    ("text", "body", "must be an object, not text."),
    (None, "body", "is empty, but must be JSON."),
]


@pytest.mark.parametrize(("body", "field", "problem"), BAD_BODIES)
async def test_a_wrong_type_is_named_in_plain_words(partner: Program, body: Any, field: str, problem: str) -> None:
    answer = await partner.http.post("/charges", json=body)
    refused = answer.json()
    assert (answer.status_code, refused["status"]) == (400, "BAD_REQUEST")
    assert refused["context"] == {"field": field}
    assert refused["message"].startswith(f"{field}: {problem}".rstrip(".")), refused["message"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"  ", b"{", b"{'a':1}", b'{"a":NaN}', b'{"a":Infinity}', b"\xff\xfe", b'{"a":"\xff"}', b'{"a":"\\ud800"}',
     b"[" * 100_000, b'{"a":' * 50_000, b"\x00", b'{"payingTeamId":1,"chargePointId":1'],
)  # fmt: skip
async def test_what_is_not_json_is_said_to_be_so(partner: Program, raw: bytes) -> None:
    answer = await partner.http.post("/charges", content=raw, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["errorCode"] == "BAD_REQUEST"


async def test_texts_that_cannot_be_stored_are_refused_not_lost(stage: Stage, partner: Program) -> None:
    site = f"/sites/{stage.ours.site_id}"
    for body in ({"name": "a\x00b"}, {"partnerCustomPayload": {"a": "\x00"}}, {"partnerExternalId": "\x00"}):
        assert (await partner.patch(site, body, 400))["errorCode"] == "BAD_REQUEST"
    for name in ("Ærø 🚗", "'; drop table site; --", '"><script>', "\u202e", "\\u0000"):
        assert (await partner.patch(site, {"name": name}))["name"] == name


async def test_a_body_beyond_every_measure_is_refused_before_it_is_read(partner: Program) -> None:
    async def endless() -> Any:
        for _ in range(1000):
            yield b" " * 65536

    told = await partner.http.post("/charges", content=b" " * (300 * 1024))
    untold = await partner.http.post("/charges", content=endless())
    for answer in (told, untold):
        assert (answer.status_code, answer.json()["errorCode"]) == (413, "PAYLOAD_TOO_LARGE")


async def test_partners_payloads_come_back_as_they_were(stage: Stage, partner: Program) -> None:
    site = f"/sites/{stage.ours.site_id}"
    payloads: list[Any] = [[{"a": 1}, {"b": [None, 1.5, True]}], {"deep": {"er": {}}}, "text", 7, 1.25, False, []]
    for payload in payloads:
        assert (await partner.patch(site, {"partnerCustomPayload": payload}))["partnerCustomPayload"] == payload
        assert (await partner.get(site))["partnerCustomPayload"] == payload


async def test_one_answer_for_many_requests_at_once(stage: Stage, partner: Program) -> None:
    answers = await asyncio.gather(*(partner.http.get(f"/sites/{stage.ours.site_id}") for _ in range(40)))
    assert {answer.status_code for answer in answers} == {200}
    left = sorted(int(answer.headers["ratelimit-remaining"]) for answer in answers)
    assert left == list(range(960, 1000))


async def test_limits_are_told_on_every_answer_and_kept(stage: Stage) -> None:
    program = await stage.program(rate_limit=3, rate_limit_interval_seconds=60)
    answers: list[httpx.Response] = []
    for _ in range(4):
        answers.append(await program.http.get("/sites"))
        stage.clock.after(seconds=6)
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert [answer.headers["ratelimit-resetsin"] for answer in answers] == ["60", "54", "48", "42"]
    assert answers[0].headers["ratelimit-policy"] == "Quota"
    assert (answers[0].headers["ratelimit-quota"], answers[0].headers["ratelimit-timewindow"]) == ("3", "60")
    assert answers[3].headers["retry-after"] == "42"
    assert answers[3].json()["errorCode"] == "TOO_MANY_REQUESTS"
    assert answers[3].json()["status"] == "TOO_MANY_REQUESTS"
    stage.clock.after(seconds=36)
    assert (await program.http.get("/sites")).status_code == 200


async def test_strangers_have_a_limit_too(stage: Stage, partner: Program) -> None:
    headers = {"authorization": "Bearer x"}
    answers = [(await partner.http.get("/sites", headers=headers)).status_code for _ in range(1000)]
    assert (answers[0], answers[-1]) == (401, 429)
    # Whoever has a token is not held back by them.
    assert (await partner.http.get("/sites")).status_code == 200
    assert stage.clock() == NOON


async def test_two_processes_keep_one_limit(stage: Stage) -> None:
    program = await stage.program(rate_limit=100)
    token = program.http.headers["authorization"]
    ours, other = RateLimits(), RateLimits()
    key = await Credentials().of(token, database=stage.database, pepper=PEPPER, now=stage.clock())
    for _ in range(30):
        await ours.count(key, database=stage.database, now=stage.clock())
        await other.count(key, database=stage.database, now=stage.clock())
    stage.clock.after(seconds=5)
    await ours.count(key, database=stage.database, now=stage.clock())
    quota = await other.count(key, database=stage.database, now=stage.clock())
    assert (quota.used, quota.resets_in_seconds) == (61, 595)
    stage.clock.after(seconds=5)
    assert (await ours.count(key, database=stage.database, now=stage.clock())).used == 62
