"""Charging profiles as OCPP 1.6 spells them."""

from datetime import datetime, timedelta
from typing import Any

from wattline.emulator.box import Box
from wattline.emulator.charging_profiles import Period, Profile, ProfileKind, ProfilePurpose
from wattline.emulator.hardware import VOLTAGE_V
from wattline.emulator.v16.spelling import spell_time
from wattline.wire.ocpp.times import parse_time

Payload = dict[str, Any]

# A schedule nobody could read is no answer; longer ones are cut.
COMPOSITE_PERIODS_MAX = 48
# Nobody plans further ahead than a week.
COMPOSITE_SECONDS_MAX = 7 * 24 * 3600


def read_profile(connector: int, spelled: Payload) -> Profile:
    """Read a csChargingProfiles object for a connector."""
    schedule = spelled["chargingSchedule"]
    periods = (
        Period(period["startPeriod"], period["limit"], period.get("numberPhases"))
        for period in schedule["chargingSchedulePeriod"]
    )
    return Profile(
        id=spelled["chargingProfileId"],
        connector=connector,
        stack_level=spelled["stackLevel"],
        purpose=ProfilePurpose(spelled["chargingProfilePurpose"]),
        kind=ProfileKind(spelled["chargingProfileKind"]),
        unit=schedule["chargingRateUnit"],
        periods=tuple(sorted(periods, key=lambda period: period.start_seconds)),
        recurrency=spelled.get("recurrencyKind"),
        start_at=_time(schedule.get("startSchedule")),
        duration_seconds=schedule.get("duration"),
        valid_from=_time(spelled.get("validFrom")),
        valid_to=_time(spelled.get("validTo")),
        central_transaction_id=spelled.get("transactionId"),
    )


def set_profile(box: Box, payload: Payload) -> bool:
    """Install a profile, if it makes sense where it is meant for (OCPP 1.6 section 5.16)."""
    number = payload["connectorId"]
    profile = read_profile(number, payload["csChargingProfiles"])
    if not 0 <= number <= len(box.connectors) or not _fits(box, profile):
        return False
    installed = box.profiles.install(profile)
    box.look()
    return installed


def clear_profiles(box: Box, payload: Payload) -> Payload:
    """Remove what matches; Unknown when nothing did."""
    purpose = payload.get("chargingProfilePurpose")
    cleared = box.profiles.clear(
        id=payload.get("id"),
        connector=payload.get("connectorId"),
        purpose=None if purpose is None else ProfilePurpose(purpose),
        stack_level=payload.get("stackLevel"),
    )
    box.look()
    return {"status": "Accepted" if cleared else "Unknown"}


def composite_schedule(box: Box, payload: Payload) -> Payload:
    """Answer GetCompositeSchedule: what would hold from now on, if nothing changes."""
    number = payload["connectorId"]
    if not 0 <= number <= len(box.connectors):
        return {"status": "Rejected"}
    unit = payload.get("chargingRateUnit", "A")
    return {
        "status": "Accepted",
        "connectorId": number,
        "scheduleStart": spell_time(box, box.now),
        "chargingSchedule": {
            "duration": payload["duration"],
            "startSchedule": spell_time(box, box.now),
            "chargingRateUnit": unit,
            "chargingSchedulePeriod": _composite_periods(box, number, payload["duration"], unit),
        },
    }


def _composite_periods(box: Box, number: int, seconds: int, unit: str) -> list[Payload]:
    transaction = None if number == 0 else box.connector(number).transaction
    began_at = box.now if transaction is None else transaction.began_at
    until = box.now + timedelta(seconds=min(seconds, COMPOSITE_SECONDS_MAX))
    periods: list[Payload] = []
    for at in [box.now, *box.profiles.changes(box.now, until, began_at)]:
        limit = _limit(box, number, at, began_at, unit)
        if not periods or periods[-1]["limit"] != limit:
            periods.append({"startPeriod": int((at - box.now).total_seconds()), "limit": limit})
    return periods[:COMPOSITE_PERIODS_MAX]


def _limit(box: Box, number: int, at: datetime, began_at: datetime, unit: str) -> float:
    found = box.profiles.limit(number, at, began_at)
    power_w = box.hardware.power_w_max if found is None else min(found.power_w, box.hardware.power_w_max)
    return round(power_w if unit == "W" else power_w / (VOLTAGE_V * box.hardware.phases), 1)


def _fits(box: Box, profile: Profile) -> bool:
    match profile.purpose:
        case ProfilePurpose.CHARGE_POINT_MAX:
            return profile.connector == 0
        case ProfilePurpose.TX_DEFAULT:
            return True
        case ProfilePurpose.TX:
            transaction = None if profile.connector == 0 else box.connector(profile.connector).transaction
            return transaction is not None and profile.central_transaction_id in {None, transaction.central_id}


def _time(text: str | None) -> datetime | None:
    read = None if text is None else parse_time(text)
    return None if read is None else read.at
