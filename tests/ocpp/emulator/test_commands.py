"""What the central system asks, and how the charge point obeys: every action of OCPP 1.6 and its security extension."""

from typing import Any

import pytest

from tests.ocpp.emulator.stage import KEY, Central, Stage, samples
from wattline.emulator.quirks import Quirk
from wattline.emulator.v16.commands import COMMANDS
from wattline.emulator.v16.spelling import ACTIONS
from wattline.wire.ocpp.versions import ACTIONS_V16, Side

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def test_every_action_of_the_standard_is_known_in_its_direction() -> None:
    assert set(COMMANDS) == {action for action, sides in ACTIONS_V16.items() if Side.CENTRAL_SYSTEM in sides}
    ours = {action for action, sides in ACTIONS_V16.items() if Side.CHARGE_POINT in sides}
    assert {*ACTIONS.values(), "SignedFirmwareStatusNotification"} == ours


# Starting and stopping from afar -------------------------------------------------------------------------------------


def test_a_remote_start_begins_at_the_waiting_car() -> None:
    stage = Stage(connectors=2).plug(connector=2).forget()
    assert stage.command("RemoteStartTransaction", idTag="REMOTE1") == {"status": "Accepted"}
    [start] = stage.payloads("StartTransaction")
    assert (start["connectorId"], start["idTag"]) == (2, "REMOTE1")


def test_a_remote_start_without_a_car_waits_for_one() -> None:
    stage = Stage(central=Central(keys={"REMOTE1": {"status": "Accepted"}}))
    stage.command("RemoteStartTransaction", idTag="REMOTE1", connectorId=1)
    stage.wait(10).plug()
    assert stage.actions() == ["Preparing", "StartTransaction", "Charging"]


def test_a_remote_start_may_have_to_be_authorised_first() -> None:
    stage = Stage(keys={"AuthorizeRemoteTxRequests": "true"}).plug().forget()
    stage.command("RemoteStartTransaction", idTag=KEY, connectorId=1)
    assert stage.actions() == ["Authorize", "StartTransaction", "Charging"]


def test_a_busy_or_unknown_connector_refuses_a_remote_start() -> None:
    stage = Stage().plug().tap()
    assert stage.command("RemoteStartTransaction", idTag="X", connectorId=1)["status"] == "Rejected"
    assert stage.command("RemoteStartTransaction", idTag="X", connectorId=7)["status"] == "Rejected"


def test_a_charge_may_follow_another_without_the_cable_being_pulled() -> None:
    stage = Stage().plug().tap().tap()
    assert stage.command("RemoteStartTransaction", idTag="NEXT", connectorId=1)["status"] == "Accepted"
    stubborn = Stage(quirks=[Quirk.NO_START_IN_FINISHING]).plug().tap().tap()
    assert stubborn.command("RemoteStartTransaction", idTag="NEXT", connectorId=1)["status"] == "Rejected"


def test_a_remote_stop_names_the_transaction() -> None:
    stage = Stage().plug().tap().wait(20)
    assert stage.command("RemoteStopTransaction", transactionId=4711) == {"status": "Rejected"}
    assert stage.command("RemoteStopTransaction", transactionId=1001) == {"status": "Accepted"}
    assert stage.payloads("StopTransaction")[0]["reason"] == "Remote"


def test_unlocking_ends_the_charge() -> None:
    stage = Stage().plug().tap().wait(20)
    assert stage.command("UnlockConnector", connectorId=1) == {"status": "Unlocked"}
    assert stage.payloads("StopTransaction")[0]["reason"] == "UnlockCommand"
    assert stage.command("UnlockConnector", connectorId=3) == {"status": "NotSupported"}


# Availability and reservation ----------------------------------------------------------------------------------------


def test_out_of_service_and_back() -> None:
    stage = Stage(connectors=2)
    assert stage.command("ChangeAvailability", connectorId=0, type="Inoperative")["status"] == "Accepted"
    assert [stage.statuses(number) for number in (0, 1, 2)] == [["Unavailable"]] * 3
    stage.command("ChangeAvailability", connectorId=0, type="Operative")
    assert stage.statuses(2) == ["Unavailable", "Available"]
    assert stage.command("ChangeAvailability", connectorId=5, type="Operative")["status"] == "Rejected"


def test_a_running_charge_is_waited_for() -> None:
    stage = Stage().plug().tap()
    assert stage.command("ChangeAvailability", connectorId=1, type="Inoperative")["status"] == "Scheduled"
    stage.tap().unplug()
    assert stage.statuses()[-1] == "Unavailable"


