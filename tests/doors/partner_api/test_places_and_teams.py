"""Sites, teams and charge auth tokens: made, read, changed, taken away."""

from typing import Any

from tests.doors.partner_api.samples import ADDRESS
from tests.doors.partner_api.story import DENMARK, Program, Stage
from wattline.operations.users import NewUser, create_user


async def test_a_site_has_the_address_of_charge_points(stage: Stage, partner: Program) -> None:
    body = {
        "teamId": stage.ours.team_id, "name": "Harbour", "address": ADDRESS | {"countryAreaId": 1},
        "visibility": "public", "partnerExternalId": "s-1",
    }  # fmt: skip
    site = await partner.post("/sites", body, 201)
    assert site["location"]["address"] == {
        "address1": "Kajen 3", "address2": None, "address3": None, "zip": "8000", "city": "Aarhus", "province": None,
        "country": "Denmark", "countryAreaId": 1,
    }  # fmt: skip
    assert site["location"]["addressLabel"] == "Kajen 3, 8000 Aarhus, Denmark"
    assert (site["chargePointCount"], site["maxKw"], site["type"], site["connectors"]) == (0, None, None, [])
    changed = await partner.patch(f"/sites/{site['id']}", {"address": ADDRESS | {"address1": "Kajen 4"}, "name": None})
    assert (changed["location"]["address"]["address1"], changed["name"]) == ("Kajen 4", "Harbour")
    nowhere = await partner.post("/sites", body | {"address": ADDRESS | {"countryId": 9999}}, 400)
    assert nowhere["context"] == {"field": "countryId"}
    incomplete = await partner.post("/sites", body | {"address": {"city": "Aarhus"}}, 400)
    assert incomplete["context"]["field"].startswith("address.")


async def test_a_site_counts_its_charge_points(stage: Stage, partner: Program) -> None:
    await stage.run("update connector_live set state = 'available' where connector_id = $1", stage.ours.charge_point_id)
    await partner.post(f"/charge-points/{stage.ours.charge_point_id}/deactivate", status=204)
    site = await partner.get(f"/sites/{stage.ours.site_id}")
    counts = (site["chargePointCount"], site["activeChargePointCount"], site["availableChargePointCount"])
    assert counts == (2, 1, 1)
    assert (site["maxKw"], site["type"]) == (22.0, "ac")
    assert site["connectors"] == [{"id": 2, "identifier": "type2", "name": "Type 2"}]


async def test_deleting_a_site_leaves_its_charge_points(stage: Stage, partner: Program) -> None:
    await partner.delete(f"/sites/{stage.ours.site_id}")
    await partner.get(f"/sites/{stage.ours.site_id}", 404)
    assert (await partner.get("/sites"))["data"] == []
    (gone,) = (await partner.get("/sites", includeDeleted="true"))["data"]
    assert gone["deletedAt"] == "2026-11-20T12:00:00Z"
    assert (await partner.get(f"/charge-points/{stage.ours.charge_point_id}"))["siteId"] is None


async def test_finding_sites(stage: Stage, partner: Program) -> None:
    body = {"teamId": stage.ours.team_id, "name": "B", "address": ADDRESS, "visibility": "public"}
    far = await partner.post("/sites", body | {"partnerExternalId": "b"}, 201)
    await stage.run("update site set latitude = 55.0, longitude = 12.0 where id = $1", far["id"])
    both = [stage.ours.site_id, far["id"]]
    assert await found(partner, "/sites") == both
    assert await found(partner, "/sites", sortByLocation="55.1,12.1") == both[::-1]
    assert await found(partner, "/sites", partnerExternalId="b") == [far["id"]]
    assert await found(partner, "/sites", partnerExternalId="") == [stage.ours.site_id]
    assert await found(partner, "/sites", teamId=stage.ours.team_id) == both


def new_team(**more: Any) -> dict[str, Any]:
    """Write a complete body."""
    return {
        "name": "Bryggen", "contactEmail": "board@bryggen.example", "type": "professional", "address": ADDRESS, **more
    }  # fmt: skip


async def test_a_team_has_an_address_of_its_own_shape(partner: Program) -> None:
    team = await partner.post("/teams", new_team(companyName="Bryggen A/B", partnerExternalId="t-1"), 201)
    assert team["address"] == {
        "address1": "Kajen 3", "address2": None, "address3": None, "city": "Aarhus", "province": None,
        "zipCode": "8000", "countryId": DENMARK,
    }  # fmt: skip
    assert (team["legalEmail"], team["type"], team["paymentMethod"]) == (
        "board@bryggen.example",
        "professional",
        "source",
    )
    assert (team["isFrozen"], team["frozenAt"], team["currency"]["identifier"]) == (False, None, "eur")
    assert len(team["joinCode"]) == 9
    changed = await partner.patch(f"/teams/{team['id']}", {"name": "Bryggen 2", "companyName": None})
    assert (changed["name"], changed["companyName"]) == ("Bryggen 2", "Bryggen A/B")
    assert await found(partner, "/teams", partnerExternalId="t-1") == [team["id"]]
    assert await found(partner, "/teams", ids=f"{team['id']}") == [team["id"]]
    assert await found(partner, "/teams", featureGroupId=1) == []
    assert (await partner.get("/teams", 400, ids="1,x"))["context"] == {"field": "ids"}


