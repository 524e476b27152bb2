"""What people and programs ask of a charge point from afar. One function per deed; each waits for the box's answer.

`where` is a `Box` (the whole) or a `Socket` (what one car plugs into). All raise Unknown, NotConnectedToHardware and
NoContact; a box that says no is no exception but the outcome `refused`. Starting and stopping charges is not here but
in charges.py.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from wattline.database.bus import Bus
from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.operations.command_targets import Box, Socket, Target, Where, find_target
from wattline.operations.commands import CommandResult, send_command

__all__ = ["Box", "CommandResult", "Socket", "Where"]

# Most answer within a second; some boxes are known to take half a minute.
WAIT_SECONDS = 30.0

# OCPP 1.6 section 5.1 ff.: connector 0 means the whole box.
WHOLE_BOX = 0


async def reboot(
    database: Database,
    bus: Bus,
    where: Where,
    *,
    kind: Literal["Soft", "Hard"] = "Soft",
    asked_by: Viewer,
    now: datetime,
) -> CommandResult:
    """Restart the box; Soft lets it end charges in good order first."""
    return await _ask(database, bus, where, "Reset", {"type": kind}, "reboot", asked_by, now)


async def unlock(database: Database, bus: Bus, where: Where, *, asked_by: Viewer, now: datetime) -> CommandResult:
    """Open the lock that holds the cable in the socket."""
    target = await find_target(database, where, asked_by=asked_by)
    payload = {"connectorId": target.number or 1}
    return await _send(database, bus, target, "UnlockConnector", payload, "unlock", asked_by, now)


async def change_availability(
    database: Database, bus: Bus, where: Where, *, operative: bool, asked_by: Viewer, now: datetime
) -> CommandResult:
    """Take a socket or the whole box into or out of service."""
    target = await find_target(database, where, asked_by=asked_by)
    payload = {"connectorId": target.number or WHOLE_BOX, "type": "Operative" if operative else "Inoperative"}
    return await _send(database, bus, target, "ChangeAvailability", payload, "availability", asked_by, now)


async def get_configuration(
    database: Database, bus: Bus, where: Where, *, keys: Sequence[str] = (), asked_by: Viewer, now: datetime
) -> CommandResult:
    """Ask for settings, all of them without `keys`. What the box answers is kept."""
    payload: dict[str, Any] = {"key": list(keys)} if keys else {}
    return await _ask(database, bus, where, "GetConfiguration", payload, "get-configuration", asked_by, now)


async def set_configuration(
    database: Database, bus: Bus, where: Where, *, key: str, value: str, asked_by: Viewer, now: datetime
) -> CommandResult:
    """Change one setting."""
    payload = {"key": key, "value": value}
    return await _ask(database, bus, where, "ChangeConfiguration", payload, "set-configuration", asked_by, now)


async def trigger(
    database: Database, bus: Bus, where: Where, *, message: str, asked_by: Viewer, now: datetime
) -> CommandResult:
    """Ask the box to send a message now, for instance StatusNotification or MeterValues."""
    target = await find_target(database, where, asked_by=asked_by)
    payload = _leave_out_none(requestedMessage=message, connectorId=target.number)
    return await _send(database, bus, target, "TriggerMessage", payload, "trigger", asked_by, now)


async def get_diagnostics(
    database: Database,
    bus: Bus,
    where: Where,
    *,
    location: str,
    start_at: datetime | None = None,
    stop_at: datetime | None = None,
    asked_by: Viewer,
    now: datetime,
) -> CommandResult:
    """Ask the box to upload its diagnostics to an address; the answer names the file."""
    payload = _leave_out_none(location=location, startTime=_time(start_at), stopTime=_time(stop_at))
    return await _ask(database, bus, where, "GetDiagnostics", payload, "diagnostics", asked_by, now)


async def get_log(
    database: Database,
    bus: Bus,
    where: Where,
    *,
    kind: Literal["DiagnosticsLog", "SecurityLog"],
    location: str,
    request_id: int,
    oldest_at: datetime | None = None,
    latest_at: datetime | None = None,
    asked_by: Viewer,
    now: datetime,
) -> CommandResult:
    """Ask the box to upload a log (security extension)."""
    log = _leave_out_none(remoteLocation=location, oldestTimestamp=_time(oldest_at), latestTimestamp=_time(latest_at))
    payload = {"logType": kind, "requestId": request_id, "log": log}
    return await _ask(database, bus, where, "GetLog", payload, "log", asked_by, now)


async def update_firmware(
    database: Database, bus: Bus, where: Where, *, location: str, retrieve_at: datetime, asked_by: Viewer, now: datetime
) -> CommandResult:
    """Ask the box to fetch and install firmware."""
    payload = {"location": location, "retrieveDate": _time(retrieve_at)}
    return await _ask(database, bus, where, "UpdateFirmware", payload, "firmware", asked_by, now)


async def signed_update_firmware(
    database: Database,
    bus: Bus,
    where: Where,
    *,
    location: str,
    retrieve_at: datetime,
    signing_certificate: str,
    signature: str,
    request_id: int,
    asked_by: Viewer,
    now: datetime,
) -> CommandResult:
    """Ask the box to fetch firmware, check its signature and install it (security extension)."""
    firmware = {
        "location": location,
        "retrieveDateTime": _time(retrieve_at),
        "signingCertificate": signing_certificate,
        "signature": signature,
    }
    payload = {"requestId": request_id, "firmware": firmware}
    return await _ask(database, bus, where, "SignedUpdateFirmware", payload, "firmware", asked_by, now)


async def clear_cache(database: Database, bus: Bus, where: Where, *, asked_by: Viewer, now: datetime) -> CommandResult:
    """Make the box forget the keys it remembers."""
    return await _ask(database, bus, where, "ClearCache", {}, "clear-cache", asked_by, now)


async def reserve(
    database: Database,
    bus: Bus,
    where: Where,
    *,
    reservation_id: int,
    id_tag: str,
    until: datetime,
    asked_by: Viewer,
    now: datetime,
) -> CommandResult:
    """Keep a socket free for one charge key."""
    target = await find_target(database, where, asked_by=asked_by)
    payload = {
        "connectorId": target.number or WHOLE_BOX,
        "expiryDate": _time(until),
        "idTag": id_tag,
        "reservationId": reservation_id,
    }
    return await _send(database, bus, target, "ReserveNow", payload, "reserve", asked_by, now)


async def cancel_reservation(
    database: Database, bus: Bus, where: Where, *, reservation_id: int, asked_by: Viewer, now: datetime
) -> CommandResult:
    """Drop a reservation. Sent even when we know of none: the box may."""
    payload = {"reservationId": reservation_id}
    return await _ask(database, bus, where, "CancelReservation", payload, "cancel-reservation", asked_by, now)


async def set_charging_profile(
    database: Database, bus: Bus, where: Where, *, profile: Mapping[str, Any], asked_by: Viewer, now: datetime
) -> CommandResult:
    """Limit power; `profile` is OCPP's csChargingProfiles."""
    target = await find_target(database, where, asked_by=asked_by)
    payload = {"connectorId": target.number or WHOLE_BOX, "csChargingProfiles": dict(profile)}
    return await _send(database, bus, target, "SetChargingProfile", payload, "set-profile", asked_by, now)