def test_out_of_service_survives_a_reboot() -> None:
    stage = Stage()
    stage.command("ChangeAvailability", connectorId=1, type="Inoperative")
    assert stage.reboot().wait(10).statuses()[-1] == "Unavailable"


def _reserve(stage: Stage, **changes: Any) -> str:
    wanted = {"connectorId": 1, "reservationId": 7, "idTag": KEY, "expiryDate": "2026-11-20T12:15:00Z"}
    return str(stage.command("ReserveNow", **wanted | changes)["status"])


def test_a_reservation_admits_only_its_key_and_is_used_up() -> None:
    stage = Stage()
    stage.central.keys["OTHER"] = {"status": "Accepted"}
    assert _reserve(stage) == "Accepted"
    stage.plug().tap("OTHER")
    assert stage.payloads("StartTransaction") == []
    stage.tap()
    assert stage.payloads("StartTransaction")[0]["reservationId"] == 7
    assert stage.command("CancelReservation", reservationId=7) == {"status": "Rejected"}


def test_a_reservation_expires() -> None:
    stage = Stage()
    _reserve(stage)
    assert stage.wait(minutes=16).statuses() == ["Reserved", "Available"]


def test_a_reservation_is_cancelled_or_refused() -> None:
    stage = Stage()
    _reserve(stage)
    assert stage.command("CancelReservation", reservationId=7) == {"status": "Accepted"}
    assert _reserve(stage, expiryDate="2026-11-20T11:00:00Z") == "Rejected"
    stage.plug()
    assert _reserve(stage) == "Occupied"


def test_any_connector_may_be_reserved() -> None:
    stage = Stage(connectors=2)
    assert _reserve(stage, connectorId=0) == "Accepted"
    assert stage.statuses(2) == ["Reserved"]


# Settings and lists --------------------------------------------------------------------------------------------------


def test_all_keys_are_listed_and_secrets_are_not_told() -> None:
    stage = Stage(connectors=2)
    keys = {key["key"]: key for key in stage.command("GetConfiguration")["configurationKey"]}
    assert keys["NumberOfConnectors"] == {"key": "NumberOfConnectors", "readonly": True, "value": "2"}
    assert "value" not in keys["AuthorizationKey"]
    asked = stage.command("GetConfiguration", key=["heartbeatinterval", "Nonsense"])
    assert asked["configurationKey"][0]["key"] == "HeartbeatInterval"
    assert asked["unknownKey"] == ["Nonsense"]


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("HeartbeatInterval", "60", "Accepted"),
        ("heartbeatinterval", "60", "Accepted"),
        ("HeartbeatInterval", "-1", "Rejected"),
        ("HeartbeatInterval", "often", "Rejected"),
        ("LightIntensity", "101", "Rejected"),
        ("LocalPreAuthorize", "TRUE", "Accepted"),
        ("LocalPreAuthorize", "yes", "Rejected"),
        ("MeterValuesSampledData", "Voltage.L1, SoC", "Accepted"),
        ("MeterValuesSampledData", "Taste", "Rejected"),
        ("NumberOfConnectors", "9", "Rejected"),
        ("SecurityProfile", "2", "RebootRequired"),
        ("AuthorizationKey", "0123456789abcdef0123456789abcdef01234567", "Accepted"),
        ("AuthorizationKey", "short", "Rejected"),
        ("Nonsense", "1", "NotSupported"),
    ],
)
def test_a_key_takes_only_what_it_can(key: str, value: str, status: str) -> None:
    assert Stage().command("ChangeConfiguration", key=key, value=value) == {"status": status}


def test_the_interval_of_readings_changes_in_the_middle_of_a_charge() -> None:
    stage = Stage().plug().tap()
    stage.command("ChangeConfiguration", key="MeterValueSampleInterval", value="10")
    assert len(stage.wait(60).payloads("MeterValues")) == 6


def test_readings_hold_what_was_configured() -> None:
    stage = Stage().plug().tap()
    stage.command(
        "ChangeConfiguration", key="MeterValuesSampledData", value="Voltage.L2-N,Energy.Active.Import.Interval"
    )
    [reading] = stage.wait(60).payloads("MeterValues")
    [voltage] = samples(reading, "Voltage")
    assert voltage["phase"] == "L2-N"
    assert 150 < int(samples(reading, "Energy.Active.Import.Interval")[0]["value"]) <= 184


