"""Every route, every scope, both tenants. Routes are taken from the app, so a new one cannot be forgotten here."""

from collections.abc import Collection, Mapping
from typing import Any

import pytest

from tests.doors.partner_api.samples import Samples, route_of, samples_of
from tests.doors.partner_api.story import Program, Stage
from wattline.domain.scopes import ENTITIES
from wattline.operations.teams import NewTeam, create_team
from wattline.partner_api.app import ROUTES
from wattline.partner_api.routing import Route

PERMISSIONS = ("read", "write", "delete")

# These are about nobody's things: the program itself, its own webhook, and what everybody may look up.
ABOUT_NOBODY = {
    "get-current-consumer", "get-auth-information", "get-webhook-config", "update-webhook-config",
    "delete-webhook-config", "get-webhook-entries", "get-signature-detail", "post-team", "post-price-group-tag",
    "get-price-group-tags", "get-operators", "post-deeplink",
} | {route.operation_id for route in ROUTES if route.group == "Reference data"}  # fmt: skip

LISTS = {"get-charges", "get-charge-points", "get-charge-auth-tokens", "get-sites", "get-teams", "get-all-tariffs"} | {
    "get-payment-terminals",
    "getTeamMembers",
    "getTeamMemberProfiles",
    "getNestedTeams",
    "get-users",
    "search-audit-log",
    "get-deeplinks",
}

# Reasons are the same for everybody; reports name no team, and test_statistics.py looks whose they are.
ABOUT_NOBODY |= {"get-report-reasons", "get-reports"}

# Tags are words of the operator, there for all its teams, and the operator itself is theirs as well.
OF_THE_OPERATOR = {
    route.operation_id for route in ROUTES if route.path.startswith(("/price-group-tags", "/operators/"))
}

# Commands wait for a box to answer; without a gateway these would wait for nothing. Their own tests have one.
TO_HARDWARE = {route.operation_id for route in ROUTES if route.group == "Hardware"}


@pytest.fixture
async def samples(stage: Stage) -> Samples:
    """Requests about our things."""
    return await samples_of(stage, stage.ours)


async def send(program: Program, route: Route, samples: Samples) -> tuple[int, str]:
    """Make a sample request; return status and error code."""
    body = samples.body(route)
    parts = {} if body is None else {"json": body}
    answer = await program.http.request(route.method, samples.path(route), params=samples.query(route), **parts)
    code = answer.json().get("errorCode", "") if answer.status_code >= 400 else ""
    return answer.status_code, code


async def test_every_route_but_the_token_calls_needs_a_token(partner: Program, samples: Samples) -> None:
    del partner.http.headers["authorization"]
    answers = {route.operation_id: await send(partner, route, samples) for route in ROUTES if not route.open}
    assert set(answers.values()) == {(401, "INVALID_ACCESS_TOKEN")}


async def test_every_other_right_there_is_does_not_open_a_route(stage: Stage, samples: Samples) -> None:
    opened = []
    for route in guarded():
        # The contract writes `tariff:read` too: singular and plural are the same right.
        own = {entity.removesuffix("s") for entity in ("all", *route.entities)}
        others = [f"{entity}:delete" for entity in ENTITIES if entity.removesuffix("s") not in own]
        program = await stage.program(*others)
        if await send(program, route, samples) != (403, "ACCESS_FORBIDDEN"):
            opened.append(route.operation_id)
    assert opened == []


async def test_the_right_entity_with_too_little_permission_does_not_open_a_route(
    stage: Stage, samples: Samples
) -> None:
    opened = []
    for route in guarded():
        lower = PERMISSIONS[: route.permission - 1]
        for permission in lower:
            program = await stage.program(f"all:{permission}", *(f"{entity}:{permission}" for entity in route.entities))
            if await send(program, route, samples) != (403, "ACCESS_FORBIDDEN"):
                opened.append((route.operation_id, permission))
    assert opened == []


