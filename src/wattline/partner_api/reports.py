"""What drivers report, and the reasons they choose from."""

from typing import Literal

from wattline.domain.report_reasons import REASONS
from wattline.partner_api.bodies import Id, PageQuery
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries import partner_reports
from wattline.queries.paging import Found
from wattline.queries.partner_reports import ReportFilter
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.shapes import Time
from wattline.wire.partner.statistics import Report, ReportReason, reason_of, report_of

reports = Group("Reports")

_REASONS = {reason.id: reason for reason in REASONS}


class ReportQuery(PageQuery, kw_only=True):
    """Which reports. `fromDate` and `toDate` are about when they were made."""

    charge_point_id: Id | None = None
    state: Literal["new", "action", "assigned-owner", "assigned-monta", "assigned-operator", "resolved"] | None = None
    from_date: Time | None = None
    to_date: Time | None = None
    priority: Literal["low", "medium", "high"] | None = None

    def as_filter(self) -> ReportFilter:
        """Return it as the question takes it."""
        reasons = [one.id for one in REASONS if one.priority == self.priority] if self.priority else None
        return ReportFilter(self.charge_point_id, self.state, self.from_date, self.to_date, reasons)


@reports.route("GET", "/report/reasons", "get-report-reasons", "reports:read")
async def get_report_reasons(call: Call, query: PageQuery) -> Page[ReportReason]:
    """List the reasons drivers choose from."""
    offset = query.window.offset
    shown = REASONS[offset : offset + query.window.per_page]
    found = Found([one.id for one in shown], len(REASONS))
    return page_of([reason_of(one) for one in shown], found, query.window)


@reports.route("GET", "/reports", "get-reports", "reports:read")
async def get_reports(call: Call, query: ReportQuery) -> Page[Report]:
    """List what drivers report, the newest first."""
    async with call.database.read() as connection:
        found = await partner_reports.find_reports(connection, query.as_filter(), query.window, viewer=call.viewer)
        rows = await partner_reports.reports_by_ids(connection, found.ids)
    return page_of([report_of(row, _REASONS) for row in rows], found, query.window)


@reports.route("GET", "/reports/{reportId}", "get-report", "reports:read")
async def get_report(call: Call, report_id: int) -> Report:
    """Show one report."""
    async with call.database.read() as connection:
        return report_of(await partner_reports.report_by_id(connection, report_id, viewer=call.viewer), _REASONS)
