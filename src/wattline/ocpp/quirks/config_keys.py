"""Configuration keys as charge points spell them: other case, quoted or spaced lists (C5)."""

from collections.abc import Iterable


def find_key(keys: Iterable[str], name: str) -> str | None:
    """Find a key by its name in OCPP; return it as the charge point spells it."""
    return next((key for key in keys if key.strip().casefold() == name.casefold()), None)


def read_list(value: str) -> tuple[str, ...]:
    """Read a comma-separated list, quoted as a whole or entry by entry, with blanks anywhere."""
    entries = (entry.strip(" \t\"'[]") for entry in value.replace(";", ",").split(","))
    return tuple(entry for entry in entries if entry)


def charging_rate_units(value: str) -> frozenset[str]:
    """Read ChargingScheduleAllowedChargingRateUnit: Current and Power in OCPP, A and W in some firmware."""
    known = {"current": "A", "a": "A", "power": "W", "w": "W"}
    return frozenset(known[entry.casefold()] for entry in read_list(value) if entry.casefold() in known)
