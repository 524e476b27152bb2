"""What the central system asks of a charge point: a table of OCPP 1.6 actions, and how this box obeys each."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from wattline.emulator.admission import Verdict
from wattline.emulator.box import Box
from wattline.emulator.configuration import KEYS, KEYS_PER_QUESTION_MAX, SPELLINGS, Change
from wattline.emulator.power import reset
from wattline.emulator.quirks import Quirk
from wattline.emulator.remote import remote_start, remote_stop, unlock
from wattline.emulator.reservation import Reservation
from wattline.emulator.reserving import cancel_reservation, change_availability, reserve
from wattline.emulator.sampling import plan_aligned, plan_samples
from wattline.emulator.upkeep import is_busy, update_firmware, upload_diagnostics
from wattline.emulator.v16.answers import read_verdict
from wattline.emulator.v16.profiles import clear_profiles, composite_schedule, read_profile, set_profile
from wattline.emulator.v16.security import SECURITY_COMMANDS
from wattline.emulator.v16.triggers import trigger
from wattline.wire.ocpp.times import parse_time

Payload = dict[str, Any]
Command = Callable[[Box, Payload], Payload]

# So long an answer has to leave before the line goes down.
ANSWER_LEAVES_AFTER = timedelta(seconds=1)
# Vendors whose DataTransfer this box pretends to understand: its display.
DISPLAY_VENDORS = frozenset({"wattline", "com.monta"})


def obey(box: Box, action: str, payload: Payload) -> Payload | None:
    """Do what is asked and return the answer's payload, or None for an action this box does not know."""
    command = COMMANDS.get(action)
    if command is None:
        return None
    answer = command(box, payload)
    box.notice()
    return answer


def _status(status: str) -> Payload:
    return {"status": status}


def _accepted(done: bool) -> Payload:
    return _status("Accepted" if done else "Rejected")


def _remote_start(box: Box, payload: Payload) -> Payload:
    profile = payload.get("chargingProfile")
    read = None if profile is None else read_profile(payload.get("connectorId", 0), profile)
    return _accepted(remote_start(box, payload["idTag"], payload.get("connectorId"), read))


def _remote_stop(box: Box, payload: Payload) -> Payload:
    return _accepted(remote_stop(box, payload["transactionId"]))


def _unlock(box: Box, payload: Payload) -> Payload:
    return _status(unlock(box, payload["connectorId"]))


def _reset(box: Box, payload: Payload) -> Payload:
    is_hard = payload["type"] == "Hard"
    box.agenda.set(("reset",), box.now + ANSWER_LEAVES_AFTER, lambda at: reset(box, at, is_hard=is_hard))
    return _status("Accepted")


def _change_availability(box: Box, payload: Payload) -> Payload:
    is_operative = payload["type"] == "Operative"
    return _status(change_availability(box, payload["connectorId"], is_operative=is_operative))


def _reserve(box: Box, payload: Payload) -> Payload:
    expires = parse_time(payload["expiryDate"])
    if expires is None:
        return _status("Rejected")
    reservation = Reservation(payload["reservationId"], payload["idTag"], payload.get("parentIdTag"), expires.at)
    return _status(reserve(box, payload["connectorId"], reservation))


def _cancel_reservation(box: Box, payload: Payload) -> Payload:
    return _accepted(cancel_reservation(box, payload["reservationId"]))


def _get_configuration(box: Box, payload: Payload) -> Payload:
    wanted = payload.get("key") or list(KEYS)
    known = [SPELLINGS[name.lower()] for name in wanted if name.lower() in SPELLINGS]
    unknown = [name for name in wanted if name.lower() not in SPELLINGS]
    answer: Payload = {"configurationKey": [_describe_key(box, name) for name in known[:KEYS_PER_QUESTION_MAX]]}
    return {**answer, "unknownKey": unknown} if unknown else answer


def _describe_key(box: Box, name: str) -> Payload:
    key = KEYS[name]
    described: Payload = {"key": name, "readonly": key.is_readonly}
    # Security whitepaper, A00.FR.305: a password may be written and never be read.
    return described if key.is_secret else {**described, "value": box.keys.text(name)[:500]}


