"""TriggerMessage and its extended form: say something now that would otherwise be said later."""

from collections.abc import Callable
from typing import Any

from wattline.emulator.box import Box, Registration
from wattline.emulator.messages import (
    BootUp,
    CertificateWanted,
    DiagnosticsProgress,
    FirmwareProgress,
    Heartbeat,
    LogProgress,
)
from wattline.emulator.quirks import Quirk
from wattline.emulator.sampling import say_reading

Payload = dict[str, Any]

# A well-formed request, signed once by a key that was thrown away: no certificate for it can do harm.
CSR = """-----BEGIN CERTIFICATE REQUEST-----
MIHtMIGVAgEAMDMxHjAcBgNVBAMMFUVtdWxhdGVkIGNoYXJnZSBwb2ludDERMA8G
A1UECgwIV2F0dGxpbmUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAR9W6Mj2Q3V
8R5gAvmfkQOxk1U6ts2HjGm48xudQgixxyPcKrGG4ylXDa+YESi4Qx3h6axk59ea
81kcKoIb519aoAAwCgYIKoZIzj0EAwIDRwAwRAIgb5vhIBMCMfe9DrQ+6JDnBdub
r0q5g8fg9i/1UuNv3GECIBjRBzdt56MPZD1mw4fGk2h6dPrAhk8ICamj+g66oeJH
-----END CERTIFICATE REQUEST-----
"""


def trigger(box: Box, payload: Payload) -> Payload:
    """Answer TriggerMessage; what was asked for follows the answer (OCPP 1.6 section 5.17)."""
    say = TRIGGERS.get(payload["requestedMessage"])
    if say is None:
        return {"status": "NotImplemented"}
    number = payload.get("connectorId")
    if number is not None and not 0 <= number <= len(box.connectors):
        return {"status": "Rejected"}
    return {"status": "Accepted" if say(box, number) else "Rejected"}


def trigger_extended(box: Box, payload: Payload) -> Payload:
    """Answer ExtendedTriggerMessage."""
    if payload["requestedMessage"] == "FirmwareStatusNotification":
        # Security whitepaper, 4.4: here it means the signed kind; request id 0 stands for "no update was asked for".
        _put(box, FirmwareProgress("Idle", 0))
        return {"status": "Accepted"}
    return trigger(box, payload)


def _put(box: Box, message: Any) -> bool:
    # While a boot is pending, only what was triggered may be sent (section 4.2).
    box.put(message, before_boot=box.registration is Registration.PENDING)
    return True


def _statuses(box: Box, number: int | None) -> bool:
    if Quirk.TRIGGER_NEEDS_CONNECTOR in box.quirks and not number:
        return False
    pending = box.registration is Registration.PENDING
    if number is None:
        box.tell_all(before_boot=pending)
    else:
        box.tell(number, before_boot=pending)
    return True


def _readings(box: Box, number: int | None) -> bool:
    if Quirk.TRIGGER_NEEDS_CONNECTOR in box.quirks and number is None:
        return False
    for connector in box.connectors:
        if number in {None, 0, connector.number}:
            say_reading(box, connector, context="Trigger", key="MeterValuesSampledData")
    return True


def _boot(box: Box, number: int | None) -> bool:
    box.put(BootUp(), before_boot=True)
    return True


TRIGGERS: dict[str, Callable[[Box, int | None], bool]] = {
    "BootNotification": _boot,
    "DiagnosticsStatusNotification": lambda box, number: _put(box, DiagnosticsProgress("Idle")),
    "FirmwareStatusNotification": lambda box, number: _put(box, FirmwareProgress("Idle", None)),
    "Heartbeat": lambda box, number: _put(box, Heartbeat()),
    "LogStatusNotification": lambda box, number: _put(box, LogProgress("Idle", None)),
    "MeterValues": _readings,
    "SignChargePointCertificate": lambda box, number: _put(box, CertificateWanted(CSR)),
    "StatusNotification": _statuses,
}
