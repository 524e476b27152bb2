"""The official schemas: all of OCPP 1.6 and its security extension, in both directions."""

from typing import Any, get_args

import pytest

from wattline.wire.ocpp import schemas, v16
from wattline.wire.ocpp.schemas import VIOLATIONS_MAX, Direction
from wattline.wire.ocpp.versions import ACTIONS_V16, V16, ErrorCode, Side


def found(action: str, payload: object, direction: Direction = Direction.REQUEST) -> list[tuple[ErrorCode, str]]:
    return [(violation.code, violation.path) for violation in schemas.violations(V16, action, direction, payload)]


def test_every_action_has_a_schema_for_question_and_answer() -> None:
    assert len(ACTIONS_V16) == 39
    assert schemas.compile_all(V16) == 78


def test_28_actions_are_the_specification_s_and_11_the_security_extension_s() -> None:
    identified = [action for action in ACTIONS_V16 if "$id" in schemas.schema(V16, action, Direction.REQUEST)]
    assert len(identified) == 11


def test_who_may_send_what() -> None:
    from_box = {action for action, senders in ACTIONS_V16.items() if Side.CHARGE_POINT in senders}
    assert from_box == set(v16.MESSAGES)
    assert [action for action, senders in ACTIONS_V16.items() if len(senders) == 2] == ["DataTransfer"]
    assert {Side.CHARGE_POINT.other, Side.CENTRAL_SYSTEM.other} == set(Side)


def test_a_payload_that_obeys_has_no_violations() -> None:
    payload = {"connectorId": 1, "idTag": "AA", "meterStart": 0, "timestamp": "2026-11-20T12:00:00Z"}
    assert schemas.is_valid(V16, "StartTransaction", Direction.REQUEST, payload)
    assert found("StartTransaction", payload) == []


@pytest.mark.parametrize(
    ("action", "payload", "expected"),
    [
        ("Authorize", {}, (ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION, "")),
        ("Authorize", {"idTag": 7}, (ErrorCode.TYPE_CONSTRAINT_VIOLATION, "idTag")),
        ("Authorize", {"idTag": "A" * 21}, (ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "idTag")),
        ("Authorize", {"idTag": "A", "x": 1}, (ErrorCode.FORMATION_VIOLATION, "")),
        ("Reset", {"type": "Firm"}, (ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "type")),
        (
            "MeterValues",
            {"connectorId": 1, "meterValue": [{"timestamp": "noon", "sampledValue": [{"value": "1"}]}]},
            (ErrorCode.TYPE_CONSTRAINT_VIOLATION, "meterValue.0.timestamp"),
        ),
        ("MeterValues", {"connectorId": 1, "meterValue": []}, (ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION, "meterValue")),
    ],
)
def test_a_violation_says_where_and_which_error(action: str, payload: object, expected: tuple[ErrorCode, str]) -> None:
    assert not schemas.is_valid(V16, action, Direction.REQUEST, payload)
    assert found(action, payload) == [expected]


def test_answers_are_checked_as_well() -> None:
    assert found("Heartbeat", {}, Direction.RESPONSE) == [(ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION, "")]


def test_violations_can_be_ignored_by_keyword() -> None:
    payload = {"idTag": "A" * 21, "x": 1}
    left = schemas.violations(V16, "Authorize", Direction.REQUEST, payload, ignoring=frozenset({"maxLength"}))
    assert [violation.keyword for violation in left] == ["additionalProperties"]


def test_a_few_violations_are_enough() -> None:
    bad = [{"timestamp": 1, "sampledValue": 1}] * 500
    assert len(found("MeterValues", {"connectorId": 1, "meterValue": bad})) == VIOLATIONS_MAX


def test_an_action_of_another_version_has_no_schema() -> None:
    with pytest.raises(KeyError, match="TransactionEvent"):
        schemas.is_valid(V16, "TransactionEvent", Direction.REQUEST, {})


@pytest.mark.parametrize(
    ("action", "direction", "path", "words"),
    [
        ("BootNotification", Direction.RESPONSE, ["status"], v16.RegistrationStatus),
        ("Authorize", Direction.RESPONSE, ["idTagInfo", "status"], v16.AuthorizationStatus),
        ("DataTransfer", Direction.RESPONSE, ["status"], v16.DataTransferStatus),
        ("SignCertificate", Direction.RESPONSE, ["status"], v16.GenericStatus),
        ("StatusNotification", Direction.REQUEST, ["status"], v16.ConnectorStatus),
        ("StatusNotification", Direction.REQUEST, ["errorCode"], v16.ErrorCode),
        ("StopTransaction", Direction.REQUEST, ["reason"], v16.StopReason),
        ("DiagnosticsStatusNotification", Direction.REQUEST, ["status"], v16.DiagnosticsStatus),
        ("FirmwareStatusNotification", Direction.REQUEST, ["status"], v16.FirmwareStatus),
        ("SignedFirmwareStatusNotification", Direction.REQUEST, ["status"], v16.SignedFirmwareStatus),
        ("LogStatusNotification", Direction.REQUEST, ["status"], v16.LogStatus),
    ],
)
def test_our_words_are_the_schema_s_words(action: str, direction: Direction, path: list[str], words: Any) -> None:
    document = schemas.schema(V16, action, direction)
    rule: Any = document
    for name in path:
        rule = rule["properties"][name]
        if "$ref" in rule:
            rule = document["definitions"][rule["$ref"].rpartition("/")[2]]
    assert set(rule["enum"]) == set(get_args(words))
