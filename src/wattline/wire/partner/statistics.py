"""Statistics of charge points and sites, and reports of drivers, in JSON. Durations in seconds, rates in percent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wattline.domain.performance import Share, by_day, by_month, shares
from wattline.domain.report_reasons import Reason
from wattline.domain.success_rate import success_percent
from wattline.domain.uptime import Nevi, Stretch, time_in_states
from wattline.wire.partner.shapes import Shape, Time


class States(Shape, kw_only=True):
    """How long charge points were in a state."""

    state: str
    percentage: float
    duration: int


class ExemptState(Shape, kw_only=True):
    """The part of an outage that does not count: see NEVI's list of exclusions."""

    percentage: float
    duration: int


class Performance(Shape, kw_only=True):
    """A state's part of a day or a month."""

    status: str
    duration: int
    usage_percentage: float


class TimePeriod(Shape, kw_only=True):
    """A day or a month, by its first moment (UTC)."""

    date: Time
    daily_performance: list[Performance]


class ChargePointStatistics(Shape, kw_only=True):
    """How one charge point did. `systemUptimePercentage` is NEVI's; null when nothing was measured."""

    charge_point_id: int
    site_id: int | None
    from_date: Time
    to_date: Time
    total_energy_consumed: float
    total_sessions: int
    session_success_rate: float
    system_uptime_percentage: float | None
    states: list[States]
    exempt_state: ExemptState | None
    days: list[TimePeriod]
    months: list[TimePeriod]


class SiteStatistics(Shape, kw_only=True):
    """How a site's charge points did together."""

    site_id: int | None
    from_date: Time
    to_date: Time
    total_energy_consumed: float
    total_sessions: int
    session_success_rate: float
    system_uptime_percentage: float | None
    states: list[States]
    days: list[TimePeriod]
    months: list[TimePeriod]


class ReportReason(Shape, kw_only=True):
    """Why a driver reports a charge point."""

    id: int
    identifier: str
    reason: str
    type: str
    priority: str


class Report(Shape, kw_only=True):
    """What a driver says of a charge point."""

    id: int
    reported_by_user_id: int | None
    operator_id: int
    relation_type: str
    relation_id: int
    body: str | None
    state: str
    reason: ReportReason | None
    source: str | None
    image_urls: list[str]
    assigned_to_operator_id: int | None
    assigned_to_user_id: int | None
    resolved_by_user_id: int | None
    operator_note: str | None
    admin_note: str | None
    user_note: str | None
    resolved_at: Time | None
    escalated_at: Time | None
    assigned_at: Time | None
    created_at: Time
    updated_at: Time | None
    deleted_at: Time | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What statistics are made of: the states of all connectors, uptime, and starts."""

    start: datetime
    end: datetime
    timeline: Sequence[Stretch]
    uptime: Nevi
    tried: int
    worked: int
    energy_wh: int


def figures(measured: Measured) -> dict[str, Any]:
    """Work out the fields that charge points and sites share."""
    days = by_day(measured.timeline)
    return {
        "from_date": measured.start,
        "to_date": measured.end,
        "total_energy_consumed": measured.energy_wh / 1000,
        "total_sessions": measured.tried,
        "session_success_rate": success_percent(tried=measured.tried, worked=measured.worked) or 0.0,
        "system_uptime_percentage": measured.uptime.percent,
        "states": [
            States(state=one.state, percentage=one.percent, duration=_seconds(one.length))
            for one in shares(time_in_states(measured.timeline))
        ],
        "days": _periods(days),
        "months": _periods(by_month(days)),
    }


def exempt_of(uptime: Nevi) -> ExemptState | None:
    """Tell what was left out; None when nothing was."""
    if not uptime.excluded:
        return None
    return ExemptState(percentage=100 * (uptime.excluded / uptime.total), duration=_seconds(uptime.excluded))


def reason_of(reason: Reason) -> ReportReason:
    """Make a reason's JSON."""
    return ReportReason(
        id=reason.id,
        identifier=reason.identifier,
        reason=reason.words,
        type="charge-point",
        priority=reason.priority,
    )


_AS_STORED = (
    "id", "reported_by_user_id", "operator_id", "body", "state", "source", "resolved_by_user_id", "operator_note",
    "resolved_at", "created_at", "updated_at", "deleted_at",
)  # fmt: skip


def report_of(row: Any, reasons: Mapping[int, Reason]) -> Report:
    """Make a report of a row of driver_report."""
    reason = reasons.get(row["reason_id"])
    return Report(
        **{column: row[column] for column in _AS_STORED},
        relation_type="charge-point",
        relation_id=row["connector_id"],
        reason=reason_of(reason) if reason else None,
        image_urls=[],
        assigned_to_operator_id=None,
        assigned_to_user_id=None,
        admin_note=None,
        user_note=None,
        escalated_at=None,
        assigned_at=None,
    )


def _periods(periods: Mapping[datetime, Mapping[str, timedelta]]) -> list[TimePeriod]:
    return [
        TimePeriod(date=at, daily_performance=[_performance(one) for one in shares(lengths)])
        for at, lengths in periods.items()
    ]


def _performance(one: Share) -> Performance:
    return Performance(status=one.state, duration=_seconds(one.length), usage_percentage=one.percent)


def _seconds(length: timedelta) -> int:
    return round(length.total_seconds())