async def test_invoices_need_someone_to_bill(partner: Program) -> None:
    refused = await partner.post("/teams", new_team(paymentMethod="invoice"), 400)
    assert refused["context"] == {"field": "paymentMethod"}
    body = new_team(paymentMethod="invoice", vatNumber="DK123", financeEmail="pay@bryggen.example")
    team = await partner.post("/teams", body, 201)
    assert team["paymentMethod"] == "invoice"
    for field in ("contactEmail", "financeEmail"):
        assert (await partner.post("/teams", new_team(**{field: "nobody"}), 400))["context"] == {"field": field}


async def test_a_teams_owner_is_named_by_id_or_by_e_mail(stage: Stage, partner: Program) -> None:
    new = NewUser(operator_id=stage.ours.viewer.operator_id, email="Boss@Bryggen.example", display_name="Owner")
    user_id = await create_user(stage.database, new, password="eight or more", now=stage.clock())
    team = await partner.post("/teams", new_team(userEmail="boss@bryggen.example"), 201)
    assert team["userId"] == user_id
    await partner.post("/teams", new_team(userId=user_id), 201)
    await partner.post("/teams", new_team(userEmail="nobody@bryggen.example"), 404)
    stranger = await stage.program(of=stage.theirs)
    await stranger.post("/teams", new_team(userId=user_id), 404)


async def test_freezing_a_team_and_back(stage: Stage, partner: Program) -> None:
    path = f"/teams/{stage.ours.team_id}"
    frozen = await partner.post(f"{path}/freeze", {})
    assert (frozen["isFrozen"], frozen["frozenAt"], frozen["frozenReason"]) == (True, "2026-11-20T12:00:00Z", None)
    thawed = await partner.post(f"{path}/unfreeze")
    assert (thawed["isFrozen"], thawed["frozenAt"]) == (False, None)


async def test_a_team_with_charge_points_is_not_deleted(stage: Stage, partner: Program) -> None:
    refused = await partner.call("DELETE", f"/teams/{stage.ours.team_id}", 400)
    assert refused["errorCode"] == "NOT_POSSIBLE_NOW"
    team = await partner.post("/teams", new_team(), 201)
    await partner.delete(f"/teams/{team['id']}")
    assert await found(partner, "/teams") == [stage.ours.team_id]
    assert await found(partner, "/teams", includeDeleted="true") == [stage.ours.team_id, team["id"]]


async def test_a_key_of_one_team_makes_no_other(stage: Stage) -> None:
    limited = await stage.program("teams:write", team_ids=[stage.ours.team_id])
    assert (await limited.post("/teams", new_team(), 403))["errorCode"] == "ACCESS_FORBIDDEN"


async def test_a_charge_auth_token_lives(stage: Stage, partner: Program) -> None:
    body = {
        "teamId": stage.ours.team_id, "identifier": "04A2B3C4D5E6F7", "type": "rfid", "name": "Van 3",
        "activeUntil": "2027-01-01T00:00:00Z", "montaNetwork": False, "partnerExternalId": "k-1",
    }  # fmt: skip
    token = await partner.post("/charge-auth-tokens", body, 201)
    assert (token["identifier"], token["montaNetwork"], token["roamingNetwork"]) == ("04A2B3C4D5E6F7", False, True)
    assert (token["activeUntil"], token["blockedAt"], token["deleted"]) == ("2027-01-01T00:00:00Z", None, False)
    path = f"/charge-auth-tokens/{token['id']}"
    blocked = await partner.post(f"{path}/block")
    assert blocked["blockedAt"] == "2026-11-20T12:00:00Z"
    assert (await partner.post(f"{path}/unblock"))["blockedAt"] is None
    patched = await partner.patch(path, {"montaNetwork": True, "name": None, "blockedAt": "2026-01-01T00:00:00Z"})
    assert (patched["montaNetwork"], patched["name"], patched["blockedAt"]) == (True, "Van 3", None)
    assert await found(partner, "/charge-auth-tokens", partnerExternalId="k-1") == [token["id"]]
    assert await found(partner, "/charge-auth-tokens", teamId=stage.ours.team_id, partnerExternalId="") == [
        stage.ours.charge_key_id
    ]
    await partner.delete(path, 200)
    await partner.get(path, 404)
    await partner.post("/charge-auth-tokens", body, 201)


async def test_identifiers_that_cannot_be_meant(stage: Stage, partner: Program) -> None:
    def body(identifier: str, kind: str = "rfid") -> dict[str, Any]:
        return {"teamId": stage.ours.team_id, "identifier": identifier, "type": kind}

    for bad in ("", "VID:AABBCCDDEEFF", "04A2B3", "04A2B3C4D", "XYZ12345", "04A2B3C4D5E6F708"):
        refused = await partner.post("/charge-auth-tokens", body(bad), 400)
        assert refused["context"] == {"field": "identifier"}, bad
    taken = await partner.post("/charge-auth-tokens", body("04a2b3c4"), 400)
    assert taken["errorCode"] == "ALREADY_IN_USE"
    car = await partner.post("/charge-auth-tokens", body("AABBCCDDEEFF", "vehicleId"), 201)
    assert (car["identifier"], car["type"]) == ("AABBCCDDEEFF", "vehicleId")
    await partner.post("/charge-auth-tokens", body("0011223344") | {"type": "badge"}, 400)
    await partner.post("/charge-auth-tokens", body("00112233445566") | {"teamId": stage.theirs.team_id}, 404)


async def found(partner: Program, path: str, **query: Any) -> list[int]:
    return [one["id"] for one in (await partner.get(path, **query))["data"]]
