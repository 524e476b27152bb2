"""What the central system answered, read from OCPP 1.6 payloads."""

from typing import Any

from wattline.emulator.admission import INVALID, Verdict
from wattline.emulator.authorising import key_answered
from wattline.emulator.box import Box, Registration
from wattline.emulator.charging import start_answered
from wattline.emulator.delivery import boot_answered, delivered
from wattline.emulator.messages import BootUp, KeyShown, TransactionBegan, TransactionEnded
from wattline.wire.ocpp.times import parse_time

Payload = dict[str, Any]

# JSON knows no largest number, but a calendar does.
INTERVAL_SECONDS_MAX = 2**31 - 1


def hear_answer(box: Box, payload: Payload) -> None:
    """Act on the answer to the message in flight. A payload that lacks what it should have is taken as a bad word."""
    assert box.in_flight is not None
    message = box.in_flight.message
    delivered(box)
    match message:
        case BootUp():
            interval_seconds = min(int(payload.get("interval", 0)), INTERVAL_SECONDS_MAX)
            boot_answered(box, _registration(payload.get("status")), interval_seconds)
        case KeyShown():
            key_answered(box, message, read_verdict(payload.get("idTagInfo")))
        case TransactionBegan(transaction):
            verdict = read_verdict(payload.get("idTagInfo"))
            start_answered(box, transaction, int(payload.get("transactionId", -1)), verdict)
        case TransactionEnded(id_tag=str() as id_tag) if "idTagInfo" in payload:
            box.admission.remember(id_tag, read_verdict(payload["idTagInfo"]))
        case _:
            pass
    box.notice()


def read_verdict(info: object) -> Verdict:
    """Read an idTagInfo."""
    if not isinstance(info, dict):
        return Verdict(INVALID)
    read = parse_time(info.get("expiryDate") or "")
    expires_at = None if read is None else read.at
    return Verdict(str(info.get("status", INVALID)), expires_at, info.get("parentIdTag"))


def _registration(status: object) -> Registration:
    known = status in set(Registration)
    return Registration(str(status)) if known else Registration.REJECTED
