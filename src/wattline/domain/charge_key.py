"""Charge keys: which identifiers people may add, how a tag on the wire finds its key, and whether it may charge."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wattline.domain.refusals import Invalid

VEHICLE_PREFIX = "VID:"

# Hex characters of a 4-, 7- and 10-byte UID. A setting may add more; it binds keys that people add, never wire tags.
KEY_LENGTHS = frozenset({8, 14, 20})

_SEPARATORS = re.compile(r"[\s:\-]")


class KeyStatus(StrEnum):
    """OCPP's AuthorizationStatus."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    EXPIRED = "Expired"
    INVALID = "Invalid"
    CONCURRENT = "ConcurrentTx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What the rules need to know of a charge key. `team_stopped`: its team is frozen or blocked.

    `country_ids` and `operator_ids` are where it was narrowed to; empty binds nothing. They bind at the team's own
    charge points too.
    """

    operator_id: int
    team_id: int
    own_network: bool
    operator_network: bool
    active_until: datetime | None
    blocked_at: datetime | None
    team_stopped: bool
    country_ids: frozenset[int] = frozenset()
    operator_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key is held to a reader. `public` means that any driver may charge there; its country may be unknown."""

    operator_id: int
    team_id: int
    public: bool
    country_id: int | None = None


def normalise(identifier: str) -> str:
    """Return the form in which identifiers are compared: no case, no spaces, no separators (field note F10)."""
    text = identifier.strip()
    if text[:4].upper() == VEHICLE_PREFIX:
        return VEHICLE_PREFIX + _bare(text[4:])
    return _bare(text)


def identifier_key(identifier: str, key_type: str) -> str:
    """Return the unique form of a key's identifier; vehicle ids and RFID keys never collide."""
    return VEHICLE_PREFIX + _bare(identifier) if key_type == "vehicleId" else _bare(identifier)


def lookup_keys(tag: str) -> tuple[str, ...]:
    """List the unique forms a tag on the wire may stand for, the likeliest first.

    Boxes leave out the `VID:` of a vehicle's address, and a slave adds its serial to the tag (`12345678_serial`, F9).
    """
    whole = normalise(tag)
    forms = [whole]
    if not whole.startswith(VEHICLE_PREFIX):
        forms.append(VEHICLE_PREFIX + whole)
        if "_" in whole:
            forms.append(whole.partition("_")[0])
    return tuple(form for form in forms if form not in ("", VEHICLE_PREFIX))


def is_same_tag(told: str, asked: str) -> bool:
    """Tell whether a box means the tag we gave it, though it changed its case or added a suffix (F9)."""
    return normalise(asked) in lookup_keys(told)


def must_be_valid(identifier: str, key_type: str, *, lengths: frozenset[int] = KEY_LENGTHS) -> None:
    """Refuse an identifier that no reader can produce."""
    if identifier.strip()[:4].upper() == VEHICLE_PREFIX:
        raise Invalid("identifier", "must be given without the prefix VID:")
    bare = _bare(identifier)
    if not bare:
        raise Invalid("identifier", "must not be empty")
    if key_type == "rfid" and (len(bare) not in lengths or re.fullmatch("[0-9A-F]+", bare) is None):
        allowed = ", ".join(str(length) for length in sorted(lengths))
        raise Invalid("identifier", f"must have {allowed} hexadecimal characters; this one is “{bare}” ({len(bare)})")


def may_charge(key: Key | None, place: Place, *, now: datetime) -> KeyStatus:
    """Decide whether a key may charge at a place; for a charge that is told late, whether it might at that time."""
    if key is None:
        return KeyStatus.INVALID
    if key.team_stopped or (key.blocked_at is not None and key.blocked_at <= now):
        return KeyStatus.BLOCKED
    if key.active_until is not None and key.active_until <= now:
        return KeyStatus.EXPIRED
    return KeyStatus.ACCEPTED if _reaches(key, place) else KeyStatus.INVALID


def _reaches(key: Key, place: Place) -> bool:
    if not key.own_network or not _is_let(key, place):
        return False
    if key.team_id == place.team_id:
        return True
    if key.operator_id == place.operator_id:
        return key.operator_network
    return place.public


def _is_let(key: Key, place: Place) -> bool:
    """Tell whether a place is within what the key was narrowed to. An unknown country is in no list."""
    if key.country_ids and place.country_id not in key.country_ids:
        return False
    return not key.operator_ids or place.operator_id in key.operator_ids


def _bare(text: str) -> str:
    return _SEPARATORS.sub("", text).upper()