@pytest.mark.parametrize("route", [pytest.param(one, id=one.operation_id) for one in ROUTES if one.scopes])
async def test_each_scope_of_a_route_is_enough_and_each_higher_permission_too(stage: Stage, route: Route) -> None:
    samples = await samples_of(stage, stage.ours)
    if route.operation_id in TO_HARDWARE:
        await stage.run("delete from lease")
    for entity in (*route.entities, "all"):
        for permission in PERMISSIONS[route.permission - 1 :]:
            program = await stage.program(f"{entity}:{permission}")
            status, code = await send(program, route, samples)
            assert status not in (401, 403, 500), (entity, permission, code)


async def test_another_operators_things_are_not_there(stage: Stage, samples: Samples) -> None:
    stranger = await stage.program("all:delete", of=stage.theirs)
    await assert_blind(stranger, samples)


async def test_another_teams_things_are_not_there_for_a_key_limited_to_one_team(stage: Stage, samples: Samples) -> None:
    other_team = await create_team(
        stage.database, NewTeam(name="Other"), asked_by=stage.ours.viewer, join_code="other", now=stage.clock()
    )
    await assert_blind(await stage.program("all:delete", team_ids=[other_team]), samples, besides=OF_THE_OPERATOR)


async def test_a_key_limited_to_a_team_sees_what_is_that_teams(stage: Stage, samples: Samples) -> None:
    program = await stage.program("all:delete", team_ids=[stage.ours.team_id])
    for operation_id in ("get-charge", "get-charge-point", "get-charge-auth-token", "get-site", "get-team"):
        assert await send(program, route_of(operation_id), samples) == (200, "")


async def test_a_main_operator_sees_its_sub_operators(stage: Stage, samples: Samples) -> None:
    await stage.run(
        "update operator set parent_operator_id = $1 where id = $2",
        stage.theirs.viewer.operator_id, stage.ours.viewer.operator_id,
    )  # fmt: skip
    main = await stage.program("all:delete", of=stage.theirs)
    assert await send(main, route_of("get-charge"), samples) == (200, "")
    everybody = {site["operator"]["identifier"] for site in (await main.get("/sites"))["data"]}
    assert everybody == {"havnelys", "nabolys"}
    only = await main.get("/sites", operatorId=stage.ours.viewer.operator_id)
    assert [site["id"] for site in only["data"]] == [stage.ours.site_id]


async def test_singular_and_plural_are_the_same_right(stage: Stage, samples: Samples) -> None:
    program = await stage.program("charge-point:read", "charge-transaction:read")
    assert await send(program, route_of("get-charge-point"), samples) == (200, "")
    assert await send(program, route_of("get-charges"), samples) == (200, "")


async def test_a_refusal_names_the_missing_scope(stage: Stage, samples: Samples) -> None:
    program = await stage.program("map:read")
    answer = await program.get(f"/charge-points/{stage.ours.charge_point_id}", 403)
    assert answer["status"] == "FORBIDDEN"
    assert answer["context"] == {"neededScope": "charge-points:read"}


def guarded() -> list[Route]:
    return [route for route in ROUTES if route.scopes]


async def test_another_operators_tags_are_not_listed(stage: Stage, samples: Samples) -> None:
    stranger = await stage.program("price-groups:read", of=stage.theirs)
    assert (await stranger.get("/price-group-tags"))["data"] == []


async def assert_blind(stranger: Program, samples: Samples, *, besides: Collection[str] = ()) -> None:
    """Nothing of the samples' tenant exists for the stranger, whatever route it tries."""
    seen = {}
    for route in ROUTES:
        if route.open or route.operation_id in {*ABOUT_NOBODY, *LISTS, *besides}:
            continue
        answer = await send(stranger, route, samples)
        if answer != (404, "RESOURCE_NOT_FOUND"):
            seen[route.operation_id] = answer
    assert seen == {}
    for operation_id in LISTS:
        listed = await stranger.get(route_of(operation_id).path, perPage=100)
        found = listed if isinstance(listed, list) else listed["data"]
        assert samples.tenant.team_id not in {team_of(one) for one in found}, operation_id


def team_of(thing: Mapping[str, Any]) -> object:
    """Tell whose a listed thing is: charges tell who pays, teams are their own."""
    if "payingTeam" in thing:
        return thing["payingTeam"]["id"]
    return thing.get("teamId", thing["id"])