def test_readings_by_the_clock_come_from_every_connector() -> None:
    stage = Stage(connectors=2, keys={"ClockAlignedDataInterval": "900"}).wait(minutes=31)
    values = stage.payloads("MeterValues")
    assert [value["connectorId"] for value in values] == [1, 2, 1, 2]
    assert [value["meterValue"][0]["timestamp"][11:19] for value in values] == ["12:15:00"] * 2 + ["12:30:00"] * 2
    assert values[0]["meterValue"][0]["sampledValue"][0]["context"] == "Sample.Clock"


def test_a_stop_carries_the_readings_that_were_to_be_kept() -> None:
    stage = Stage(keys={"StopTxnSampledData": "Energy.Active.Import.Register"}).plug().tap().wait(minutes=2).tap()
    [stop] = stage.payloads("StopTransaction")
    contexts = [sample["context"] for sample in samples(stop, "Energy.Active.Import.Register")]
    assert contexts == ["Transaction.Begin", "Sample.Periodic", "Sample.Periodic", "Transaction.End"]


def test_a_local_list_lets_in_without_asking() -> None:
    stage = Stage(keys={"LocalPreAuthorize": "true"})
    entry = {"idTag": "listed", "idTagInfo": {"status": "Accepted"}}
    full = {"listVersion": 3, "updateType": "Full", "localAuthorizationList": [entry]}
    assert stage.command("SendLocalList", **full) == {"status": "Accepted"}
    assert stage.command("GetLocalListVersion") == {"listVersion": 3}
    assert stage.plug().tap("LISTED").actions() == [
        "Preparing",
        "StartTransaction",
        "Charging",
        "StopTransaction",
        "Finishing",
    ]


def test_a_local_list_is_updated_in_order() -> None:
    stage = Stage()
    first = {"idTag": "A", "idTagInfo": {"status": "Accepted"}}
    stage.command("SendLocalList", listVersion=2, updateType="Full", localAuthorizationList=[first])
    old = stage.command("SendLocalList", listVersion=2, updateType="Differential", localAuthorizationList=[])
    assert old == {"status": "VersionMismatch"}
    stage.command("SendLocalList", listVersion=3, updateType="Differential", localAuthorizationList=[{"idTag": "A"}])
    assert stage.box.admission.listed == {}


def test_the_cache_is_cleared() -> None:
    stage = Stage().plug().tap().tap().unplug()
    assert stage.command("ClearCache") == {"status": "Accepted"}
    stage.cut().plug().tap().mend()
    assert len(stage.payloads("StartTransaction")) == 1


# Triggers, upkeep, security ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "action"),
    [
        ("BootNotification", "BootNotification"),
        ("DiagnosticsStatusNotification", "DiagnosticsStatusNotification"),
        ("FirmwareStatusNotification", "FirmwareStatusNotification"),
        ("Heartbeat", "Heartbeat"),
        ("MeterValues", "MeterValues"),
    ],
)
def test_a_trigger_is_answered_first_and_obeyed_then(message: str, action: str) -> None:
    stage = Stage()
    assert stage.command("TriggerMessage", requestedMessage=message) == {"status": "Accepted"}
    assert stage.said[0].action == action


def test_a_trigger_for_one_connector_and_for_all() -> None:
    stage = Stage(connectors=2)
    stage.command("TriggerMessage", requestedMessage="StatusNotification", connectorId=2)
    assert [said["connectorId"] for said in stage.payloads("StatusNotification")] == [2]
    stage.command("TriggerMessage", requestedMessage="StatusNotification")
    assert [said["connectorId"] for said in stage.payloads("StatusNotification")] == [2, 0, 1, 2]
    assert stage.command("TriggerMessage", requestedMessage="MeterValues", connectorId=9) == {"status": "Rejected"}


@pytest.mark.parametrize(
    "message", ["LogStatusNotification", "SignChargePointCertificate", "FirmwareStatusNotification"]
)
def test_an_extended_trigger(message: str) -> None:
    stage = Stage()
    assert stage.command("ExtendedTriggerMessage", requestedMessage=message) == {"status": "Accepted"}
    assert len(stage.said) == 1


