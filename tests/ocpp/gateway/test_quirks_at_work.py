"""What is forgiven which maker, seen on the wire (field notes B4 to B6 and C1 to C9)."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.ocpp.gateway.charge_point import ChargePoint
from tests.ocpp.gateway.conftest import now
from tests.ocpp.gateway.yard import KEY, TEAM, Yard
from tests.waiting import eventually
from wattline.operations import charges, remote_actions
from wattline.operations.chance import SystemChance
from wattline.operations.charges import StartRequest
from wattline.operations.remote_actions import Box, CommandResult

PROFILE = {
    "chargingProfileId": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Relative",
    "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}]},
}


async def exchange(
    box: ChargePoint, asking: "asyncio.Task[CommandResult]", answer: dict[str, Any]
) -> tuple[dict[str, Any], CommandResult]:
    """Answer the next command; return its payload and what became of it."""
    message_id, _action, payload = await box.next_command()
    await box.say([3, message_id, answer])
    return payload, await asking


def asking(yard: Yard, box_id: int, deed: Any, **arguments: Any) -> "asyncio.Task[CommandResult]":
    return asyncio.create_task(deed(yard.database, yard.bus, Box(box_id), asked_by=yard.viewer, now=now(), **arguments))


async def begin(box: ChargePoint, tag: str) -> dict[str, Any]:
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return await box.tell("StartTransaction", {"connectorId": 1, "idTag": tag, "meterStart": 1000, "timestamp": stamp})


async def request(yard: Yard, box_id: int) -> int:
    wish = StartRequest(connector_id=await yard.connector_of(box_id), paying_team_id=TEAM, start_source="server-api")
    charge = await charges.request_charge(yard.database, wish, asked_by=yard.viewer, chance=SystemChance(), now=now())
    return charge.id


async def test_b4_what_was_really_sent_is_kept(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot(chargePointVendor="ABB", chargePointModel="TAC-W11", firmwareVersion="1.8.21")
        wish = asking(
            yard,
            box_id,
            remote_actions.set_configuration,
            key="MeterValuesSampledData",
            value="SoC,Power.Active.Import",
        )
        payload, result = await exchange(box, wish, {"status": "Accepted"})
    assert payload == {"key": "MeterValuesSampledData", "value": "Power.Active.Import"}
    assert result.outcome == "accepted"
    assert await yard.value("select value from configuration_key") == "Power.Active.Import"
    assert await yard.value("select payload ->> 'value' from command") == "Power.Active.Import"


async def test_b6_a_box_whose_heartbeats_stop_stays_connected_and_takes_commands(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        assert (await box.boot())["interval"] == yard.settings.ocpp.heartbeat_seconds
        await box.hear_nothing(for_seconds=0.3)
        assert await yard.value("select connected from charge_point where id = $1", box_id)
        _payload, result = await exchange(box, asking(yard, box_id, remote_actions.clear_cache), {"status": "Accepted"})
        assert result.outcome == "accepted"


async def test_c1_the_whole_of_an_abl_is_asked_by_its_first_connector(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot(chargePointVendor="ABL")
        wish = asking(yard, box_id, remote_actions.trigger, message="MeterValues")
        payload, _result = await exchange(box, wish, {"status": "Accepted"})
    assert payload == {"requestedMessage": "MeterValues", "connectorId": 1}


async def test_c4_a_wallbox_gets_stack_level_0(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1", booted=True, vendor="Wall Box Chargers")
    async with yard.box("BOX-1") as box:
        await box.tell("Heartbeat", {})
        wish = asking(yard, box_id, remote_actions.set_charging_profile, profile=PROFILE | {"stackLevel": 5})
        payload, _result = await exchange(box, wish, {"status": "Accepted"})
    assert payload["csChargingProfiles"]["stackLevel"] == 0


async def test_c4_a_keba_gets_milliamperes(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot(chargePointVendor="Keba AG")
        wish = asking(yard, box_id, remote_actions.set_configuration, key="MaxAvailableCurrent", value="16 A")
        payload, _result = await exchange(box, wish, {"status": "Accepted"})
    assert payload["value"] == "16000"


async def test_c5_limits_go_out_in_the_unit_the_box_told(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        told = {"key": "chargingScheduleAllowedChargingRateUnit", "value": '"Power"', "readonly": True}
        wish = asking(yard, box_id, remote_actions.get_configuration)
        await exchange(box, wish, {"configurationKey": [told]})
        wish = asking(yard, box_id, remote_actions.set_charging_profile, profile=PROFILE)
        payload, _result = await exchange(box, wish, {"status": "Accepted"})
        schedule = payload["csChargingProfiles"]["chargingSchedule"]
        assert (schedule["chargingRateUnit"], schedule["chargingSchedulePeriod"][0]["limit"]) == ("W", 4140.0)


async def test_c6_a_profile_that_is_rejected_is_an_outcome_not_an_error(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        wish = asking(yard, box_id, remote_actions.set_charging_profile, profile=PROFILE)
        _payload, result = await exchange(box, wish, {"status": "Rejected"})
        assert (result.outcome, result.answer) == ("refused", {"status": "Rejected"})


async def test_c6_a_make_that_accepts_profiles_and_ignores_them_is_told_of(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot(chargePointVendor="go-e")
        wish = asking(yard, box_id, remote_actions.set_charging_profile, profile=PROFILE)
        await exchange(box, wish, {"status": "Accepted"})
        assert "profile-ignored" in await yard.deviations(box_id)


async def test_c8_an_alfen_is_asked_for_its_own_tag_and_may_begin_with_it(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot(chargePointVendor="Alfen BV")
        charge_id = await request(yard, box_id)
        message_id, action, payload = await box.next_command()
        assert (action, payload) == ("GetConfiguration", {"key": ["PlugAndChargeIdentifier"]})
        told = {"key": "PlugAndChargeIdentifier", "value": "ALFEN-PNC", "readonly": False}
        await box.say([3, message_id, {"configurationKey": [told]}])
        assert await box.answer_command({"status": "Accepted"}) == "RemoteStartTransaction"
        answer = await begin(box, "ALFEN-PNC")
        assert answer["idTagInfo"]["status"] == "Accepted"
        assert await yard.value("select state from charge where id = $1", charge_id) == "charging"
        assert "free-vending" in await yard.deviations(box_id)


async def test_c8_an_alfen_that_does_not_tell_is_started_all_the_same(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot(chargePointVendor="Alfen BV")
        await request(yard, box_id)
        message_id, action, _payload = await box.next_command()
        assert action == "GetConfiguration"
        await box.say([4, message_id, "NotSupported", "", {}])
        assert await box.answer_command({"status": "Accepted"}) == "RemoteStartTransaction"


async def test_c8_others_are_asked_nothing_before_a_start(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        await request(yard, box_id)
        assert await box.answer_command({"status": "Accepted"}) == "RemoteStartTransaction"


@pytest.mark.parametrize(("vendor", "status"), [("Keba AG", "ConcurrentTx"), ("Maker", "Invalid")])
async def test_c9_a_box_that_remembers_an_invalid_hears_another_no(yard: Yard, vendor: str, status: str) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot(chargePointVendor=vendor)
        answer = await begin(box, "DEADBEEF")
        assert (answer["idTagInfo"]["status"], answer["transactionId"] > 0) == (status, True)
    assert await yard.value("select refusal from transaction") == "Invalid"


async def test_t12_a_box_that_charges_without_a_key_begins_what_waits_and_is_told_of(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot(chargePointVendor="Monta")
        charge_id = await request(yard, box_id)
        await box.answer_command({"status": "Accepted"})
        assert (await begin(box, "FFFFFFFF"))["idTagInfo"]["status"] == "Accepted"
        assert await yard.value("select state from charge where id = $1", charge_id) == "charging"
        assert "free-vending" in await yard.deviations(box_id)


async def test_t12_a_box_that_charges_without_a_key_begins_nothing_when_nothing_waits(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot(chargePointVendor="Monta")
        assert (await begin(box, "FFFFFFFF"))["idTagInfo"]["status"] == "Invalid"
        assert (await begin(box, KEY))["idTagInfo"]["status"] == "Accepted"

        async def noted() -> bool:
            return "free-vending" in await yard.deviations(box_id)

        await eventually(noted)
    assert await yard.value("select count(*) from charge") == 1
