"""Asking boxes for something, through a real gateway, with a box that answers as the story says."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.doors.partner_api.story import PEPPER, Program, Stage
from tests.ocpp.gateway.charge_point import ChargePoint
from tests.waiting import eventually
from wattline.database.bus import Bus
from wattline.ocpp.gateway import Gateway, serve_gateway
from wattline.operations.chance import SystemChance
from wattline.settings import Ocpp, Settings

Answer = dict[str, Any]


@pytest.fixture
def call_timeout_seconds() -> float:
    """How long the gateway waits for a box's answer."""
    return 30.0


@pytest.fixture
async def gateway(stage: Stage, bus: Bus, tmp_path: Any, call_timeout_seconds: float) -> AsyncIterator[Gateway]:
    """A gateway beside the API. Both go by the clock on the wall here, as boxes do."""
    stage.app.state.clock = lambda: datetime.now(UTC)
    ocpp = Ocpp(port=0, settle_seconds=0.01, settle_without_boot_seconds=0.2, call_timeout_seconds=call_timeout_seconds)
    settings = Settings(data_directory=tmp_path, pepper=PEPPER, ocpp=ocpp)
    async with serve_gateway(
        settings, stage.database, bus, clock=lambda: datetime.now(UTC), chance=SystemChance(), gateway_id="gw"
    ) as running:
        yield running


@asynccontextmanager
async def box_of(stage: Stage, gateway: Gateway) -> AsyncIterator[ChargePoint]:
    """Connect our box and let it boot."""
    async with ChargePoint(gateway.port, stage.ours.box.identity, stage.ours.box.password) as box:
        await box.boot()
        yield box


async def meanwhile(request: Coroutine[Any, Any, Any], box: ChargePoint, *answers: Answer) -> tuple[Any, list[Any]]:
    """Make a request, and let the box answer the commands it causes; return its answer and the commands."""
    asked = asyncio.create_task(request)
    commands = []
    for answer in answers:
        message_id, action, payload = await box.next_command()
        commands.append((action, payload))
        await box.say([3, message_id, answer])
    return await asked, commands


@pytest.fixture
async def program(stage: Stage, gateway: Gateway) -> Program:
    """A program with a token of today."""
    return await stage.program()


async def test_unlock_waits_for_the_box(stage: Stage, gateway: Gateway, program: Program) -> None:
    path = f"/charge-points/{stage.ours.box.connector_ids[1]}/unlock"
    async with box_of(stage, gateway) as box:
        nothing, commands = await meanwhile(program.post(path, status=204), box, {"status": "Unlocked"})
        assert (nothing, commands) == (None, [("UnlockConnector", {"connectorId": 2})])
        refused, _ = await meanwhile(program.post(path, status=400), box, {"status": "UnlockFailed"})
        assert (refused["errorCode"], "UnlockFailed" in refused["message"]) == ("CHARGE_POINT_REFUSED", True)


async def test_without_contact_nobody_waits(stage: Stage, gateway: Gateway, program: Program) -> None:
    for deed in ("unlock", "reboot", "sync-charge-keys"):
        refused = await program.post(f"/charge-points/{stage.ours.charge_point_id}/{deed}", status=400)
        assert refused["errorCode"] == "CHARGE_POINT_DISCONNECTED"
    made = {
        "teamId": stage.ours.team_id, "siteId": stage.ours.site_id, "chargePointModelId": 1, "name": "x", "maxKw": 11,
        "visibility": "private", "type": "ac",
    }  # fmt: skip
    bare = await program.post("/charge-points", made, 201)
    refused = await program.post(f"/charge-points/{bare['id']}/unlock", status=400)
    assert refused["errorCode"] == "CHARGE_POINT_NOT_INTEGRATED"


@pytest.mark.parametrize("call_timeout_seconds", [0.3])
async def test_a_box_that_says_nothing_is_given_up(stage: Stage, gateway: Gateway, program: Program) -> None:
    async with box_of(stage, gateway):
        refused = await program.post(f"/charge-points/{stage.ours.charge_point_id}/unlock", status=400)
        assert refused["errorCode"] == "CHARGE_POINT_DID_NOT_ANSWER"


async def test_reboot_is_a_soft_one(stage: Stage, gateway: Gateway, program: Program) -> None:
    path = f"/charge-points/{stage.ours.charge_point_id}/reboot"
    async with box_of(stage, gateway) as box:
        _, commands = await meanwhile(program.post(path, status=204), box, {"status": "Accepted"})
        assert commands == [("Reset", {"type": "Soft"})]