def test_a_firmware_update_from_download_to_the_new_version() -> None:
    stage = Stage()
    stage.command("UpdateFirmware", location="https://files.example/box-2.0.bin", retrieveDate="2026-11-20T12:01:00Z")
    stage.wait(minutes=2)
    progress = [said["status"] for said in stage.payloads("FirmwareStatusNotification")]
    assert progress == ["Downloading", "Downloaded", "Installing", "Installed"]
    assert stage.payloads("BootNotification")[0]["firmwareVersion"] == "box-2.0"


def test_an_update_waits_until_nobody_charges() -> None:
    stage = Stage().plug().tap()
    stage.command("UpdateFirmware", location="https://files.example/new.bin", retrieveDate="2026-11-20T12:00:00Z")
    assert stage.wait(minutes=5).payloads("BootNotification") == []
    stage.tap().wait(minutes=1)
    assert len(stage.payloads("BootNotification")) == 1


@pytest.mark.parametrize(
    ("word", "last"), [("download-fails", "DownloadFailed"), ("install-fails", "InstallationFailed")]
)
def test_an_update_goes_wrong_when_its_name_says_so(word: str, last: str) -> None:
    stage = Stage()
    stage.command("UpdateFirmware", location=f"ftp://files.example/{word}.bin", retrieveDate="2026-11-20T12:00:00Z")
    assert stage.wait(minutes=1).payloads("FirmwareStatusNotification")[-1]["status"] == last


def test_a_signed_update_tells_the_security_people() -> None:
    stage = Stage()
    firmware = {
        "location": "https://files.example/signed.bin",
        "retrieveDateTime": "2026-11-20T12:00:00Z",
        "signingCertificate": PEM,
        "signature": "c2lnbmF0dXJl",
    }
    assert stage.command("SignedUpdateFirmware", requestId=5, firmware=firmware) == {"status": "Accepted"}
    stage.wait(minutes=1)
    progress = [said["status"] for said in stage.payloads("SignedFirmwareStatusNotification")]
    assert progress == [
        "Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed"
    ]  # fmt: skip
    assert stage.payloads("SecurityEventNotification")[0]["type"] == "FirmwareUpdated"


def test_a_signed_update_with_a_bad_signature_or_certificate() -> None:
    stage = Stage()
    firmware = {
        "location": "https://files.example/bad-signature.bin",
        "retrieveDateTime": "2026-11-20T12:00:00Z",
        "signingCertificate": PEM,
        "signature": "eA==",
    }
    stage.command("SignedUpdateFirmware", requestId=5, firmware=firmware)
    assert stage.wait(60).payloads("SignedFirmwareStatusNotification")[-1]["status"] == "InvalidSignature"
    answer = stage.command("SignedUpdateFirmware", requestId=6, firmware=firmware | {"signingCertificate": "none"})
    assert answer == {"status": "InvalidCertificate"}


def test_diagnostics_and_logs_are_uploaded() -> None:
    stage = Stage()
    assert "fileName" in stage.command("GetDiagnostics", location="ftp://files.example/")
    stage.wait(10)
    assert [said["status"] for said in stage.payloads("DiagnosticsStatusNotification")] == ["Uploading", "Uploaded"]
    log = {"remoteLocation": "https://files.example/"}
    assert stage.command("GetLog", logType="SecurityLog", requestId=3, log=log)["status"] == "Accepted"
    stage.wait(10)
    assert [said["status"] for said in stage.payloads("LogStatusNotification")] == ["Uploading", "Uploaded"]


def test_certificates_are_installed_listed_and_deleted() -> None:
    stage = Stage()
    kind = {"certificateType": "CentralSystemRootCertificate"}
    assert stage.command("GetInstalledCertificateIds", **kind) == {"status": "NotFound"}
    assert stage.command("InstallCertificate", certificate=PEM, **kind) == {"status": "Accepted"}
    assert stage.command("InstallCertificate", certificate="nonsense", **kind) == {"status": "Rejected"}
    [installed] = stage.command("GetInstalledCertificateIds", **kind)["certificateHashData"]
    assert stage.command("DeleteCertificate", certificateHashData=installed) == {"status": "Accepted"}
    assert stage.command("DeleteCertificate", certificateHashData=installed) == {"status": "NotFound"}
    assert stage.command("CertificateSigned", certificateChain=PEM) == {"status": "Accepted"}


def test_vendor_data_for_the_display_is_taken() -> None:
    stage = Stage()
    assert stage.command("DataTransfer", vendorId="com.monta", messageId="SoC", data="55") == {"status": "Accepted"}
    assert stage.command("DataTransfer", vendorId="org.nobody") == {"status": "UnknownVendorId"}
