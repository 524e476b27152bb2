"""Payment terminals beside charge points: which there are, and whom they serve."""

from typing import Any

import pytest

from tests.doors.partner_api.story import Program, Stage, Tenant
from wattline.domain.refusals import AlreadyTaken, Invalid, Unknown
from wattline.operations.payment_terminals import NewTerminal, add_terminal


async def add(stage: Stage, tenant: Tenant, serial: str = "P6X-1", **more: Any) -> str:
    wanted: dict[str, Any] = {"team_id": tenant.team_id, "type": "payter", "serial": serial, "name": "Yard"}
    new = NewTerminal(**wanted | more)
    return await add_terminal(stage.database, new, asked_by=tenant.viewer, now=stage.clock())


async def test_a_terminal_is_listed_found_and_given_charge_points(stage: Stage, partner: Program) -> None:
    wire_id = await add(stage, stage.ours)
    await add(stage, stage.theirs, "P6X-2")
    (listed,) = (await partner.get("/payment-terminals"))["data"]
    assert listed == await partner.get(f"/payment-terminals/{wire_id}")
    assert (listed["id"], listed["type"], listed["chargePointIds"]) == (wire_id, "payter", [])
    assert wire_id.startswith("payter_")

    path, sockets = f"/payment-terminals/{wire_id}/charge-points", list(stage.ours.box.connector_ids)
    for wanted in (sockets, [sockets[1], sockets[1]], []):
        await partner.put(path, {"charge_point_ids": wanted}, 204)
        shown = await partner.get(f"/payment-terminals/{wire_id}")
        assert shown["chargePointIds"] == sorted(set(wanted))


async def test_terminals_are_filtered(stage: Stage, partner: Program) -> None:
    first, second = await add(stage, stage.ours, "A"), await add(stage, stage.ours, "B", type="other")
    await stage.run("update payment_terminal set deleted_at = $1 where serial = 'A'", stage.clock())
    assert [one["id"] for one in (await partner.get("/payment-terminals"))["data"]] == [second]
    with_deleted = await partner.get("/payment-terminals", includeDeleted="true")
    assert [one["id"] for one in with_deleted["data"]] == [first, second]
    for query, count in (({"serial": "B"}, 1), ({"serial": "C"}, 0), ({"teamId": stage.ours.team_id}, 1)):
        assert (await partner.get("/payment-terminals", **query))["meta"]["totalItemCount"] == count
    await partner.get(f"/payment-terminals/{first}", 404)


async def test_what_is_not_theirs_or_cannot_be_is_refused(stage: Stage, partner: Program) -> None:
    mine, foreign = await add(stage, stage.ours), await add(stage, stage.theirs, "P6X-2")
    fixed = await add(stage, stage.ours, "S1", type="local")
    number = mine.partition("_")[2]
    for wire_id in (foreign, f"nayax_{number}", number, "payter_", "payter_1_2", "payter_" + "9" * 30, "..", "%00"):
        await partner.get(f"/payment-terminals/{wire_id}", 404)
    await partner.put(f"/payment-terminals/{foreign}/charge-points", {"charge_point_ids": []}, 404)
    await partner.put(f"/payment-terminals/{fixed}/charge-points", {"charge_point_ids": []}, 400)
    for body, status in (
        ({"charge_point_ids": [stage.theirs.charge_point_id]}, 404),
        ({"charge_point_ids": [0]}, 400),
        ({"chargePointIds": []}, 400),
        ({}, 400),
    ):
        await partner.put(f"/payment-terminals/{mine}/charge-points", body, status)
    reader = await stage.program("payment-terminals:read")
    await reader.put(f"/payment-terminals/{mine}/charge-points", {"charge_point_ids": []}, 403)


async def test_a_serial_number_is_there_once(stage: Stage, partner: Program) -> None:
    await add(stage, stage.ours)
    with pytest.raises(AlreadyTaken):
        await add(stage, stage.theirs)
    await add(stage, stage.ours, type="nayax")
    for more, refusal in (({"type": "till"}, Invalid), ({"serial": " "}, Invalid), ({"team_id": 999}, Unknown)):
        with pytest.raises(refusal):
            await add(stage, stage.ours, **more)
