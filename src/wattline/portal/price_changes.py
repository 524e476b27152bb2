"""Who changed what of a price group, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.price_terms import Pricing
from wattline.portal.money_words import pricing_words
from wattline.portal.price_groups import GroupLine
from wattline.queries.price_changes import PriceChange, price_changes
from wattline.web.formats import Formats

DEEDS = {"create": "Made", "update": "Changed", "default": "Made the default", "delete": "Deleted", "apply": "Put up"}
PLACES = {"chargePoints": ("charge point", "charge points"), "sites": ("site", "sites"),
          "teamMembers": ("member", "members")}  # fmt: skip
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Change:
    """One change: when, who, what was done, and the details."""

    at: datetime
    who: str
    deed: str
    details: str


async def changes_of(connection: Connection, viewer: Viewer, group: GroupLine, formats: Formats) -> Sequence[Change]:
    """List the newest changes of a group and of where it counts."""
    found = [
        *await price_changes(connection, "price-group", group.id, viewer=viewer),
        *await price_changes(connection, "application", group.id, viewer=viewer),
    ]
    found.sort(key=lambda change: change.at, reverse=True)
    return [
        Change(each.at, each.who, DEEDS.get(each.deed, each.deed), _details(each, group.currency, formats))
        for each in found[:SHOWN]
    ]


def _details(change: PriceChange, currency: str, formats: Formats) -> str:
    if change.deed == "apply":
        return _places(change.became or {})
    was, became = _words(change.was, currency, formats), _words(change.became, currency, formats)
    if change.deed != "update":
        return ", ".join(became.values()) if change.deed == "create" else ""
    said = [
        f"{was.get(key, 'nothing')} → {became.get(key, 'nothing')}"
        for key in {**was, **became}
        if was.get(key) != became.get(key)
    ]
    return "; ".join(said) or "nothing that shows"


def _places(became: Mapping[str, Sequence[int]]) -> str:
    said = []
    for key, (one, several) in PLACES.items():
        count = len(became.get(key, ()))
        if count:
            said.append(f"{count} {one if count == 1 else several}")
    return "at " + ", ".join(said) if said else ""


def _words(state: Any, currency: str, formats: Formats) -> dict[str, str]:
    """Say what a group was, part by part."""
    if not isinstance(state, dict):
        return {}
    said = {"name": f"“{state.get('name', '')}”"}
    for name, word in (("minimum_minor", "at least"), ("maximum_minor", "at most")):
        if state.get(name):
            said[name] = f"{word} {formats.number(state[name] / 100, 2)} {currency.upper()}"
    for position, told in enumerate(state.get("prices", ())):
        pricing = msgspec.convert(told, Pricing, strict=False)
        said[f"{pricing.type}{position if position == 0 else ''}"] = pricing_words(pricing, formats, currency)
    return said
