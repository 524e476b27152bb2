"""One row of the charge point list, from what the question found to what the page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from wattline.domain.naming import name_of_box
from wattline.portal.states import PLUG_WORDS, point_look, point_reason
from wattline.queries.portal_charge_points import PRECEDENCE, BoxRow, ConnectorRow, StateChange
from wattline.web.drawing import Strip, strip
from wattline.web.formats import NOTHING, Formats

# Below this share of starts that worked a figure turns red: somebody should look.
STARTS_OK_GOOD = 90.0
# So few starts say nothing about a charge point.
STARTS_MIN = 5
DAY = timedelta(hours=24)

# Which ground wins where the connectors of one box differ at the same time.
GROUNDS = ("error", "charging", "busy", "waiting", "gone", "available", "off")


@dataclass(frozen=True, slots=True)
class Plug:
    """A connector glyph: which shape, on which ground, and the same in words."""

    kind: str
    ground: str
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """A box as the list shows it."""

    key: int
    name: str
    identity: str
    href: str
    state: str
    word: str
    reason: str
    plugs: list[Plug]
    power: Markup
    strips: list[Strip]
    today: Markup
    starts_ok: Markup
    starts_bad: bool
    site: str
    heard: Markup | str
    can_be_asked: bool
    more: dict[str, str | Markup]


def row_of(box: BoxRow, history: Sequence[StateChange], formats: Formats) -> Row:
    """Turn a box into its row."""
    worst = min(box.connectors, key=lambda connector: rank(connector.state))
    share = 100 * box.starts_ok / box.starts if box.starts >= STARTS_MIN else None
    power = sum(connector.power_w or 0 for connector in box.connectors if connector.state == "busy-charging")
    return Row(
        key=box.key,
        name=name_of_box([connector.name for connector in box.connectors]),
        identity=box.identity or "",
        href=box_href(box.key),
        state=worst.state,
        word=point_look(worst.state)[1].word,
        reason=reason_of(worst, box.disconnected_at, formats),
        plugs=[plug_of(connector) for connector in box.connectors],
        power=formats.power(power) if power else NOTHING,
        # That we restarted is no news of a charge point that never called.
        strips=day_strip(history if worst.state != "passive" else [], now=formats.now),
        today=formats.energy(box.energy_today_wh, 0) if box.last_heard_at else NOTHING,
        starts_ok=formats.percent(share, 1),
        starts_bad=share is not None and share < STARTS_OK_GOOD,
        site=box.site or "",
        heard=formats.when(box.last_heard_at) if box.last_heard_at else "never",
        can_be_asked=box.id is not None and box.connected,
        more=more_of(box, formats),
    )


def more_of(box: BoxRow, formats: Formats) -> dict[str, str | Markup]:
    """Say what stands in the columns that have to be chosen; where connectors differ, all of it."""
    powers = [one.max_power_w for one in box.connectors if one.max_power_w is not None]
    access = {"Public" if one.visibility == "public" else "Private" for one in box.connectors}
    if any(one.active_at is None for one in box.connectors):
        access.add("inactive")
    return {
        "team": box.team,
        "model": box.model,
        "firmware": box.firmware or "",
        "price": ", ".join(sorted({one.price_group for one in box.connectors if one.price_group})),
        "access": ", ".join(sorted(access)),
        "max": formats.power(max(powers)) if powers else NOTHING,
    }


def rank(state: str) -> int:
    """Order states by how much they ask of a person."""
    return PRECEDENCE.index(state) if state in PRECEDENCE else len(PRECEDENCE)


def box_href(key: int) -> str:
    """Return the page of a box, or the wizard that is to give a charge point its hardware."""
    return f"/charge-points/{key}" if key > 0 else f"/charge-points/add/{-key}"


def plug_kind(types: Sequence[str]) -> str:
    """Choose the drawn shape for a connector's types."""
    joined = " ".join(types).lower()
    if "ccs" in joined or "combo" in joined:
        return "ccs"
    return "chademo" if "chademo" in joined else "type2"


def plug_of(connector: ConnectorRow) -> Plug:
    """Draw a connector in its state."""
    ground = point_look(connector.state)[1].ground
    words = PLUG_WORDS[ground]
    return Plug(
        plug_kind(connector.connector_types),
        "gone" if ground == "off" else ground,
        f"Connector {connector.number or 1}: {words}",
    )


def reason_of(connector: ConnectorRow, away_since: datetime | None, formats: Formats) -> str:
    """Say why a connector is in its state, or since when."""
    return point_reason(
        connector.state,
        formats,
        since=connector.state_since,
        away_since=away_since or connector.state_since,
        error_code=connector.error_code,
        error_info=connector.error_info,
        raw_state=connector.raw_state,
        reserved_until=connector.reserved_until,
    )


def day_strip(history: Sequence[StateChange], *, now: datetime) -> list[Strip]:
    """Draw the last 24 hours of one or several connectors as one strip; before the first news it is out of use."""
    start = now - DAY
    current: dict[int, str] = {}
    stretches: list[tuple[datetime, str]] = [(start, "off")]
    for change in sorted(history, key=lambda change: change.at):
        current[change.connector_id] = point_look(change.state)[1].ground
        stretches.append((change.at, min(current.values(), key=GROUNDS.index)))
    return strip(stretches, start=start, end=now)
