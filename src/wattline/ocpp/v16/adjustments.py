"""What is changed in a call before it goes out, since this make or this very box chokes on it (C1 to C8, B4)."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from wattline.ocpp.quirks import Quirks
from wattline.ocpp.quirks.config_keys import charging_rate_units, find_key, read_list

Payload = dict[str, Any]
Settings = Mapping[str, str]

# Actions that depend on what the box told of its settings.
BY_SETTINGS = frozenset({"ChangeConfiguration", "GetConfiguration", "SetChargingProfile", "RemoteStartTransaction"})

VOLTS = 230
PHASES = 3

# "16 A", as people write a limit whatever the unit of the box.
_AMPERES = re.compile(r"\s*(\d{1,4}(?:\.\d{1,3})?)\s*A\s*", re.IGNORECASE)
# MeterValuesSampledData, StopTxnAlignedData and their like.
_MEASURANDS = re.compile(r"(metervalues|stoptxn)(sampled|aligned)data", re.IGNORECASE)


def prepare(action: str, payload: Payload, quirks: Quirks, settings: Settings) -> Payload:
    """Adjust a payload to the make of the box and to what it told of its settings; often it stays as it is."""
    for adjust in ADJUSTMENTS.get(action, ()):
        payload = adjust(payload, quirks, settings)
    return payload


def _without_profile(payload: Payload, quirks: Quirks, _settings: Settings) -> Payload:
    # Field note C7: the start is refused because of the profile, which can be sent on its own.
    if quirks.remote_start_with_profile:
        return payload
    return {name: value for name, value in payload.items() if name != "chargingProfile"}


def _fitting_profile(payload: Payload, quirks: Quirks, settings: Settings) -> Payload:
    for name in ("csChargingProfiles", "chargingProfile"):
        profile = payload.get(name)
        if isinstance(profile, dict):
            levelled = _on_known_level(profile, quirks, settings)
            payload = payload | {name: _in_known_unit(levelled, settings)}
    return payload


def _on_known_level(profile: Payload, quirks: Quirks, settings: Settings) -> Payload:
    """Field note C4: a stack level the box does not know gets the highest it knows."""
    level = profile.get("stackLevel")
    told = settings.get(find_key(settings, "ChargeProfileMaxStackLevel") or "", "").strip()
    most = max(quirks.stack_levels) if quirks.stack_levels else int(told) if told.isdecimal() else None
    if most is None or not isinstance(level, int) or level <= most:
        return profile
    return profile | {"stackLevel": most}


def _in_known_unit(profile: Payload, settings: Settings) -> Payload:
    """Field note C5: limits in the unit the box says it takes, in whichever way it says so."""
    schedule = profile.get("chargingSchedule")
    known = charging_rate_units(settings.get(find_key(settings, "ChargingScheduleAllowedChargingRateUnit") or "", ""))
    if not isinstance(schedule, dict) or not known or schedule.get("chargingRateUnit") in (*known, None):
        return profile
    (unit,) = known
    periods = [
        period | {"limit": _converted(period["limit"], unit, period.get("numberPhases") or PHASES)}
        for period in schedule.get("chargingSchedulePeriod", ())
    ]
    # The lowest useful rate is only a hint; better none than one in the wrong unit.
    kept = {name: value for name, value in schedule.items() if name != "minChargingRate"}
    changed = kept | {"chargingRateUnit": unit, "chargingSchedulePeriod": periods}
    return profile | {"chargingSchedule": changed}


def _converted(limit: float, unit: str, phases: int) -> float:
    volts = VOLTS * phases
    return round(limit * volts, 1) if unit == "W" else round(limit / volts, 1)


def _spelled_key(payload: Payload, _quirks: Quirks, settings: Settings) -> Payload:
    """Field note C5: the key as the box spells it."""
    spelled = find_key(settings, str(payload.get("key")))
    return payload if spelled is None else payload | {"key": spelled}


def _spelled_keys(payload: Payload, _quirks: Quirks, settings: Settings) -> Payload:
    keys = payload.get("key")
    if not isinstance(keys, list):
        return payload
    return payload | {"key": [find_key(settings, str(key)) or key for key in keys]}


def _few_measurands(payload: Payload, quirks: Quirks, _settings: Settings) -> Payload:
    """Field note B4: asked for more than it can, it reboots for ever."""
    if quirks.measurands is None or not _MEASURANDS.fullmatch(str(payload.get("key"))):
        return payload
    wanted = [name for name in read_list(str(payload.get("value"))) if name in quirks.measurands]
    return payload | {"value": ",".join(wanted or quirks.measurands[:1])}


def _limit_in_its_unit(payload: Payload, quirks: Quirks, _settings: Settings) -> Payload:
    """Field note C4: `16 A` in the unit of its configuration keys. A bare number goes out as it is."""
    found = _AMPERES.fullmatch(str(payload.get("value")))
    if found is None:
        return payload
    return payload | {"value": f"{(Decimal(found[1]) * quirks.limit_units_per_ampere).normalize():f}"}


def _with_connector(payload: Payload, quirks: Quirks, _settings: Settings) -> Payload:
    """Field note C1: asked for the whole box it refuses; its first connector tells as much."""
    asks = payload.get("requestedMessage")
    for_status = asks == "StatusNotification" and not quirks.trigger_status_of_connector_0
    for_values = asks == "MeterValues" and not quirks.trigger_meter_values_without_connector
    if payload.get("connectorId") or not (for_status or for_values):
        return payload
    return payload | {"connectorId": 1}


ADJUSTMENTS: Mapping[str, tuple[Callable[[Payload, Quirks, Settings], Payload], ...]] = {
    "ChangeConfiguration": (_spelled_key, _few_measurands, _limit_in_its_unit),
    "GetConfiguration": (_spelled_keys,),
    "RemoteStartTransaction": (_without_profile, _fitting_profile),
    "SetChargingProfile": (_fitting_profile,),
    "TriggerMessage": (_with_connector,),
}