async def test_settings_are_read_and_changed_by_identity(stage: Stage, gateway: Gateway, program: Program) -> None:
    path = "/charge-points/wl-1/ocpp-config"
    async with box_of(stage, gateway) as box:
        told = {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "300"},
                                     {"key": "Secret", "readonly": True}]}  # fmt: skip
        entries, _ = await meanwhile(program.get(path), box, told)
        assert entries == [
            {"key": "HeartbeatInterval", "value": "300", "readonly": False},
            {"key": "Secret", "value": None, "readonly": True},
        ]
        body = {"key": "HeartbeatInterval", "value": "60", "store": True}
        nothing, commands = await meanwhile(program.post(path, body), box, {"status": "Accepted"})
        assert (nothing, commands) == (None, [("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "60"})])
        refused, _ = await meanwhile(program.post(path, body, 400), box, {"status": "NotSupported"})
        assert "NotSupported" in refused["message"]
    await program.get("/charge-points/WL-2/ocpp-config", 404)


async def test_h5_a_box_whose_name_has_slashes_is_reached_by_its_number_and_by_its_name(
    stage: Stage, gateway: Gateway, program: Program
) -> None:
    await stage.run("update charge_point set identity = 'SITE/4#1', identity_key = 'site/4#1' where identity = 'WL-1'")
    number = stage.ours.charge_point_id
    assert (await program.get(f"/charge-points/{number}"))["serialNumber"] == "SITE/4#1"
    assert (await program.get(f"/charge-points/{number}/logs"))["data"] == []
    async with ChargePoint(gateway.port, "SITE/4#1", stage.ours.box.password) as box:
        await box.boot()
        told = {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}]}
        entries, _ = await meanwhile(program.get(f"/charge-points/{number}/ocpp-config"), box, told)
        assert [entry["key"] for entry in entries] == ["HeartbeatInterval"]
        for name in ("SITE%2F4%231", "site%2f4%231"):
            again, _ = await meanwhile(program.get(f"/charge-points/{name}/ocpp-config"), box, told)
            assert again == entries
        accepted = {"status": "Accepted"}
        cleared, _ = await meanwhile(
            program.post("/charge-points/SITE%2F4%231/clear-charging-profile", {}), box, accepted
        )
        assert cleared == accepted
        assert len((await program.get(f"/charge-points/{number}/logs"))["data"]) >= 2
    await program.get("/charge-points/SITE%2F5/ocpp-config", 404)
    await program.get("/charge-points/1%2F2/logs", 400)
    await program.get("/charge-points/99999/ocpp-config", 404)
    await program.get("/charge-points/99999999999999999999/ocpp-config", 404)


async def test_charging_profiles_are_set_and_cleared(stage: Stage, gateway: Gateway, program: Program) -> None:
    profile = {
        "chargingProfileId": 1, "stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10}]},
    }  # fmt: skip
    async with box_of(stage, gateway) as box:
        set_it = program.post("/charge-points/WL-1/set-charging-profile", {"connectorId": 2, "profile": [profile]})
        told, commands = await meanwhile(set_it, box, {"status": "Accepted"})
        assert told == {"status": "Accepted"}
        assert commands == [("SetChargingProfile", {"connectorId": 2, "csChargingProfiles": profile})]
        clear = program.post("/charge-points/WL-1/clear-charging-profile", {"id": 1, "chargingProfilePurpose": None})
        told, commands = await meanwhile(clear, box, {"status": "Unknown"})
        assert (told, commands) == ({"status": "Unknown"}, [("ClearChargingProfile", {"id": 1})])
        await program.post("/charge-points/WL-1/set-charging-profile", {"connectorId": 9}, 404)


async def test_the_raw_door_sends_what_it_is_told(stage: Stage, gateway: Gateway, program: Program) -> None:
    path = f"/charge-points/{stage.ours.charge_point_id}/ocpp-calls"
    async with box_of(stage, gateway) as box:
        body = {"action": "MakeCoffee", "payload": {"sugar": [1, None, {"deep": 1.5}]}}
        told, commands = await meanwhile(program.post(path, body), box, {"status": "Accepted", "minutes": 3})
        assert commands == [("MakeCoffee", body["payload"])]
        assert told == {"outcome": "accepted", "payload": {"status": "Accepted", "minutes": 3}, "error": None}
        asked = asyncio.create_task(program.post(path, body))
        message_id, _, _ = await box.next_command()
        await box.say([4, message_id, "NotImplemented", "no beans", {"left": 0}])
        assert await asked == {
            "outcome": "error",
            "payload": None,
            "error": {
                "errorCode": "NotImplemented", "errorDescription": "no beans", "errorDetails": {"left": 0}
            },
        }  # fmt: skip
    for bad, field in (
        ({"payload": {}}, "action"),
        ({"action": ""}, "action"),
        ({"action": "x", "payload": 1}, "payload"),
    ):
        assert (await program.post(path, bad, 400))["context"] == {"field": field}


async def test_charge_keys_are_given_to_the_box(stage: Stage, gateway: Gateway, program: Program) -> None:
    path = f"/charge-points/{stage.ours.charge_point_id}/sync-charge-keys"
    async with box_of(stage, gateway) as box:
        _, commands = await meanwhile(program.post(path, status=204), box, {"status": "Accepted"})
    ((action, payload),) = commands
    assert (action, payload["updateType"]) == ("SendLocalList", "Full")
    assert payload["localAuthorizationList"] == [{"idTag": "04A2B3C4", "idTagInfo": {"status": "Accepted"}}]


async def test_a_terminals_charge_from_start_to_stop(stage: Stage, gateway: Gateway, program: Program) -> None:
    async with box_of(stage, gateway) as box:
        body = {"payingTeamId": stage.ours.team_id, "chargePointId": stage.ours.charge_point_id}
        charge, commands = await meanwhile(program.post("/charges", body), box, {"status": "Accepted"})
        assert (charge["state"], commands[0][0]) == ("starting", "RemoteStartTransaction")
        started = await box.tell(
            "StartTransaction",
            {
                "connectorId": 1,
                "idTag": commands[0][1]["idTag"],
                "meterStart": 1000,
                "timestamp": f"{datetime.now(UTC):%FT%TZ}",
            },
        )
        path = f"/charges/{charge['id']}"
        assert (await program.get(path))["state"] == "charging"
        stopping, stops = await meanwhile(program.get(f"{path}/stop"), box, {"status": "Accepted"})
        assert (stopping["state"], stops) == (
            "stopping", [("RemoteStopTransaction", {"transactionId": started["transactionId"]})]
        )  # fmt: skip
        await box.tell(
            "StopTransaction",
            {"transactionId": started["transactionId"], "meterStop": 1500, "timestamp": f"{datetime.now(UTC):%FT%TZ}"},
        )
        await box.status("Available")

        async def is_completed() -> bool:
            return bool((await program.get(path))["state"] == "completed")

        await eventually(is_completed)
        assert (await program.get(path))["consumedKwh"] == 0.5
