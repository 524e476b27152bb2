"""Charge points, what they are bound to, and the logs they leave."""

from typing import Any

from tests.doors.partner_api.samples import ADDRESS
from tests.doors.partner_api.story import DENMARK, EMULATOR_AC, GERMANY, Program, Stage
from wattline.domain.log_lines import LogLine
from wattline.operations import logs
from wattline.operations.reference_data import UNTRIED

EMULATOR_DC = 2


def new_charge_point(stage: Stage, **more: Any) -> dict[str, Any]:
    """Write a complete body."""
    return {
        "teamId": stage.ours.team_id, "siteId": stage.ours.site_id, "chargePointModelId": EMULATOR_AC,
        "name": "Garage", "maxKw": 11, "visibility": "public", "type": "ac", **more,
    }  # fmt: skip


async def test_a_new_charge_point_is_passive_until_hardware_is_bound_to_it(stage: Stage, partner: Program) -> None:
    made = await partner.post("/charge-points", new_charge_point(stage, note="Behind the gate"), 201)
    assert (made["state"], made["integrationType"], made["serialNumber"]) == ("passive", None, None)
    assert (made["maxKw"], made["maxKW"], made["type"], made["isActive"]) == (11.0, 11.0, "ac", True)
    assert made["evseId"] == f"DK*HAV*E{made['id']}"
    assert made["connectors"] == [{"id": 2, "identifier": "type2", "name": "Type 2"}]
    assert made["location"]["address"] == {
        "address1": "Havnegade 1", "address2": None, "address3": None, "zip": "8000", "city": "Aarhus",
        "province": None, "country": "Denmark", "countryAreaId": None,
    }  # fmt: skip
    assert made["location"]["coordinates"] == {"latitude": 56.15, "longitude": 10.21}
    assert made["deeplinks"]["web"] == f"http://localhost:8400/c/{made['id']}"
    bound = await partner.put("/charge-point-integrations", binding(made["id"], "WL-9", connectorId=2))
    assert (bound["state"], bound["chargePointIdentity"], bound["connectorId"]) == ("pending", "WL-9", 2)
    assert bound["integrationTypeIdentifier"] == "ocpp"
    seen = await partner.get(f"/charge-points/{made['id']}")
    assert (seen["state"], seen["integrationType"], seen["serialNumber"]) == ("disconnected", "ocpp", "WL-9")
    assert bound["chargePoint"] == seen


def binding(charge_point_id: int, serial_number: str, **more: Any) -> dict[str, Any]:
    """Write an integration's body."""
    return {
        "chargePointId": charge_point_id, "chargePointModelId": EMULATOR_AC, "serialNumber": serial_number, **more
    }  # fmt: skip


async def test_the_evse_id_names_the_country_the_charge_point_stands_in(stage: Stage, partner: Program) -> None:
    site = {
        "teamId": stage.ours.team_id, "name": "Flensburg", "visibility": "public",
        "address": ADDRESS | {"countryId": GERMANY},
    }  # fmt: skip
    there = await partner.post("/sites", site, 201)
    made = await partner.post("/charge-points", new_charge_point(stage, siteId=there["id"]), 201)
    assert made["evseId"] == f"DE*HAV*E{made['id']}"


async def test_a_null_clears_what_may_be_cleared_and_leaves_the_rest(stage: Stage, partner: Program) -> None:
    full = new_charge_point(stage, note="n", partnerExternalId="p", partnerCustomPayload={"a": 1}, connectorIds=[2, 6])
    made = await partner.post("/charge-points", full, 201)
    path = f"/charge-points/{made['id']}"
    assert [plug["identifier"] for plug in made["connectors"]] == ["type2", "schuko"]
    untouched = await partner.patch(path, {"meterId": "M1"})
    assert (untouched["note"], untouched["partnerExternalId"], untouched["meterId"]) == ("n", "p", "M1")
    cleared = await partner.patch(
        path,
        {"note": None, "partnerExternalId": None, "partnerCustomPayload": None, "connectorIds": None, "name": None,
         "siteId": None, "maxKw": None, "visibility": None, "type": None, "active": None, "showOnMap": None,
         "meterId": None, "roaming": None, "roamingPriceGroupId": None},
    )  # fmt: skip
    assert (cleared["note"], cleared["partnerExternalId"], cleared["partnerCustomPayload"]) == (None, None, None)
    assert [plug["identifier"] for plug in cleared["connectors"]] == ["type2"]
    same = ("name", "siteId", "maxKw", "visibility", "type", "isActive", "showOnMap", "roaming")
    assert {name: cleared[name] for name in same} == {name: made[name] for name in same}


