"""How charge points and sites did, and what drivers report."""

from datetime import timedelta

import pytest

from tests.doors.partner_api.samples import make_report
from tests.doors.partner_api.story import Program, Stage
from wattline.operations.driver_reports import resolve_report

BY_POINT, BY_SITE = "/charge-point-statistics/by-charge-point", "/charge-point-statistics/by-site"


async def test_states_uptime_and_starts_of_a_period(stage: Stage, partner: Program) -> None:
    midnight = stage.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    ours = stage.ours
    await stage.run("delete from connector_state")
    for hours, state in ((48, "available"), (30, "error"), (24, "available")):
        await stage.run(
            "insert into connector_state (operator_id, connector_id, at, state) values ($1, $2, $3, $4)",
            ours.viewer.operator_id, ours.charge_point_id, midnight - timedelta(hours=hours), state,
        )  # fmt: skip
    first, last = ((midnight - timedelta(days=days)).date().isoformat() for days in (2, 1))
    point = await partner.get(BY_POINT, chargePointId=ours.charge_point_id, fromDate=first, toDate=last)
    site = await partner.get(BY_SITE, siteId=ours.site_id, fromDate=first, toDate=last)
    for found in (point, site):
        assert found["systemUptimePercentage"] == 87.5
        assert {one["state"]: one["duration"] for one in found["states"]} == {"available": 42 * 3600, "error": 6 * 3600}
        assert found["days"][0]["dailyPerformance"][0] == {
            "status": "available", "duration": 18 * 3600, "usagePercentage": 75.0,
        }  # fmt: skip
        assert len(found["days"]) == 2
        assert found["totalSessions"] == 0
    assert point["exemptState"] is None


@pytest.mark.parametrize(
    ("first", "last"), [("2026-11-02", "2026-11-01"), ("2025-11-01", "2026-11-02"), ("yesterday", "2026-11-01")]
)
async def test_days_that_make_no_sense_are_refused(stage: Stage, partner: Program, first: str, last: str) -> None:
    await partner.get(BY_POINT, 400, chargePointId=stage.ours.charge_point_id, fromDate=first, toDate=last)


async def test_somebody_else_s_are_unknown(stage: Stage, partner: Program) -> None:
    days = {"fromDate": "2026-11-01", "toDate": "2026-11-02"}
    await partner.get(BY_POINT, 404, chargePointId=stage.theirs.charge_point_id, **days)
    await partner.get(BY_SITE, 404, siteId=stage.theirs.site_id, **days)
    report_id = await make_report(stage, stage.theirs)
    await partner.get(f"/reports/{report_id}", 404)
    assert (await partner.get("/reports"))["data"] == []


async def test_reports_of_drivers_are_listed_until_they_are_resolved(stage: Stage, partner: Program) -> None:
    report_id = await make_report(stage, stage.ours)
    (listed,) = (await partner.get("/reports", state="new", priority="high"))["data"]
    assert (listed["id"], listed["reason"]["identifier"]) == (report_id, "stuck-cable")
    assert (await partner.get("/reports", priority="low"))["data"] == []
    await resolve_report(stage.database, report_id, note="Oiled", asked_by=stage.ours.viewer, now=stage.clock())
    found = await partner.get(f"/reports/{report_id}")
    assert (found["state"], found["operatorNote"]) == ("resolved", "Oiled")
    assert found["resolvedAt"] is not None
    reasons = await partner.get("/report/reasons", perPage=100)
    assert listed["reason"] in reasons["data"]