async def clear_charging_profile(
    database: Database,
    bus: Bus,
    where: Where,
    *,
    profile_id: int | None = None,
    purpose: str | None = None,
    stack_level: int | None = None,
    asked_by: Viewer,
    now: datetime,
) -> CommandResult:
    """Drop the limits that fit; without any filter all of them."""
    target = await find_target(database, where, asked_by=asked_by)
    payload = _leave_out_none(
        id=profile_id, connectorId=target.number, chargingProfilePurpose=purpose, stackLevel=stack_level
    )
    return await _send(database, bus, target, "ClearChargingProfile", payload, "clear-profile", asked_by, now)


async def composite_schedule(
    database: Database,
    bus: Bus,
    where: Where,
    *,
    duration_seconds: int,
    unit: Literal["A", "W"] | None = None,
    asked_by: Viewer,
    now: datetime,
) -> CommandResult:
    """Ask which power the box plans to give, all limits taken together."""
    target = await find_target(database, where, asked_by=asked_by)
    payload = _leave_out_none(connectorId=target.number or WHOLE_BOX, duration=duration_seconds, chargingRateUnit=unit)
    return await _send(database, bus, target, "GetCompositeSchedule", payload, "composite-schedule", asked_by, now)


async def data_transfer(
    database: Database,
    bus: Bus,
    where: Where,
    *,
    vendor_id: str,
    message_id: str | None = None,
    data: str | None = None,
    asked_by: Viewer,
    now: datetime,
) -> CommandResult:
    """Send something in words of the maker's own."""
    payload = _leave_out_none(vendorId=vendor_id, messageId=message_id, data=data)
    return await _ask(database, bus, where, "DataTransfer", payload, "data-transfer", asked_by, now)