async def test_everything_that_can_change_changes(stage: Stage, partner: Program) -> None:
    path = f"/charge-points/{stage.ours.charge_point_id}"
    changes = {
        "name": "Left", "maxKw": 7.4, "visibility": "public", "type": "dc", "active": False, "showOnMap": False,
        "connectorIds": [3], "note": "n", "partnerExternalId": "p", "partnerCustomPayload": {"k": "v"},
        "meterId": "M", "roaming": True,
    }  # fmt: skip
    changed = await partner.patch(path, changes)
    assert {name: changed[name] for name in changes if name in changed} == {
        name: value for name, value in changes.items() if name in changed
    }
    assert (changed["isActive"], changed["activeAt"]) == (False, None)
    assert changed["connectors"] == [{"id": 3, "identifier": "ccs", "name": "CCS"}]
    again = await partner.patch(path, {"active": True})
    assert (again["isActive"], again["activeAt"]) == (True, "2026-11-20T12:00:00Z")


async def test_bodies_that_name_what_is_not_there(stage: Stage, partner: Program) -> None:
    for more, missing in (
        ({"teamId": stage.theirs.team_id}, "team"), ({"siteId": stage.theirs.site_id}, "site"),
        ({"chargePointModelId": 9999}, "charge point model"),
    ):  # fmt: skip
        refused = await partner.post("/charge-points", new_charge_point(stage, **more), 404)
        assert missing in refused["message"]
    plug = await partner.post("/charge-points", new_charge_point(stage, connectorIds=[999]), 400)
    assert plug["context"] == {"field": "connectorIds"}
    long = await partner.post("/charge-points", new_charge_point(stage, partnerCustomPayload="x" * 1001), 400)
    assert long["context"] == {"field": "partnerCustomPayload"}


async def test_finding_charge_points(stage: Stage, partner: Program) -> None:
    first, second = stage.ours.box.connector_ids
    await partner.patch(f"/charge-points/{second}", {"partnerExternalId": "p"})
    assert await found(partner) == [first, second]
    assert await found(partner, partnerExternalId="p") == [second]
    assert await found(partner, partnerExternalId="") == [first]
    assert await found(partner, siteId=stage.ours.site_id, teamId=stage.ours.team_id) == [first, second]
    assert await found(partner, state="disconnected") == [first, second]
    assert await found(partner, state="available") == []
    assert await found(partner, boundingBox="56.0,10.0,57.0,11.0") == [first, second]
    assert await found(partner, boundingBox="50.0,10.0,51.0,11.0") == []
    assert await found(partner, fromUpdatedDate="2026-11-20T12:00:01Z") == []
    assert await found(partner, includePublic="true") == [first, second]
    await stage.run("update connector set latitude = 56.2, longitude = 10.3 where id = $1", second)
    assert await found(partner, sortByLocation="56.21,10.31") == [second, first]
    assert await found(partner, sortByLocation="56.10,10.2") == [first, second]
    for bad in ("56,10.2", "56.1", "a,b", "91.0,10.0", "56.1,10.2,3.0"):
        assert (await partner.get("/charge-points", 400, sortByLocation=bad))["context"] == {"field": "sortByLocation"}
    assert (await partner.get("/charge-points", 400, state="asleep"))["context"] == {"field": "state"}


async def found(partner: Program, **query: Any) -> list[int]:
    return [one["id"] for one in (await partner.get("/charge-points", **query))["data"]]


async def test_deleting_takes_the_box_with_its_last_socket(stage: Stage, partner: Program) -> None:
    first, second = stage.ours.box.connector_ids
    await partner.delete(f"/charge-points/{first}")
    await partner.get(f"/charge-points/{first}", 404)
    assert await found(partner) == [second]
    deleted = (await partner.get("/charge-points", includeDeleted="true"))["data"][0]
    assert (deleted["id"], deleted["deletedAt"]) == (first, "2026-11-20T12:00:00Z")
    await partner.delete(f"/charge-points/{second}")
    made = await partner.post("/charge-points", new_charge_point(stage), 201)
    await partner.put("/charge-point-integrations", binding(made["id"], "WL-1"))


