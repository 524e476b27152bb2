"""The Health tab of a charge point: starts that worked, uptime by both formulas, restarts, what drivers report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.refusals import Invalid
from wattline.domain.report_reasons import REASONS
from wattline.domain.success_rate import success_percent
from wattline.domain.uptime import Excuse, Nevi, Reliability, nevi, reliability, stretches
from wattline.operations.driver_reports import NewReport, add_report, resolve_report
from wattline.operations.outage_exclusions import leave_out as note_exclusion
from wattline.portal.addresses import number
from wattline.portal.charge_point import headed
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.simple_deeds import do_and_go
from wattline.queries import health as question
from wattline.queries.portal_charge_point import Connector
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest, go

PERIODS = {30: "30 days", 90: "90 days", 365: "12 months"}
EXCUSE_WORDS = {
    Excuse.GRID: "Power cut",
    Excuse.VEHICLE: "The vehicle’s fault",
    Excuse.MAINTENANCE: "Planned maintenance",
    Excuse.VANDALISM: "Vandalism",
    Excuse.DISASTER: "Storm, flood, fire",
    Excuse.CLOSED: "The place was closed",
}
REASON_WORDS = {reason.id: reason.words for reason in REASONS}
BECAUSE_WORDS = {"faulted": "It had a fault for an hour", "unavailable": "It was unavailable for an hour",
                 "silent": "Nothing was heard of it for an hour"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PortHealth:
    """A connector's uptime by both formulas."""

    number: int | None
    nevi: Nevi
    uk: Reliability


@get("/charge-points/{box_id:int}/health")
async def health_page(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """Show how well it works."""
    return await _page(Asked.of(request), box_id, Form())


@post("/charge-points/{box_id:int}/health/leave-out", status_code=200)
async def leave_out(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """Note a time that does not count."""
    asked, form = Asked.of(request), await Form.of(request)
    try:
        start, end = _moment(form, "from", asked.session.formats), _moment(form, "until", asked.session.formats)
        await note_exclusion(
            asked.database, box_id, start=start, end=end, reason=form["reason"], asked_by=asked.session.viewer,
            now=asked.session.now,
        )  # fmt: skip
    except Invalid as refusal:
        return await _page(asked, box_id, form.refused(refusal))
    return go(f"/charge-points/{box_id}/health", request)


@post("/charge-points/{box_id:int}/health/report", status_code=200)
async def report(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """Take down what a driver said."""
    asked, form = Asked.of(request), await Form.of(request)
    new = NewReport(
        connector_id=form.number("connector") or 0, reason_id=form.number("said_reason") or 0, body=form["body"]
    )
    verb = add_report(asked.database, new, asked_by=asked.session.viewer, now=asked.session.now)
    return await do_and_go(asked, "Report", verb, to=f"/charge-points/{box_id}/health", here="charge-points")


@post("/charge-points/{box_id:int}/health/reports/{report_id:int}/resolve", status_code=200)
async def resolve(request: PageRequest, box_id: FromPath[int], report_id: FromPath[int]) -> Response[bytes]:
    """Close a report."""
    asked, form = Asked.of(request), await Form.of(request)
    verb = resolve_report(
        asked.database, report_id, note=form["note"], asked_by=asked.session.viewer, now=asked.session.now
    )
    return await do_and_go(asked, "Resolve", verb, to=f"/charge-points/{box_id}/health", here="charge-points")


async def _page(asked: Asked, box_id: int, form: Form) -> Response[bytes]:
    wished = number(asked.request.query_params.get("days")) or 0
    days = wished if wished in PERIODS else 30
    end = asked.session.now
    start = end - timedelta(days=days)
    async with asked.database.read() as connection:
        values = await headed(asked, connection, box_id, "health")
        connectors = [view.connector for view in values["view"].by_number]
        starts = await question.starts_of(connection, [one.id for one in connectors], start=start, end=end)
        return await asked.page(
            "charge_point_health.jinja", connection, here="charge-points", status=400 if form.problems else 200,
            days=days, periods=PERIODS, starts=starts, form=form, excuses=EXCUSE_WORDS, reasons=REASONS,
            success=success_percent(tried=starts.tried, worked=starts.worked), reason_words=REASON_WORDS,
            because_words=BECAUSE_WORDS, ports=await _ports(connection, box_id, connectors, start, end),
            exclusions=await question.noted_exclusions(connection, box_id),
            attempts=await question.attempts_of(connection, box_id),
            reports=await question.reports_of(connection, box_id), **values,
        )  # fmt: skip


async def _ports(
    connection: Connection, box_id: int, connectors: Sequence[Connector], start: datetime, end: datetime
) -> list[PortHealth]:
    spans = (await question.exclusions_of(connection, [box_id])).get(box_id, [])
    changes = await question.timelines(connection, [one.id for one in connectors], start=start, end=end)
    ports = []
    for one in connectors:
        timeline = stretches(changes[one.id], start=start, end=end)
        ports.append(PortHealth(one.number, nevi(timeline, spans), reliability(timeline)))
    return ports


def _moment(form: Form, field: str, formats: Formats) -> datetime:
    try:
        local = datetime.fromisoformat(form[field])
    except ValueError:
        raise Invalid(field, "must be a day and a time.") from None
    return local.replace(tzinfo=formats.zone) if local.tzinfo is None else local