async def get_local_list_version(
    database: Database, bus: Bus, where: Where, *, asked_by: Viewer, now: datetime
) -> CommandResult:
    """Ask which version of the list of charge keys the box has."""
    return await _ask(database, bus, where, "GetLocalListVersion", {}, "local-list-version", asked_by, now)


async def send_local_list(
    database: Database,
    bus: Bus,
    where: Where,
    *,
    version: int,
    entries: Sequence[Mapping[str, Any]],
    full: bool,
    asked_by: Viewer,
    now: datetime,
) -> CommandResult:
    """Give the box charge keys to accept on its own; `entries` are OCPP's localAuthorizationList."""
    payload = {
        "listVersion": version,
        "localAuthorizationList": [dict(entry) for entry in entries],
        "updateType": "Full" if full else "Differential",
    }
    return await _ask(database, bus, where, "SendLocalList", payload, "local-list", asked_by, now)


async def install_certificate(
    database: Database, bus: Bus, where: Where, *, kind: str, certificate: str, asked_by: Viewer, now: datetime
) -> CommandResult:
    """Give the box a certificate to trust (security extension); `certificate` is PEM."""
    payload = {"certificateType": kind, "certificate": certificate}
    return await _ask(database, bus, where, "InstallCertificate", payload, "install-certificate", asked_by, now)


async def installed_certificates(
    database: Database, bus: Bus, where: Where, *, kind: str, asked_by: Viewer, now: datetime
) -> CommandResult:
    """Ask which certificates the box trusts (security extension)."""
    payload = {"certificateType": kind}
    return await _ask(database, bus, where, "GetInstalledCertificateIds", payload, "certificates", asked_by, now)


async def delete_certificate(
    database: Database, bus: Bus, where: Where, *, hash_data: Mapping[str, str], asked_by: Viewer, now: datetime
) -> CommandResult:
    """Make the box drop a certificate (security extension)."""
    payload = {"certificateHashData": dict(hash_data)}
    return await _ask(database, bus, where, "DeleteCertificate", payload, "delete-certificate", asked_by, now)


async def send_signed_certificate(
    database: Database, bus: Bus, where: Where, *, chain: str, asked_by: Viewer, now: datetime
) -> CommandResult:
    """Give the box the certificate it asked for (security extension); `chain` is PEM, the box's own first."""
    payload = {"certificateChain": chain}
    return await _ask(database, bus, where, "CertificateSigned", payload, "signed-certificate", asked_by, now)


async def raw_call(
    database: Database,
    bus: Bus,
    where: Where,
    *,
    action: str,
    payload: Mapping[str, Any],
    asked_by: Viewer,
    now: datetime,
) -> CommandResult:
    """Send just what we are told, whatever our records or the schemas say of it."""
    return await _ask(database, bus, where, action, payload, RAW, asked_by, now)


RAW = "raw"


async def _ask(
    database: Database,
    bus: Bus,
    where: Where,
    action: str,
    payload: Mapping[str, Any],
    purpose: str,
    asked_by: Viewer,
    now: datetime,
) -> CommandResult:
    target = await find_target(database, where, asked_by=asked_by)
    return await _send(database, bus, target, action, payload, purpose, asked_by, now)


async def _send(
    database: Database,
    bus: Bus,
    target: Target,
    action: str,
    payload: Mapping[str, Any],
    purpose: str,
    asked_by: Viewer,
    now: datetime,
) -> CommandResult:
    return await send_command(
        database,
        bus,
        target,
        action,
        payload,
        asked_by=asked_by,
        purpose=purpose,
        wait_seconds=WAIT_SECONDS,
        now=now,
    )


def _leave_out_none(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _time(at: datetime | None) -> str | None:
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
