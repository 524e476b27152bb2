"""A program gets tokens, is told who it is, and is turned away without them."""

from datetime import datetime

import pytest

from tests.doors.partner_api.story import NOON, Program, Stage
from wattline.domain.refusals import Invalid
from wattline.operations.api_keys import revoke_api_key


async def test_a_key_gets_an_hour_of_access_and_a_day_to_come_back(partner: Program) -> None:
    answer = await partner.log_in()
    token = answer.json()
    assert answer.status_code == 200
    assert token.keys() == {
        "accessToken", "refreshToken", "accessTokenExpirationDate", "refreshTokenExpirationDate"
    }  # fmt: skip
    assert (datetime.fromisoformat(token["accessTokenExpirationDate"]) - NOON).total_seconds() == 3600
    assert (datetime.fromisoformat(token["refreshTokenExpirationDate"]) - NOON).total_seconds() == 24 * 3600
    assert token["accessTokenExpirationDate"].endswith("Z")


async def test_extra_keys_in_the_body_are_ignored(partner: Program) -> None:
    body = {"clientId": partner.client_id, "clientSecret": partner.client_secret, "grantType": "client_credentials"}
    await partner.post("/auth/token", body)


async def test_a_wrong_secret_and_an_unknown_id_read_the_same(partner: Program) -> None:
    wrong = await partner.post("/auth/token", {"clientId": partner.client_id, "clientSecret": "x"}, 401)
    unknown = await partner.post("/auth/token", {"clientId": "x", "clientSecret": partner.client_secret}, 401)
    assert wrong == unknown
    assert (wrong["status"], wrong["errorCode"]) == ("UNAUTHORIZED", "CONSUMER_NOT_FOUND")


async def test_refreshing_gives_a_new_pair_and_spends_the_old_one(partner: Program) -> None:
    first = (await partner.log_in()).json()
    second = await partner.post("/auth/refresh", {"refreshToken": first["refreshToken"]})
    assert second["accessToken"] != first["accessToken"]
    assert second["refreshToken"] != first["refreshToken"]
    spent = await partner.post("/auth/refresh", {"refreshToken": first["refreshToken"]}, 401)
    assert spent["errorCode"] == "INVALID_ACCESS_TOKEN"
    partner.http.headers["authorization"] = f"bearer {second['accessToken']}"
    await partner.get("/consumers/me")


async def test_an_access_token_is_no_refresh_token_and_the_other_way_round(partner: Program) -> None:
    token = (await partner.log_in()).json()
    await partner.post("/auth/refresh", {"refreshToken": token["accessToken"]}, 401)
    partner.http.headers["authorization"] = f"Bearer {token['refreshToken']}"
    await partner.get("/consumers/me", 401)


async def test_access_ends_after_an_hour_and_coming_back_after_a_day(stage: Stage, partner: Program) -> None:
    token = (await partner.log_in()).json()
    stage.clock.after(minutes=59, seconds=59)
    await partner.get("/consumers/me")
    stage.clock.after(seconds=1)
    late = await partner.get("/consumers/me", 401)
    assert (late["status"], late["errorCode"]) == ("UNAUTHORIZED", "INVALID_ACCESS_TOKEN")
    stage.clock.after(hours=23)
    await partner.post("/auth/refresh", {"refreshToken": token["refreshToken"]}, 401)


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer x", "Basic eDp5", "x" * 5000])
async def test_without_a_good_token_nothing_is_told(partner: Program, header: str | None) -> None:
    del partner.http.headers["authorization"]
    headers = {} if header is None else {"authorization": header}
    answer = await partner.http.get("/charges", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["errorCode"] == "INVALID_ACCESS_TOKEN"
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_revoked_key_is_out_a_second_later(stage: Stage, partner: Program) -> None:
    await partner.get("/consumers/me")
    await revoke_api_key(stage.database, partner.api_key_id, asked_by=stage.ours.viewer, now=stage.clock())
    stage.clock.after(seconds=1)
    await partner.get("/consumers/me", 401)
    await partner.post("/auth/token", {"clientId": partner.client_id, "clientSecret": partner.client_secret}, 401)


async def test_a_program_is_told_who_it_is_by_both_names(stage: Stage) -> None:
    program = await stage.program(
        "charge-point:read", "control-charging:write", team_ids=[stage.ours.team_id], rate_limit=5000
    )
    me = await program.get("/consumers/me")
    assert me == await program.get("/auth/me")
    assert me == {
        "name": "Terminal maker",
        "operatorId": stage.ours.viewer.operator_id,
        "operatorIds": [],
        "teamIds": [stage.ours.team_id],
        "clientId": program.client_id,
        "rateLimit": 5000,
        "rateLimitIntervalInSeconds": 600,
        "scopes": ["charge-points:read", "control-charging:write"],
        "createdAt": "2026-11-20T12:00:00Z",
        "updatedAt": "2026-11-20T12:00:00Z",
    }


async def test_an_unknown_scope_is_refused_with_the_list_of_known_ones(stage: Stage) -> None:
    with pytest.raises(Invalid, match=r"'charge-point:fly' is not a scope.*charge-points.*wallet-transactions"):
        await stage.program("charge-point:fly")
    with pytest.raises(Invalid, match="'wallets:read' is not a scope"):
        await stage.program("wallets:read")