async def test_a_charge_point_in_use_is_not_deleted(stage: Stage, partner: Program) -> None:
    await stage.in_contact(stage.ours)
    await stage.charge(stage.ours)
    refused = await call_delete(partner, f"/charge-points/{stage.ours.charge_point_id}")
    assert refused["errorCode"] == "CHARGE_POINT_BUSY"


async def call_delete(partner: Program, path: str) -> Any:
    return await partner.call("DELETE", path, 400)


async def test_switching_between_testing_use_and_maintenance(stage: Stage, partner: Program) -> None:
    path = f"/charge-points/{stage.ours.charge_point_id}"
    await partner.post(f"{path}/deactivate", status=204)
    assert (await partner.get(path))["isActive"] is False
    await partner.post(f"{path}/activate", status=204)
    assert (await partner.get(path))["isActive"] is True
    await partner.post(f"{path}/maintenance-on", status=204)
    assert (await partner.get(path))["state"] == "maintenance"
    await partner.post(f"{path}/maintenance-off", status=204)
    assert (await partner.get(path))["state"] == "disconnected"


async def test_an_identity_belongs_to_one_team_and_a_socket_to_one_charge_point(stage: Stage, partner: Program) -> None:
    made = await partner.post("/charge-points", new_charge_point(stage), 201)
    foreign = await partner.put("/charge-point-integrations", binding(made["id"], "wl-2 "), 400)
    assert foreign["message"] == "This serial number is in use by another team."
    taken = await partner.put("/charge-point-integrations", binding(made["id"], "WL-1"), 400)
    assert (taken["errorCode"], str(stage.ours.charge_point_id) in taken["message"]) == ("ALREADY_IN_USE", True)
    free = await partner.put("/charge-point-integrations", binding(made["id"], "wl-1", connectorId=3))
    assert free["chargePointIdentity"] == "WL-1"
    for bad in ("", " ", "a?b", "a" * 49, "a\x01"):
        refused = await partner.put("/charge-point-integrations", binding(made["id"], bad), 400)
        assert refused["context"] == {"field": "serialNumber"}


async def test_integrations_are_kept_when_they_end(stage: Stage, partner: Program) -> None:
    first = stage.ours.charge_point_id
    (current,) = (await partner.get("/charge-point-integrations", chargePointId=first))["data"]
    assert (await partner.get(f"/charge-point-integrations/{current['id']}"))["serialNumber"] == "WL-1"
    same = await partner.put("/charge-point-integrations", binding(first, "WL-1", connectorId=1))
    assert same["id"] == current["id"]
    moved = await partner.put("/charge-point-integrations", binding(first, "WL-77"))
    assert moved["id"] != current["id"]
    await partner.get(f"/charge-point-integrations/{current['id']}", 404)
    await partner.delete(f"/charge-point-integrations/{moved['id']}")
    assert (await partner.get(f"/charge-points/{first}"))["state"] == "passive"
    assert (await partner.get("/charge-point-integrations", chargePointId=first))["data"] == []
    kept = await partner.get("/charge-point-integrations", chargePointId=first, includeDeleted="true")
    assert [one["id"] for one in kept["data"]] == [moved["id"], current["id"]]
    missing = await partner.get("/charge-point-integrations", 400)
    assert missing["context"] == {"field": "chargePointId"}


async def test_brands_models_and_plugs_are_there_to_choose_from(partner: Program) -> None:
    brands = await partner.get("/charge-point-brands", search="ZAP")
    (brand,) = brands["data"]
    assert (brand["identifier"], await partner.get(f"/charge-point-brands/{brand['id']}")) == ("zaptec", brand)
    models = await partner.get("/charge-point-models", brandId=brand["id"])
    assert {model["brand"]["name"] for model in models["data"]} == {"Zaptec"}
    model = models["data"][0]
    assert await partner.get(f"/charge-point-models/{model['id']}") == model
    assert {feature["key"] for feature in model["features"]} >= {"release-detection", "load-management"}
    # Nobody has tried it here, so nothing is promised.
    assert {(feature["enabled"], feature["requirements"]) for feature in model["features"]} == {(False, UNTRIED)}
    assert [one["name"] for one in (await partner.get("/charge-point-models", search="zaptec pro"))["data"]] == ["Pro"]
    assert (await partner.get("/charge-point-brands"))["meta"]["totalItemCount"] >= 25
    assert (await partner.get("/charge-point-models"))["meta"]["totalItemCount"] >= 40
    plugs = {one["identifier"] for one in (await partner.get("/charge-point-connectors", perPage=100))["data"]}
    assert plugs >= {"type1", "type2", "ccs", "ccs1", "chademo", "schuko", "nacs"}
    assert (await partner.get("/charge-point-connectors/2"))["name"] == "Type 2"


