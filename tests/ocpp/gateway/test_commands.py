"""The life of a command: when it is sent, how often, and what becomes of it (field notes B3 to B5, C1 to C10)."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from tests.ocpp.gateway.charge_point import ChargePoint
from tests.ocpp.gateway.conftest import now
from tests.ocpp.gateway.yard import KEY, OPERATOR, Yard
from tests.waiting import eventually
from wattline.database import commands
from wattline.domain.refusals import NoContact, Unknown
from wattline.ocpp.gateway import serve_gateway
from wattline.operations import checks, gateways, remote_actions
from wattline.operations.chance import SystemChance
from wattline.operations.remote_actions import Box, CommandResult, Socket
from wattline.settings import Ocpp

Deed = Callable[..., Awaitable[CommandResult]]


async def ask(yard: Yard, deed: Deed, where: Box | Socket, **arguments: Any) -> CommandResult:
    return await deed(yard.database, yard.bus, where, asked_by=yard.viewer, now=now(), **arguments)


async def queue(yard: Yard, box_id: int, action: str, payload: dict[str, Any], *, seconds: float = 30) -> int:
    """Queue a command as a verb does."""
    async with yard.database.begin() as tx:
        return await commands.add(
            tx,
            charge_point_id=box_id,
            operator_id=OPERATOR,
            action=action,
            payload=payload,
            purpose="test",
            asked_by="somebody",
            deadline_at=now() + timedelta(seconds=seconds),
            now=now(),
        )


async def outcome_of(yard: Yard, command_id: int) -> str:
    async def settled() -> str | None:
        outcome: str | None = await yard.value("select outcome from command where id = $1", command_id)
        return outcome

    outcome = await eventually(settled)
    assert outcome is not None
    return outcome


async def test_a_reboot_is_sent_and_its_answer_told(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        asked = asyncio.create_task(ask(yard, remote_actions.reboot, Box(box_id), kind="Hard"))
        raw = await box.connection.recv()
        assert isinstance(raw, str)
        assert raw.endswith(',"Reset",{"type":"Hard"}]')
        await box.say([3, msgspec.json.decode(raw)[1], {"status": "Accepted"}])
        result = await asked
    assert (result.outcome, result.answer) == ("accepted", {"status": "Accepted"})
    (line,) = await yard.rows("select detail from log_line where kind = 'Reset'")
    assert (line["detail"]["outcome"], line["detail"]["askedBy"]) == ("accepted", "Operations manager")
    assert await yard.value("select count(*) from fact where kind = 'CommandAnswered'") == 1
    assert await yard.value("select deed from audit") == "reboot"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ([3, {"status": "Rejected"}], "refused"),
        ([3, {"status": "NotSupported"}], "refused"),
        ([4, "InternalError", "no", {}], "error"),
        ([4, "InternalError"], "error"),
        ([3, {}], "accepted"),
        ([3, {"status": "Unheard-of"}], "refused"),
    ],
)
async def test_what_a_box_answers_becomes_an_outcome(yard: Yard, answer: list[Any], outcome: str) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        asked = asyncio.create_task(ask(yard, remote_actions.clear_cache, Box(box_id)))
        message_id, action, payload = await box.next_command()
        assert (action, payload) == ("ClearCache", {})
        await box.say([answer[0], message_id, *answer[1:]])
        assert (await asked).outcome == outcome


async def test_without_contact_nobody_is_kept_waiting(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    with pytest.raises(NoContact):
        await ask(yard, remote_actions.reboot, Box(box_id))
    with pytest.raises(Unknown):
        await ask(yard, remote_actions.reboot, Box(box_id + 1))


async def test_one_call_at_a_time_in_the_order_they_were_asked(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        ids = [await queue(yard, box_id, "GetLocalListVersion", {}) for _ in range(3)]
        for version, command_id in enumerate(ids):
            message_id, _action, _payload = await box.next_command()
            if command_id != ids[-1]:
                await box.hear_nothing(for_seconds=0.1)
            await box.say([3, message_id, {"listVersion": version}])
            assert await outcome_of(yard, command_id) == "accepted"
    assert await yard.value("select local_list_version from charge_point where id = $1", box_id) == 2


async def test_a_box_may_call_while_it_owes_us_an_answer(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        command_id = await queue(yard, box_id, "TriggerMessage", {"requestedMessage": "StatusNotification"})
        message_id, _action, _payload = await box.next_command()
        await box.status("Available")
        await box.say([3, message_id, {"status": "Accepted"}])
        assert await outcome_of(yard, command_id) == "accepted"


class TestBeforeTheBoot:
    """Field note B3: some boxes loop or drop calls that come before their boot is answered."""

    @pytest.fixture
    def ocpp_settings(self, ocpp_settings: Ocpp) -> Ocpp:
        return msgspec.structs.replace(ocpp_settings, settle_seconds=0.3, settle_without_boot_seconds=0.5)

    async def test_b3_nothing_is_sent_before_the_boot_and_a_settle_delay(self, yard: Yard) -> None:
        box_id = await yard.add_box("BOX-1")
        async with yard.box("BOX-1") as box:
            await box.status("Available")
            await queue(yard, box_id, "ClearCache", {})
            await box.hear_nothing(for_seconds=0.6)
            before_the_boot = time.monotonic()
            await box.boot()
            assert (await box.next_command())[1] == "ClearCache"
            assert time.monotonic() - before_the_boot >= yard.settings.ocpp.settle_seconds

    async def test_b1_a_known_box_that_never_boots_again_is_sent_commands_after_other_traffic(self, yard: Yard) -> None:
        box_id = await yard.add_box("BOX-1", booted=True)
        async with yard.box("BOX-1") as box:
            before_the_traffic = time.monotonic()
            await box.status("Available")
            await queue(yard, box_id, "ClearCache", {})
            assert (await box.next_command())[1] == "ClearCache"
            assert time.monotonic() - before_the_traffic >= yard.settings.ocpp.settle_without_boot_seconds

    async def test_what_waited_while_the_box_was_away_is_sent_when_it_is_back(self, yard: Yard) -> None:
        box_id = await yard.add_box("BOX-1", booted=True)
        async with yard.box("BOX-1") as box:
            await box.tell("Heartbeat", {})
            command_id = await queue(yard, box_id, "ClearCache", {})
        async with yard.box("BOX-1") as box:
            await box.boot()
            await box.answer_command({"status": "Accepted"})
            assert await outcome_of(yard, command_id) == "accepted"


async def test_b3_b4_nothing_is_sent_unasked_after_a_boot(yard: Yard) -> None:
    await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot(chargePointVendor="ABB", firmwareVersion="1.8.21")
        await box.status("Available")
        await box.hear_nothing(for_seconds=0.4)


class TestLateAnswers:
    """A box answers when nobody waits for it any more."""

    @pytest.fixture
    def ocpp_settings(self, ocpp_settings: Ocpp) -> Ocpp:
        # The second call must be answered within this time, on a busy machine too.
        return msgspec.structs.replace(ocpp_settings, call_timeout_seconds=2.0)

    async def test_a_late_answer_is_dropped_by_its_id_and_not_taken_for_the_next(self, yard: Yard) -> None:
        box_id = await yard.add_box("BOX-1")
        async with yard.box("BOX-1") as box:
            await box.boot()
            first = await queue(yard, box_id, "ClearCache", {})
            late_id, _action, _payload = await box.next_command()
            assert await outcome_of(yard, first) == "no-answer"
            second = await queue(yard, box_id, "GetLocalListVersion", {})
            message_id, _action, _payload = await box.next_command()
            await box.say([4, late_id, "InternalError", "", {}])
            await box.say([3, message_id, {"listVersion": 3}])
            assert await outcome_of(yard, second) == "accepted"
        assert "answer-late" in await yard.deviations(box_id)


class TestPatience:
    """What happens when a box takes its time, as all of its make do."""

    @pytest.fixture
    def ocpp_settings(self, ocpp_settings: Ocpp) -> Ocpp:
        return msgspec.structs.replace(ocpp_settings, call_timeout_seconds=0.3)

    async def test_b5_a_make_that_needs_a_minute_is_given_it(self, yard: Yard) -> None:
        box_id = await yard.add_box("BOX-1", vendor="Mennekes")
        async with yard.box("BOX-1") as box:
            await box.boot(chargePointVendor="Mennekes")
            command_id = await queue(yard, box_id, "ClearCache", {})
            message_id, _action, _payload = await box.next_command()
            await box.hear_nothing(for_seconds=0.6)
            await box.say([3, message_id, {"status": "Accepted"}])
            assert await outcome_of(yard, command_id) == "accepted"


async def test_a_command_past_its_deadline_is_never_sent(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        command_id = await queue(yard, box_id, "ClearCache", {}, seconds=-1)
        await yard.gateway.commander.sweep()
        assert await outcome_of(yard, command_id) == "expired"
        await box.hear_nothing(for_seconds=0.2)


async def test_when_the_socket_is_lost_before_the_answer_the_outcome_is_unknown(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        command_id = await queue(yard, box_id, "UnlockConnector", {"connectorId": 1})
        await box.next_command()
    assert await outcome_of(yard, command_id) == "unknown"
    async with yard.box("BOX-1") as box:
        await box.boot()
        await box.hear_nothing(for_seconds=0.3)


async def test_a_stop_alone_is_sent_again(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        command_id = await queue(yard, box_id, "RemoteStopTransaction", {"transactionId": 7})
        await box.next_command()
    async with yard.box("BOX-1") as box:
        await box.boot()
        assert await box.answer_command({"status": "Accepted"}) == "RemoteStopTransaction"
        assert await outcome_of(yard, command_id) == "accepted"


async def test_what_a_dead_gateway_had_sent_is_unknown_but_its_stops_go_out_again(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1", booted=True)
    long_ago = now() - timedelta(minutes=1)
    await yard.run("insert into gateway values ('dead', $1, $1)", long_ago)
    await yard.run("insert into lease values ($1, 'dead', nextval('lease_epoch'), $2)", box_id, long_ago)
    await yard.run("update charge_point set connected = true where id = $1", box_id)
    unlock = await queue(yard, box_id, "UnlockConnector", {"connectorId": 1})
    stop = await queue(yard, box_id, "RemoteStopTransaction", {"transactionId": 7})
    await yard.run("update command set sent_at = $1, gateway_id = 'dead'", long_ago)
    assert await gateways.bury_dead(yard.database, now=now()) == ["dead"]
    assert await outcome_of(yard, unlock) == "unknown"
    assert await yard.log_kinds(box_id) == ["Disconnect", "UnlockConnector"]
    assert not await yard.value("select connected from charge_point where id = $1", box_id)
    async with yard.box("BOX-1") as box:
        await box.boot()
        await box.answer_command({"status": "Rejected"})
        assert await outcome_of(yard, stop) == "refused"


async def test_a_box_that_came_back_elsewhere_is_not_disconnected_with_its_dead_gateway(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    long_ago = now() - timedelta(minutes=1)
    await yard.run("insert into gateway values ('dead', $1, $1)", long_ago)
    await yard.run("insert into lease values ($1, 'dead', nextval('lease_epoch'), $2)", box_id, long_ago)
    async with yard.box("BOX-1") as box:
        await box.boot()
        await gateways.bury_dead(yard.database, now=now())
        assert await yard.value("select connected from charge_point where id = $1", box_id)
        assert "Disconnect" not in await yard.log_kinds(box_id)


async def test_what_our_schema_forbids_is_not_sent_but_the_raw_door_sends_what_it_is_told(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        command_id = await queue(yard, box_id, "Reset", {"type": "Gently"})
        assert await outcome_of(yard, command_id) == "error"
        raw = asyncio.create_task(
            ask(yard, remote_actions.raw_call, Box(box_id), action="CancelReservation", payload={"reservationId": "x"})
        )
        message_id, action, payload = await box.next_command()
        assert (action, payload) == ("CancelReservation", {"reservationId": "x"})
        await box.say([3, message_id, {"status": "Rejected", "more": 1}])
        assert (await raw).outcome == "refused"
        unheard = asyncio.create_task(
            ask(yard, remote_actions.raw_call, Box(box_id), action="MakeCoffee", payload={"milk": True})
        )
        assert await box.answer_command({"cup": "full"}) == "MakeCoffee"
        assert (await unheard).answer == {"cup": "full"}


DEEDS: list[tuple[Deed, dict[str, Any], str, dict[str, Any]]] = [
    (remote_actions.unlock, {}, "UnlockConnector", {"status": "Unlocked"}),
    (remote_actions.change_availability, {"operative": False}, "ChangeAvailability", {"status": "Scheduled"}),
    (remote_actions.get_configuration, {"keys": ["A"]}, "GetConfiguration", {"unknownKey": ["A"]}),
    (remote_actions.set_configuration, {"key": "A", "value": "1"}, "ChangeConfiguration", {"status": "RebootRequired"}),
    (remote_actions.trigger, {"message": "Heartbeat"}, "TriggerMessage", {"status": "Accepted"}),
    (remote_actions.get_diagnostics, {"location": "ftp://x/"}, "GetDiagnostics", {"fileName": "d.zip"}),
    (
        remote_actions.get_log,
        {"kind": "SecurityLog", "location": "https://x/", "request_id": 1},
        "GetLog",
        {"status": "Accepted"},
    ),
    (
        remote_actions.update_firmware,
        {"location": "https://x/f", "retrieve_at": datetime(2026, 11, 20, tzinfo=UTC)},
        "UpdateFirmware",
        {},
    ),
    (
        remote_actions.signed_update_firmware,
        {
            "location": "https://x/f",
            "retrieve_at": datetime(2026, 11, 20, tzinfo=UTC),
            "signing_certificate": "PEM",
            "signature": "c2ln",
            "request_id": 2,
        },
        "SignedUpdateFirmware",
        {"status": "Accepted"},
    ),
    (
        remote_actions.reserve,
        {"reservation_id": 9, "id_tag": KEY, "until": datetime(2026, 11, 21, tzinfo=UTC)},
        "ReserveNow",
        {"status": "Accepted"},
    ),
    (remote_actions.cancel_reservation, {"reservation_id": 9}, "CancelReservation", {"status": "Accepted"}),
    (remote_actions.clear_charging_profile, {"profile_id": 3}, "ClearChargingProfile", {"status": "Accepted"}),
    (
        remote_actions.composite_schedule,
        {"duration_seconds": 600, "unit": "A"},
        "GetCompositeSchedule",
        {"status": "Accepted"},
    ),
    (
        remote_actions.data_transfer,
        {"vendor_id": "com.example", "message_id": "m", "data": "d"},
        "DataTransfer",
        {"status": "Accepted"},
    ),
    (remote_actions.get_local_list_version, {}, "GetLocalListVersion", {"listVersion": 5}),
    (
        remote_actions.send_local_list,
        {"version": 6, "entries": [{"idTag": KEY, "idTagInfo": {"status": "Accepted"}}], "full": True},
        "SendLocalList",
        {"status": "Accepted"},
    ),
    (
        remote_actions.install_certificate,
        {"kind": "CentralSystemRootCertificate", "certificate": "PEM"},
        "InstallCertificate",
        {"status": "Accepted"},
    ),
    (
        remote_actions.installed_certificates,
        {"kind": "CentralSystemRootCertificate"},
        "GetInstalledCertificateIds",
        {"status": "NotFound"},
    ),
    (
        remote_actions.delete_certificate,
        {
            "hash_data": {
                "hashAlgorithm": "SHA256",
                "issuerNameHash": "00",
                "issuerKeyHash": "00",
                "serialNumber": "01",
            }
        },
        "DeleteCertificate",
        {"status": "Accepted"},
    ),
    (remote_actions.send_signed_certificate, {"chain": "PEM"}, "CertificateSigned", {"status": "Accepted"}),
]


async def test_every_action_reaches_the_box_as_the_schema_wants_it(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    socket = Socket(await yard.connector_of(box_id))
    async with yard.box("BOX-1") as box:
        await box.boot()
        for deed, arguments, action, answer in DEEDS:
            asked = asyncio.create_task(ask(yard, deed, socket, **arguments))
            assert await box.answer_command(answer) == action
            assert (await asked).outcome == ("refused" if answer.get("status") == "NotFound" else "accepted"), action
    assert await yard.value("select local_list_version from charge_point where id = $1", box_id) == 6
    assert await yard.value("select value from configuration_key where key = 'A'") == "1"


async def test_settings_a_box_tells_are_kept(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    told = [
        {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
        {"key": "Secret", "readonly": True},
    ]
    async with yard.box("BOX-1") as box:
        await box.boot()
        asked = asyncio.create_task(ask(yard, remote_actions.get_configuration, Box(box_id)))
        await box.answer_command({"configurationKey": told})
        assert (await asked).outcome == "accepted"
    rows = await yard.rows("select key, value, readonly from configuration_key order by key")
    assert [tuple(row) for row in rows] == [("HeartbeatInterval", "300", False), ("Secret", None, True)]


async def test_a_password_set_from_afar_is_in_no_log(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        asked = asyncio.create_task(
            ask(yard, remote_actions.set_configuration, Box(box_id), key="AuthorizationKey", value='s3cr3t\\"key')
        )
        message_id, _action, payload = await box.next_command()
        assert payload["value"] == 's3cr3t\\"key'
        await box.say([3, message_id, {"status": "Accepted"}])
        await asked
        await yard.frames(box_id)
        kept = await yard.rows(
            "select detail::text as kept from log_line union all select body from frame "
            "union all select payload::text from command union all select value from configuration_key"
        )
    assert [row["kept"] for row in kept if "s3cr3t" in row["kept"]] == []
    assert sum("AuthorizationKey" in row["kept"] for row in kept) == 3


async def test_c7_a_go_e_is_started_without_a_profile(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    start = {
        "idTag": KEY,
        "chargingProfile": {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Relative",
            "chargingSchedule": {
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}],
            },
        },
    }
    async with yard.box("BOX-1") as box:
        await box.boot(chargePointVendor="go-e")
        await queue(yard, box_id, "RemoteStartTransaction", start)
        assert (await box.next_command())[1:] == ("RemoteStartTransaction", {"idTag": KEY})


async def check(yard: Yard, box: ChargePoint, box_id: int, answer: list[Any], *statuses: dict[str, Any]) -> Any:
    asked = asyncio.create_task(checks.run_check(yard.database, yard.bus, Box(box_id), asked_by=yard.viewer, now=now()))
    message_id, action, payload = await box.next_command()
    assert (action, payload["requestedMessage"]) == ("TriggerMessage", "StatusNotification")
    await box.say([answer[0], message_id, *answer[1:]])
    for status in statuses:
        await box.status(**status)
    return await asked


async def test_a_check_asks_the_box_and_says_how_it_is(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        verdict = await check(yard, box, box_id, [3, {"status": "Accepted"}], {"status": "Available"})
        assert (verdict.ok, verdict.sentence) == (True, "The charge point answers and is well: free.")
        fault = {"status": "Faulted", "errorCode": "GroundFailure"}
        verdict = await check(yard, box, box_id, [3, {"status": "Accepted"}], fault)
        assert not verdict.ok
        assert "call an electrician" in verdict.sentence


async def test_c1_a_box_that_cannot_be_asked_for_its_status_still_answers(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with yard.box("BOX-1") as box:
        await box.boot()
        await box.status("Available")
        verdict = await check(yard, box, box_id, [3, {"status": "Rejected"}])
        assert verdict.ok
        assert ("Asked just now", "it answered, but does not tell its status on request") in verdict.evidence


async def test_a_check_of_a_box_that_is_away(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    verdict = await checks.run_check(yard.database, yard.bus, Box(box_id), asked_by=yard.viewer, now=now())
    assert not verdict.ok
    assert "disconnected" in verdict.sentence


async def test_a_command_finds_the_box_at_whichever_gateway_it_is(yard: Yard) -> None:
    box_id = await yard.add_box("BOX-1")
    async with serve_gateway(
        yard.settings, yard.database, yard.bus, clock=now, chance=SystemChance(), gateway_id=secrets.token_hex(4)
    ) as other:
        box = yard.box("BOX-1")
        box.port = other.port
        async with box:
            await box.boot()
            asked = asyncio.create_task(ask(yard, remote_actions.clear_cache, Box(box_id)))
            await box.answer_command({"status": "Accepted"})
            assert (await asked).outcome == "accepted"
