"""Charge keys in words: their state, what they open, who pays."""

from datetime import datetime
from typing import Any

# States as the list filters by them: glyph, word, and the hue of the filter.
STATES = {
    "active": ("available", "Active", "green"),
    "blocked": ("busy-blocked", "Blocked", "amber"),
    "lost": ("failed", "Lost", "red"),
    "expired": ("passive", "Expired", "ink-3"),
}
NETWORKS = (
    ("own_network", "Our network", "Off: it charges nowhere in our network."),
    ("operator_network", "Other teams of the operator", "Off: in our network it charges at its own team only."),
    ("roaming_network", "Other networks", "Off: it charges nowhere by roaming."),
)
TYPES = (("rfid", "Card or tag (RFID)"), ("vehicleId", "Car that is its own key (vehicle id)"))


def state_of(key: Any, now: datetime) -> str:
    """Tell which of the states a key is in."""
    if key["lost_at"] is not None:
        return "lost"
    if key["blocked_at"] is not None:
        return "blocked"
    return "expired" if key["active_until"] is not None and key["active_until"] <= now else "active"


def name_of(key: Any) -> str:
    """Say what people call a key."""
    return str(key["name"] or key["identifier"])


def payer_words(key: Any) -> str:
    """Say whose wallet pays for what a key charges."""
    if key["member"] is None:
        return f"The wallet of {key['team']}"
    if key["own_wallet"]:
        return f"The wallet of {key['member']}"
    return f"The wallet of {key['team']} where the member may use it, else {key['member']}’s own"


def bounds_words(key: Any) -> str:
    """Say what narrows a key, for a list: nothing when it charges wherever it can."""
    said = [", ".join(key["countries"]), ", ".join(key["operators"])]
    if not key["own_network"]:
        said.append("not in our network")
    elif not key["operator_network"]:
        said.append("own team only")
    if not key["roaming_network"]:
        said.append("no roaming")
    return " · ".join(each for each in said if each)
