"""Lists: pages from 0, every filter of charges, bounds, and what lies past the end."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.doors.partner_api.story import NOON, Program, Stage, Tenant

DAY = timedelta(days=1)


async def past_charge(stage: Stage, tenant: Tenant, *, created_at: datetime, **columns: Any) -> int:
    """Write a charge that is over, past every verb, so that a story can begin long ago."""
    row: dict[str, Any] = {
        "operator_id": tenant.viewer.operator_id, "team_id": tenant.team_id, "site_id": tenant.site_id,
        "connector_id": tenant.charge_point_id, "charge_point_id": tenant.box.id, "connector_number": 1,
        "human_readable_id": stage.chance.human_id(), "state": "completed", "type": "operator",
        "start_source": "server-api", "paying_team_id": tenant.team_id,
        "paying_operator_id": tenant.viewer.operator_id, "id_tag": stage.chance.tag(), "currency": "dkk",
        "created_at": created_at, "updated_at": created_at, "completed_at": created_at,
    }  # fmt: skip
    row |= columns
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    async with stage.database.begin() as tx:
        charge_id: int = await tx.fetchval(
            f"insert into charge ({', '.join(row)}) values ({places}) returning id", *row.values()
        )
    return charge_id


async def found(partner: Program, **query: Any) -> list[int]:
    """List the ids a filter finds, in the order of the answer."""
    return [charge["id"] for charge in (await partner.get("/charges", perPage=100, **query))["data"]]


async def test_pages_count_from_0_and_one_past_the_end_is_empty(stage: Stage, partner: Program) -> None:
    charges = [await past_charge(stage, stage.ours, created_at=NOON - DAY * day) for day in range(25)]
    first = await partner.get("/charges")
    assert first["meta"] == {
        "itemCount": 10, "currentPage": 0, "perPage": 10, "totalPageCount": 3, "totalItemCount": 25
    }  # fmt: skip
    assert [charge["id"] for charge in first["data"]] == charges[:10]
    second = await partner.get("/charges", page=1)
    assert [charge["id"] for charge in second["data"]] == charges[10:20]
    last = await partner.get("/charges", page=2)
    assert (last["meta"]["itemCount"], len(last["data"])) == (5, 5)
    past = await partner.get("/charges", page=3)
    assert past == {
        "data": [],
        "meta": {"itemCount": 0, "currentPage": 3, "perPage": 10, "totalPageCount": 3, "totalItemCount": 25},
    }


async def test_every_list_answers_a_page_past_the_end(partner: Program) -> None:
    for path in (
        "/charges", "/charge-points", "/charge-auth-tokens", "/sites", "/teams", "/webhooks/entries",
        "/charge-point-brands", "/charge-point-models", "/charge-point-connectors", "/currencies",
    ):  # fmt: skip
        past = await partner.get(path, page=1000, perPage=100)
        assert (past["data"], past["meta"]["currentPage"]) == ([], 1000), path


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"page": -1}, "page"),
        ({"page": "x"}, "page"),
        ({"perPage": 0}, "perPage"),
        ({"perPage": 101}, "perPage"),
        ({"perPage": 10**30}, "perPage"),
        ({"teamId": "abc"}, "teamId"),
        ({"chargePointId": "1.5"}, "chargePointId"),
        ({"siteId": ""}, "siteId"),
        ({"operatorId": 2**63}, "operatorId"),
        ({"state": "flying"}, "state"),
        ({"fromDate": "2024-01-01"}, "fromDate"),
        ({"fromDate": "2024-01-01T00:00:00"}, "fromDate"),
        ({"toDate": "yesterday"}, "toDate"),
        ({"operatorRole": "driver"}, "operatorRole"),
        ({"chargeAuthType": "rfid"}, "chargeAuthId"),
        ({"chargeAuthId": "04A2"}, "chargeAuthId"),
        ({"chargeAuthType": "card", "chargeAuthId": "1"}, "chargeAuthType"),
    ],
)
async def test_a_filter_that_cannot_be_meant_is_named(partner: Program, query: dict[str, Any], field: str) -> None:
    refused = await partner.get("/charges", 400, **query)
    assert (refused["status"], refused["errorCode"]) == ("BAD_REQUEST", "BAD_REQUEST")
    assert refused["context"] == {"field": field}
    assert refused["message"].startswith(f"{field}: ") or field in refused["message"]


async def test_dates_are_closed_below_open_above_and_may_have_milliseconds(stage: Stage, partner: Program) -> None:
    old, new = [await past_charge(stage, stage.ours, created_at=NOON - DAY * age) for age in (2, 1)]
    assert await found(partner, fromDate="2026-11-19T12:00:00Z") == [new]
    assert await found(partner, fromDate="2026-11-19T12:00:00.001Z") == []
    assert await found(partner, toDate="2026-11-19T12:00:00.000Z") == [old]
    assert await found(partner, fromDate="2026-11-18T13:00:00+01:00", toDate="2026-11-19T12:00:00Z") == [old]


async def test_dates_of_updates_and_of_completion(stage: Stage, partner: Program) -> None:
    await past_charge(stage, stage.ours, created_at=NOON - DAY * 9)
    late = await past_charge(stage, stage.ours, created_at=NOON - DAY * 9, updated_at=NOON, completed_at=NOON - DAY)
    assert await found(partner, fromUpdatedDate="2026-11-20T12:00:00Z") == [late]
    assert await found(partner, fromCompletedDate="2026-11-19T12:00:00Z") == [late]
    assert await found(partner, fromCompletedDate="2026-11-12T00:00:00Z", toCompletedDate="2026-11-19T12:00:00Z") == []


async def test_a_charge_that_took_energy_counts_as_updated(stage: Stage, partner: Program) -> None:
    before: dict[str, Any] = {"created_at": NOON - DAY, "updated_at": NOON - DAY, "reading_at": NOON}
    running = await past_charge(stage, stage.ours, **before, completed_at=None, state="charging")
    await past_charge(stage, stage.ours, **before)
    assert await found(partner, fromUpdatedDate="2026-11-20T12:00:00Z") == [running]
    assert (await partner.get(f"/charges/{running}"))["updatedAt"] == "2026-11-20T12:00:00Z"


async def test_several_states_at_once_and_why_a_charge_pauses(stage: Stage, partner: Program) -> None:
    running: dict[str, Any] = {"completed_at": None, "created_at": NOON}
    charging = await past_charge(stage, stage.ours, **running, state="charging")
    by_car = await past_charge(stage, stage.ours, **running, state="paused", raw_state="suspended_ev")
    by_box = await past_charge(stage, stage.ours, **running, state="paused", raw_state="suspended_evse")
    done = await past_charge(stage, stage.ours, created_at=NOON)
    assert await found(partner, state="charging") == [charging]
    assert await found(partner, state="charging,completed") == [done, charging]
    assert await found(partner, state="paused, charging") == [by_box, by_car, charging]
    assert await found(partner, state="suspended_ev") == [by_car]
    assert await found(partner, state="suspended_evse,charging") == [by_box, charging]


async def test_by_charge_point_site_team_and_operator(stage: Stage, partner: Program) -> None:
    first = await past_charge(stage, stage.ours, created_at=NOON)
    second = await past_charge(
        stage, stage.ours, created_at=NOON, connector_id=stage.ours.box.connector_ids[1], site_id=None
    )
    await past_charge(stage, stage.theirs, created_at=NOON)
    assert await found(partner, chargePointId=stage.ours.box.connector_ids[1]) == [second]
    assert await found(partner, siteId=stage.ours.site_id) == [first]
    assert await found(partner, teamId=stage.ours.team_id) == [second, first]
    assert await found(partner, operatorId=stage.ours.viewer.operator_id) == [second, first]
    assert await found(partner, operatorId=stage.theirs.viewer.operator_id) == []
    assert await found(partner, teamId=stage.theirs.team_id) == []


async def test_what_authorised_it_with_or_without_the_prefix(stage: Stage, partner: Program) -> None:
    card = await past_charge(stage, stage.ours, created_at=NOON, auth_type="rfid", auth_id="04A2B3C4")
    car = await past_charge(stage, stage.ours, created_at=NOON, auth_type="vehicleId", auth_id="AABBCCDDEEFF")
    assert await found(partner, chargeAuthType="rfid", chargeAuthId="04A2B3C4") == [card]
    assert await found(partner, chargeAuthType="vehicleId", chargeAuthId="AABBCCDDEEFF") == [car]
    assert await found(partner, chargeAuthType="vehicleId", chargeAuthId="VID:AABBCCDDEEFF") == [car]
    assert await found(partner, chargeAuthType="rfid", chargeAuthId="AABBCCDDEEFF") == []


async def test_the_payer_sees_what_it_pays_at_foreign_charge_points(stage: Stage, partner: Program) -> None:
    paid = await past_charge(
        stage, stage.theirs, created_at=NOON,
        paying_team_id=stage.ours.team_id, paying_operator_id=stage.ours.viewer.operator_id,
    )  # fmt: skip
    assert await found(partner) == []
    assert await found(partner, operatorRole="payer") == [paid]
    assert await found(partner, operatorRole="payer", teamId=stage.ours.team_id) == [paid]
    assert (await partner.get(f"/charges/{paid}"))["operator"]["identifier"] == "nabolys"
    owner = await stage.program(of=stage.theirs)
    assert await found(owner, operatorRole="owner") == [paid]
    assert await found(owner, operatorRole="payer") == []


async def test_no_more_than_20000_charges_are_counted_and_shown(stage: Stage, partner: Program) -> None:
    await stage.run(
        """insert into charge (operator_id, team_id, connector_id, human_readable_id, state, type, start_source, id_tag,
             currency, created_at, updated_at, completed_at)
           select $1, $2, $3, 'H' || n, 'completed', 'operator', 'server-api', 'T' || n, 'dkk',
             $4::timestamptz - n * interval '1 second', $4, $4
           from generate_series(1, 20100) as n""",
        stage.ours.viewer.operator_id, stage.ours.team_id, stage.ours.charge_point_id, NOON,
    )  # fmt: skip
    last = await partner.get("/charges", page=199, perPage=100)
    assert (last["meta"]["totalItemCount"], last["meta"]["totalPageCount"], len(last["data"])) == (20_000, 200, 100)
    past = await partner.get("/charges", page=200, perPage=100)
    assert past["data"] == []
