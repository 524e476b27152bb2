"""What the page of a charge point shows, from what the questions found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from wattline.domain.naming import name_of_box
from wattline.portal.reasons import source_words
from wattline.portal.rows import plug_kind, rank
from wattline.portal.states import PLUG_WORDS, charge_look, point_look, point_reason
from wattline.queries.portal_charge_point import Box, Connector, RunningCharge
from wattline.queries.portal_charge_points import StateChange
from wattline.queries.portal_power import PowerPoint
from wattline.web.drawing import Strip, strip
from wattline.web.formats import Formats

DAY = timedelta(hours=24)
# Where the day strip's labels stand, in hours before now.
DAY_MARKS = (24, 18, 12, 6)
# Below this share of its peak, power has fallen enough to explain.
FALLEN = 0.85


@dataclass(frozen=True, slots=True)
class State:
    """A state ready to be shown."""

    glyph: str
    word: str
    reason: str


@dataclass(frozen=True, slots=True)
class ConnectorView:
    """A connector as the page shows it; `look` is of its charge while one runs, else its own."""

    connector: Connector
    kind: str
    ground: str
    title: str
    look: State
    strips: list[Strip]


@dataclass(frozen=True, slots=True)
class PointView:
    """The page: the connector that matters most first."""

    box: Box
    name: str
    state: State
    first: ConnectorView
    others: list[ConnectorView]
    by_number: list[ConnectorView]
    in_contact: float | None
    day_marks: list[str]
    now_w: int


def point_view(box: Box, history: Sequence[StateChange], formats: Formats) -> PointView:
    """Arrange a box for its page."""
    # That we restarted is no news of a charge point that never called.
    heard = history if box.connected_at else []
    views = [_connector(one, box, [h for h in heard if h.connector_id == one.id], formats) for one in box.connectors]
    by_weight = sorted(views, key=lambda view: (view.connector.charge is None, rank(view.connector.state)))
    worst = min(views, key=lambda view: rank(view.connector.state))
    marks = [formats.minute(formats.now - timedelta(hours=hours)) for hours in DAY_MARKS]
    return PointView(
        box=box,
        name=name_of_box([one.name for one in box.connectors]),
        state=own_state(worst.connector, box, formats),
        first=by_weight[0],
        others=by_weight[1:],
        by_number=views,
        in_contact=share_in_contact(history, now=formats.now) if box.connected_at else None,
        day_marks=[*marks, "now"],
        now_w=sum(one.power_w or 0 for one in box.connectors if one.state == "busy-charging"),
    )


def _connector(one: Connector, box: Box, history: Sequence[StateChange], formats: Formats) -> ConnectorView:
    ground = point_look(one.state)[1].ground
    start = formats.now - DAY
    stretches = [(start, "off"), *((change.at, point_look(change.state)[1].ground) for change in history)]
    names = ", ".join(one.type_names) or "Connector"
    return ConnectorView(
        connector=one,
        kind=plug_kind(one.types),
        ground="gone" if ground == "off" else ground,
        title=f"{names}, {PLUG_WORDS[ground]}",
        look=charge_state(one.charge, formats) if one.charge else own_state(one, box, formats),
        strips=strip(stretches, start=start, end=formats.now),
    )


def own_state(one: Connector, box: Box, formats: Formats) -> State:
    """Say how a connector is."""
    glyph, look = point_look(one.state)
    reason = point_reason(
        one.state,
        formats,
        since=one.state_since,
        away_since=box.disconnected_at or one.state_since,
        error_code=one.error_code,
        error_info=one.error_info,
        raw_state=one.charge.raw_state if one.charge else None,
        reserved_until=one.charge.reserved_until if one.charge else None,
    )
    return State(glyph, look.word, reason)


def charge_state(charge: RunningCharge, formats: Formats) -> State:
    """Say how a running charge is."""
    glyph, look = charge_look(charge.state, failed=False)
    reason = {"suspended_ev": "by the car", "suspended_evse": "by the charge point"}.get(charge.raw_state or "", "")
    if charge.state == "reserved" and charge.reserved_until:
        reason = f"until {formats.minute(charge.reserved_until)}"
    return State(glyph, look.word, reason if charge.state in ("paused", "reserved") else "")


def share_in_contact(history: Sequence[StateChange], *, now: datetime) -> float | None:
    """Tell for which share of the last day we heard the box, in percent; one connector speaks for all."""
    if not history:
        return None
    one = [change for change in history if change.connector_id == history[0].connector_id]
    start, away = max(one[0].at, now - DAY), timedelta(0)
    for number, change in enumerate(one):
        until = one[number + 1].at if number + 1 < len(one) else now
        if change.state == "disconnected":
            away += max(until - max(change.at, start), timedelta(0))
    return 100 * (1 - away / max(now - start, timedelta(seconds=1)))


def curve_hint(connector: Connector, points: Sequence[PowerPoint]) -> str:
    """Explain the shape of a power curve in one sentence, when it needs one."""
    charge = connector.charge
    if charge is None or not points:
        return ""
    if charge.raw_state == "suspended_ev":
        return "The car takes nothing now: it is full, or waits for a schedule of its own. We cannot overrule it."
    if charge.raw_state == "suspended_evse":
        return "The charge point gives nothing now: a schedule, or its share of the power is 0."
    peak, last = max(point.power_w for point in points), points[-1].power_w
    if charge.state == "charging" and last < FALLEN * peak:
        return "Falling power is the car’s choice: it asks for less as the battery fills."
    return ""


def facts_of_charge(charge: RunningCharge, formats: Formats) -> list[tuple[str, Markup | str]]:
    """List what is known about a running charge beside its figures."""
    facts: list[tuple[str, Markup | str]] = [("Started by", _started_by(charge))]
    facts.append(("Began", formats.when(charge.started_at or charge.created_at)))
    if stops := _stops_at(charge, formats):
        facts.append(("Stops at", stops))
    if charge.payer:
        facts.append(("Paid by", charge.payer))
    if charge.partner_external_id:
        facts.append(("Partner’s id", charge.partner_external_id))
    if charge.reading_at:
        facts.append(("Last reading", formats.clock(charge.reading_at)))
    return facts


def _started_by(charge: RunningCharge) -> str:
    if charge.key_tail:
        return f"{charge.key_name or 'Charge key'} ··{charge.key_tail}"
    return source_words(charge.start_source)[0].upper() + source_words(charge.start_source)[1:]


def _stops_at(charge: RunningCharge, formats: Formats) -> Markup:
    limits = []
    if charge.soc_limit_percent is not None:
        limits.append(formats.percent(float(charge.soc_limit_percent)))
    if charge.energy_limit_wh is not None:
        limits.append(formats.energy(charge.energy_limit_wh, 0))
    said = Markup(" or ").join(limits)
    return said + ", whichever first" if len(limits) > 1 else said
