"""Vendor → what to do otherwise. Each row names the field note (section 6) or the report it comes from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest
from typing import Any

# Vendors and models are few, but charge points may call themselves anything.
NAMES_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How to treat one make of charge point. The defaults are for those that keep to OCPP."""

    answer_timeout_s: float = 0.0
    """Wait at least this long for an answer; the setting holds when it is longer."""
    settle_delay_s: float = 0.0
    """Leave it alone at least this long after the answer to its BootNotification."""
    call_spacing_s: float = 0.0
    """Leave this much time between an answer and our next call."""
    drop_instead_of_close: bool = False
    """End its TCP connection without a WebSocket close: it never dials again after a proper goodbye."""
    measurands: tuple[str, ...] | None = None
    """Let its settings ask for these measurands at most; None: it may be asked for all."""
    stack_levels: frozenset[int] | None = None
    """The stack levels its charging profiles may have; None: as its configuration says."""
    remote_start_with_profile: bool = True
    """Takes a RemoteStartTransaction that carries a charging profile."""
    obeys_profiles: bool = True
    """Does what an accepted charging profile says; if not, its owner is told."""
    limit_units_per_ampere: int = 1
    """Factor from ampere to the number in its own configuration keys, for values written like `16 A`."""
    trigger_status_of_connector_0: bool = True
    """Takes TriggerMessage StatusNotification for the charge point as a whole."""
    trigger_meter_values_without_connector: bool = True
    """Takes TriggerMessage MeterValues without a connector."""
    plug_and_charge_keys: tuple[str, ...] = ()
    """Configuration keys that hold the tag it charges with when no key is tapped; read before the first start."""
    blocks_refused_tags: bool = False
    """Refuses a key by itself once we answered Invalid to its StartTransaction; it gets ConcurrentTx instead."""
    tag_suffix_separator: str | None = None
    """What stands between a tag and the serial number it adds."""
    free_vend_tags: frozenset[str] = frozenset()
    """Tags it sends when it charges without a key: what waits on the connector then begins."""
    wh_means_kwh: bool = False
    """Labels kWh as Wh in MeterValues."""


@dataclass(frozen=True, slots=True)
class Row:
    """Which charge points (vendor begins with, model contains, firmware up to), and what they need."""

    vendor: str
    changes: Mapping[str, Any]
    source: str
    model: str = ""
    firmware_until: str = ""
    """The last version that has the oddity; empty: all."""

    def fits(self, vendor: str, model: str, firmware: str) -> bool:
        return (
            vendor.startswith(self.vendor)
            and self.model in model
            and not (self.firmware_until and is_newer(version_numbers(firmware), version_numbers(self.firmware_until)))
        )


# Three measurands that every charge point can tell, for those that stumble over more.
FEW_MEASURANDS = ("Energy.Active.Import.Register", "Power.Active.Import", "Current.Import")

ROWS: tuple[Row, ...] = (
    Row("wallboxchargers", {"settle_delay_s": 10.0, "call_spacing_s": 1.0}, "B3"),
    Row("wallboxchargers", {"stack_levels": frozenset({0})}, "C4"),
    Row("abb", {"measurands": FEW_MEASURANDS}, "B4", model="tac", firmware_until="1.8.21"),
    Row("mennekes", {"answer_timeout_s": 60.0, "call_spacing_s": 2.0}, "B5"),
    Row("jigu", {"drop_instead_of_close": True}, "H10"),
    Row("foxess", {"drop_instead_of_close": True}, "H10"),
    Row("keba", {"tag_suffix_separator": "_", "limit_units_per_ampere": 1000, "blocks_refused_tags": True}, "F9 C4 C9"),
    Row("evbox", {"limit_units_per_ampere": 10}, "C4"),
    Row("abl", {"trigger_status_of_connector_0": False, "trigger_meter_values_without_connector": False}, "C1"),
    Row("goe", {"remote_start_with_profile": False, "obeys_profiles": False}, "C7 C6"),
    Row("alfen", {"plug_and_charge_keys": ("PlugAndChargeIdentifier",)}, "C8"),
    Row("openevse", {"wh_means_kwh": True}, "T8", firmware_until="4.2.2"),
    Row("monta", {"free_vend_tags": frozenset({"FFFFFFFF"})}, "section 2"),
)


@lru_cache(NAMES_REMEMBERED)
def quirks_for(vendor: str | None, model: str | None, firmware: str | None) -> Quirks:
    """Return how to treat a charge point, by what its BootNotification says of it; later rows win."""
    quirks = Quirks()
    for row in ROWS:
        if row.fits(_plain(vendor), _plain(model), firmware or ""):
            quirks = replace(quirks, **row.changes)
    return quirks


def version_numbers(firmware: str) -> tuple[int, ...]:
    """Read the version out of a firmware's name: `TAC3Z9119006710273::V1.8.21` → (1, 8, 21); () when it has none."""
    found = re.findall(r"\d{1,9}(?:\.\d{1,9})+", firmware)
    return tuple(map(int, found[-1].split("."))) if found else ()


def is_newer(version: tuple[int, ...], than: tuple[int, ...]) -> bool:
    """Compare versions; 1.8 is 1.8.0. One that cannot be read counts as not newer."""
    pairs = zip_longest(version, than, fillvalue=0)
    return next((left > right for left, right in pairs if left != right), False)


def _plain(name: str | None) -> str:
    return re.sub(r"[^a-z0-9]", "", (name or "").casefold())