async def test_countries_areas_and_currencies_keep_their_ids(partner: Program) -> None:
    countries = await partner.get("/countries")
    assert countries["meta"]["totalItemCount"] == len(countries["data"]) == 249
    assert (await partner.get(f"/countries/{GERMANY}"))["alpha2Code"] == "DE"
    assert (await partner.get(f"/countries/{DENMARK}"))["alpha2Code"] == "DK"
    areas = await partner.get("/country-areas", countryId=DENMARK)
    assert [(one["name"], one["level"]) for one in areas["data"]] == [("DK1", "bidding-area"), ("DK2", "bidding-area")]
    assert (await partner.get(f"/country-areas/{areas['data'][0]['id']}"))["externalId"] == "10YDK-1--------W"
    (krone,) = (await partner.get("/currencies", identifier="dkk"))["data"]
    assert (krone["identifier"], krone["decimals"]) == ("DKK", 2)
    assert await partner.get(f"/currencies/{krone['id']}") == krone
    (yen,) = (await partner.get("/currencies", identifier="JPY"))["data"]
    assert yen["decimals"] == 0


async def test_logs_by_page_and_by_cursor_both_ways(stage: Stage, partner: Program) -> None:
    path = f"/charge-points/{stage.ours.charge_point_id}/logs"
    await write_lines(stage, 25)
    first = await partner.get(path)
    assert first["meta"] == {
        "paginationType": "offset", "itemCount": 10, "currentPage": 0, "perPage": 10, "totalPageCount": 3,
        "totalItemCount": 25,
    }  # fmt: skip
    assert first["data"][0]["message"] == 'StatusNotification {"number":24}'
    newest = await partner.get(path, paginationType="cursor", perPage=10)
    assert newest["meta"]["paginationType"] == "cursor"
    assert newest["meta"]["before"] is None
    assert newest["data"] == first["data"]
    older = await partner.get(path, paginationType="cursor", perPage=10, after=newest["meta"]["after"])
    oldest = await partner.get(path, paginationType="cursor", perPage=10, after=older["meta"]["after"])
    assert (len(oldest["data"]), oldest["meta"]["after"]) == (5, None)
    back = await partner.get(path, paginationType="cursor", perPage=10, before=oldest["meta"]["before"])
    assert back["data"] == older["data"]
    ids = [line["id"] for page in (newest, older, oldest) for line in page["data"]]
    assert len(set(ids)) == 25


async def test_logs_of_a_stretch_of_time_and_of_one_socket(stage: Stage, partner: Program) -> None:
    path = f"/charge-points/{stage.ours.charge_point_id}/logs"
    await write_lines(stage, 5)
    await write_lines(stage, 1, socket=2)
    between = await partner.get(path, fromDate="2026-11-20T12:01:00Z", toDate="2026-11-20T12:03:00Z")
    assert [line["timestamp"] for line in between["data"]] == ["2026-11-20T12:02:00Z", "2026-11-20T12:01:00Z"]
    other = await partner.get(f"/charge-points/{stage.ours.box.connector_ids[1]}/logs")
    assert other["meta"]["totalItemCount"] == 1
    assert (await partner.get(path, 400, page=1000, perPage=10))["context"] == {"field": "page"}
    assert (await partner.get(path, 400, perPage=101))["context"] == {"field": "perPage"}
    assert (await partner.get(path, paginationType="cursor", perPage=1000))["meta"]["perPage"] == 1000
    assert (await partner.get(path, 400, paginationType="cursor", after="x"))["context"] == {"field": "after"}


async def write_lines(stage: Stage, count: int, *, socket: int = 1) -> None:
    """Let a box report statuses, one a minute."""
    async with stage.database.begin() as tx:
        for number in range(count):
            line = LogLine(
                operator_id=stage.ours.viewer.operator_id, charge_point_id=stage.ours.box.id, kind="StatusNotification",
                at=stage.clock.now.replace(minute=number), connector_number=socket, detail={"number": number},
            )  # fmt: skip
            await logs.write(tx, [line])
