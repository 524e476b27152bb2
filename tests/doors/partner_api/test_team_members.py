"""Members, member groups, nested teams, users and operators, as programs see and change them."""

from tests.doors.partner_api.people_samples import make_people
from tests.doors.partner_api.story import Program, Stage


async def test_a_member_is_invited_changed_and_taken_out(stage: Stage, partner: Program) -> None:
    team_id = stage.ours.team_id
    body = {"teamId": team_id, "email": "guest@wattline.example", "role": "user", "canPayWithTeamWallet": True,
            "teamWalletChargePaymentType": "operator", "partnerExternalId": "emp-7"}  # fmt: skip
    member = await partner.post("/team-members", body, 201)
    assert (member["state"], member["userId"], member["access"]) == ("invited", None, "all")
    assert member["invitedBy"] == "API key Terminal maker"
    await partner.post("/team-members", body, 400)
    path = f"/team-members/{member['id']}"
    changed = await partner.patch(path, {"chargePointIds": [stage.ours.charge_point_id], "role": "admin"})
    assert (changed["access"], changed["chargePointIds"]) == ("selected", [stage.ours.charge_point_id])
    assert changed["canPayWithTeamWallet"] is True
    for wrong in ({"role": "other"}, {"role": "user", "canManageTeamWallet": True},
                  {"chargePointIds": [stage.theirs.charge_point_id]}, {"priceGroupId": 999}):  # fmt: skip
        await partner.patch(path, wrong, 400)
    for query in ({"partnerExternalId": "emp-7"}, {"email": "GUEST@wattline.example"}, {"state": "invited"}):
        assert [one["id"] for one in (await partner.get("/team-members", teamId=team_id, **query))["data"]] == [
            member["id"]
        ]
    stage.clock.after(days=15)
    await partner.log_in()
    assert (await partner.get(path))["state"] == "expired"
    assert (await partner.post(f"{path}/resend-invite"))["state"] == "invited"
    await partner.post(f"{path}/accept", None, 400)
    await partner.delete(path)
    await partner.get(path, 404)
    assert (await partner.get("/team-members", includeDeleted=True))["data"][0]["deletedAt"]


async def test_exactly_one_way_to_reach_somebody_is_named(stage: Stage, partner: Program) -> None:
    base = {"teamId": stage.ours.team_id, "role": "user"}
    for wrong in ({}, {"email": "a@b.example", "userId": 1}, {"phone": "+4512345678"}, {"phone": "12345678"}):
        await partner.post("/team-members", {**base, **wrong}, 400)
    await partner.post("/team-members", {"email": "a@b.example", "role": "user"}, 400)
    await partner.post("/team-members", {**base, "userId": 999_999}, 404)
    await partner.post("/team-members", {**base, "teamId": stage.theirs.team_id, "email": "a@b.example"}, 404)


async def test_a_profile_decides_for_whoever_is_in_it(stage: Stage, partner: Program) -> None:
    profile = await partner.post("/team-member-profiles", {
        "teamId": stage.ours.team_id, "name": "Employees", "description": "", "role": "user",
        "canPayWithTeamWallet": True, "teamWalletChargePaymentType": "all", "canPayForChargesCountryIds": [194],
    }, 201)  # fmt: skip
    member = await partner.post("/team-members", {
        "teamId": stage.ours.team_id, "email": "a@b.example", "role": "admin", "teamMemberProfileId": profile["id"],
    }, 201)  # fmt: skip
    assert (member["role"], member["teamWalletChargePaymentType"]) == ("user", "all")
    assert member["canPayForChargesCountryIds"] == [194]
    await partner.patch(f"/team-members/{member['id']}", {"canPayWithTeamWallet": False}, 400)
    await partner.patch(f"/team-member-profiles/{profile['id']}", {"teamWalletChargePaymentType": "none"})
    assert (await partner.get(f"/team-members/{member['id']}"))["teamWalletChargePaymentType"] == "none"
    await partner.delete(f"/team-member-profiles/{profile['id']}")
    assert (await partner.get(f"/team-members/{member['id']}"))["teamMemberProfileId"] is None


async def test_nested_teams_are_agreed_on_and_ended(stage: Stage, partner: Program) -> None:
    people = await make_people(stage, stage.ours)
    path = f"/nested-teams/{people['/nested-teams']}"
    shown = await partner.get(path)
    assert (shown["state"], shown["nestedTeam"]["publicName"]) == ("invited", "Tenants")
    assert (await partner.post(f"{path}/accept-invite"))["state"] == "accepted"
    await partner.post(f"{path}/reject-invite", None, 400)
    patched = await partner.patch(
        path, {"note": "Until summer", "selectedChargePointIds": [stage.ours.charge_point_id]}
    )
    assert (patched["access"], patched["note"]) == ("selected", "Until summer")
    circle = {"parentTeamId": people["below"], "nestedTeamId": stage.ours.team_id, "priceGroupId": 1, "access": "all"}
    assert "circle" in (await partner.post("/nested-teams/invite", circle, 400))["message"]
    assert len((await partner.get("/nested-teams", state="accepted"))["data"]) == 1
    await partner.delete(path)
    await partner.get(path, 404)


async def test_users_and_operators_are_those_of_ones_own(stage: Stage, partner: Program) -> None:
    people = await make_people(stage, stage.ours)
    await make_people(stage, stage.theirs)
    listed = await partner.get("/users")
    assert [user["id"] for user in listed["data"]] == [people["user"]]
    user = await partner.get(f"/users/{people['user']}")
    assert (user["firstName"], user["lastName"]) == ("Demo", "driver")
    assert (await partner.get("/users", email=user["email"]))["meta"]["totalItemCount"] == 1
    assert (await partner.get("/users", phone="+4512345678"))["data"] == []
    own = stage.ours.viewer.operator_id
    assert [each["id"] for each in (await partner.get("/operators"))["data"]] == [own]
    assert (await partner.get(f"/operators/{own}"))["identifier"] == "havnelys"
    assert (await partner.get(f"/operators/{own}/sub-operators"))["data"] == []
    await partner.get(f"/operators/{stage.theirs.viewer.operator_id}", 404)