def _change_configuration(box: Box, payload: Payload) -> Payload:
    change = box.keys.change(payload["key"], payload["value"])
    if change is Change.ACCEPTED:
        _apply_key(box, SPELLINGS[payload["key"].lower()])
    return _status(change)


def _apply_key(box: Box, name: str) -> None:
    match name:
        case "HeartbeatInterval":
            box.plan_heartbeat()
        case "ClockAlignedDataInterval":
            plan_aligned(box)
        case "AuthorizationKey":
            # Security whitepaper, A01.FR.07: come back with the new password.
            box.agenda.set(("relink",), box.now + ANSWER_LEAVES_AFTER, partial(_relink, box))
        case "MeterValueSampleInterval":
            for connector in box.connectors:
                plan_samples(box, connector)


def _relink(box: Box, at: datetime) -> None:
    box.link_number += 1


def _clear_cache(box: Box, payload: Payload) -> Payload:
    if not box.keys.is_on("AuthorizationCacheEnabled"):
        return _status("Rejected")
    box.admission.cached.clear()
    return _status("Accepted")


def _send_local_list(box: Box, payload: Payload) -> Payload:
    if not box.keys.is_on("LocalAuthListEnabled"):
        return _status("NotSupported")
    version, entries = payload["listVersion"], payload.get("localAuthorizationList") or []
    if len(entries) > box.keys.number("SendLocalListMaxLength"):
        return _status("Failed")
    if payload["updateType"] == "Full":
        listed: dict[str, Verdict] = {}
    elif version <= box.admission.list_version:
        return _status("VersionMismatch")
    else:
        listed = dict(box.admission.listed)
    for entry in entries:
        # Section 7.8: an update that gives no idTagInfo removes the key.
        listed.pop(entry["idTag"].upper(), None)
        if entry.get("idTagInfo") is not None:
            listed[entry["idTag"].upper()] = read_verdict(entry["idTagInfo"])
    if len(listed) > box.keys.number("LocalAuthListMaxLength"):
        return _status("Failed")
    box.admission.list_version, box.admission.listed = version, listed
    return _status("Accepted")


def _get_list_version(box: Box, payload: Payload) -> Payload:
    # Section 5.10: -1 says that local lists are not supported, 0 that there is none.
    enabled = box.keys.is_on("LocalAuthListEnabled")
    return {"listVersion": box.admission.list_version if enabled else -1}


def _update_firmware(box: Box, payload: Payload) -> Payload:
    at = parse_time(payload["retrieveDate"])
    update_firmware(box, payload["location"], at.at if at else box.now)
    return {}


def _get_diagnostics(box: Box, payload: Payload) -> Payload:
    return {} if is_busy(box) else {"fileName": upload_diagnostics(box)}


def _data_transfer(box: Box, payload: Payload) -> Payload:
    return _status("Accepted" if payload["vendorId"].lower() in DISPLAY_VENDORS else "UnknownVendorId")


def _set_profile(box: Box, payload: Payload) -> Payload:
    return _accepted(Quirk.PROFILE_REJECTED not in box.quirks and set_profile(box, payload))


COMMANDS: dict[str, Command] = {
    "CancelReservation": _cancel_reservation,
    "ChangeAvailability": _change_availability,
    "ChangeConfiguration": _change_configuration,
    "ClearCache": _clear_cache,
    "ClearChargingProfile": clear_profiles,
    "DataTransfer": _data_transfer,
    "GetCompositeSchedule": composite_schedule,
    "GetConfiguration": _get_configuration,
    "GetDiagnostics": _get_diagnostics,
    "GetLocalListVersion": _get_list_version,
    "RemoteStartTransaction": _remote_start,
    "RemoteStopTransaction": _remote_stop,
    "ReserveNow": _reserve,
    "Reset": _reset,
    "SendLocalList": _send_local_list,
    "SetChargingProfile": _set_profile,
    "TriggerMessage": trigger,
    "UnlockConnector": _unlock,
    "UpdateFirmware": _update_firmware,
    **SECURITY_COMMANDS,
}
