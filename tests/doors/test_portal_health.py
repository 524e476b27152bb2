"""Alert groups, restarts, and the Health tab of a charge point."""

from datetime import timedelta

import pytest
from litestar import Litestar

from tests.doors.portal_door import Visitor
from tests.doors.portal_story import NOW, Network, begin_operator
from wattline.database.connection import Database

GROUP = {
    "name": "People on call", "emails": "one@x.example, two@x.example", "disconnected": "yes",
    "disconnected_minutes": "15", "no_energy": "yes", "time_zone": "Europe/Copenhagen",
}  # fmt: skip


async def made(visitor: Visitor, **more: str) -> str:
    await visitor.get("/alerts/new")
    return (await visitor.submit("/alerts/new", GROUP | more, 303)).headers["location"]


async def test_a_group_is_made_changed_and_deleted(visitor: Visitor) -> None:
    assert "Nobody is told yet" in (await visitor.get("/alerts")).text
    where = await made(visitor, quiet_from="22:00", quiet_until="06:00")
    page = await visitor.get("/alerts")
    assert "one@x.example and 1 more" in page.text
    assert "not from 22:00 to 06:00" in page.text
    await visitor.get(where)
    await visitor.submit(where, GROUP | {"webhook_url": "https://hooks.example/alerts"}, 303)
    page = await visitor.get(where)
    assert "Webhook secret" in page.text
    await visitor.submit(f"{where}/delete", {}, 303)
    await visitor.get(where, 404)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"emails": "nobody"}, "nobody is no e-mail address"),
        ({"emails": ""}, "name somebody to tell"),
        ({"webhook_url": "ftp://hooks.example"}, "https://"),
        ({"disconnected_minutes": "soon"}, "must be a whole number"),
        ({"disconnected_minutes": "99999999"}, "must be from 0 to"),
        ({"success": "yes", "success_below_percent": "99"}, "must be from 1 to 90"),
        ({"quiet_from": "22:00"}, "need a beginning and an end"),
        ({"quiet_from": "late", "quiet_until": "06:00"}, "must be a time"),
        ({"time_zone": "Moon/Base"}, "no time zone"),
        ({"name": ""}, "is empty"),
    ],
)
async def test_what_makes_no_sense_is_said_beside_its_field(visitor: Visitor, wrong: dict[str, str], said: str) -> None:
    await visitor.get("/alerts/new")
    assert said in (await visitor.submit("/alerts/new", GROUP | wrong, 400)).text


async def test_somebody_else_s_groups_and_charge_points_do_not_exist(
    visitor: Visitor, portal: Litestar, network: Network, database: Database
) -> None:
    where = await made(visitor)
    await begin_operator(database, Network(NOW), name="New", locale="en-DK", email="first@new.example")
    stranger = Visitor(portal)
    await stranger.log_in("first@new.example")
    await stranger.get(where, 404)
    await stranger.get(f"/charge-points/{network.boxes['KOL-0003']}/health", 404)
    await stranger.get("/alerts")
    await stranger.submit(f"{where}/delete", {}, 404)
    await stranger.submit("/alerts/new", GROUP | {"team": str(network.team_id)}, 404)
    await stranger.submit("/alerts/new", GROUP | {"sites": str(network.sites["Odense Havn"])}, 404)
    box = network.boxes["KOL-0003"]
    report = {"connector": str(network.connectors["KOL-0003", 1]), "said_reason": "1"}
    await stranger.submit(f"/charge-points/{box}/health/report", report, 404)
    times = {"from": "2026-11-19T10:00", "until": "2026-11-19T12:00", "reason": "grid"}
    await stranger.submit(f"/charge-points/{box}/health/leave-out", times, 404)
    await stranger.http.aclose()


async def test_restarts_are_switched_on_for_the_whole_operator(visitor: Visitor) -> None:
    assert "Switch on" in (await visitor.get("/alerts")).text
    await visitor.submit("/alerts/self-heal", {"wanted": "yes"}, 303)
    assert "Switch off" in (await visitor.get("/alerts")).text


async def test_uptime_by_both_formulas_and_what_somebody_leaves_out(
    visitor: Visitor, network: Network, database: Database
) -> None:
    box, connector = network.boxes["KOL-0003"], network.connectors["KOL-0003", 1]
    day = timedelta(days=1)
    async with database.begin() as tx:
        await tx.execute("delete from connector_state where connector_id = $1", connector)
        await tx.executemany(
            "insert into connector_state (operator_id, connector_id, at, state) values ($1, $2, $3, $4)",
            [(network.operator_id, connector, NOW - at, state) for at, state in
             ((10 * day, "available"), (2 * day, "disconnected"), (day, "available"))],
        )  # fmt: skip
    path = f"/charge-points/{box}/health"
    page = await visitor.get(path)
    # One day of ten without contact: down for NEVI, no matter for the United Kingdom.
    assert "90,00 % 1.440 min 0 min 100,00 %" in page.text
    until = NOW - day
    times = {"from": (until - timedelta(hours=12)).isoformat(), "until": until.isoformat(), "reason": "grid"}
    await visitor.submit(f"{path}/leave-out", times, 303)
    page = await visitor.get(path)
    assert "95,00 % 1.440 min 720 min 100,00 %" in page.text
    assert "Power cut" in page.text
    assert "must be after" in (await visitor.submit(f"{path}/leave-out", times | {"until": times["from"]}, 400)).text
    assert "day and a time" in (await visitor.submit(f"{path}/leave-out", times | {"from": "then"}, 400)).text


async def test_what_drivers_report_is_noted_and_resolved(visitor: Visitor, network: Network) -> None:
    path = f"/charge-points/{network.boxes['KOL-0003']}/health"
    await visitor.get(path)
    report = {"connector": str(network.connectors["KOL-0003", 1]), "said_reason": "2", "body": "<b>It sticks</b>"}
    await visitor.submit(f"{path}/report", report, 303)
    page = await visitor.get(path)
    assert "The cable is stuck, connector 1" in page.text
    assert "&lt;b&gt;It sticks" in page.source
    (action,) = page.all(rf'action="({path}/reports/\d+/resolve)"')
    await visitor.submit(action, {"note": "A drop of oil"}, 303)
    assert "Resolved: A drop of oil" in (await visitor.get(path)).text


async def test_without_contact_the_steps_stand_where_the_person_stands(visitor: Visitor, network: Network) -> None:
    for path in ("", "/health"):
        assert "Cut its power, wait a minute" in (
            await visitor.get(f"/charge-points/{network.boxes['ODE-0001']}{path}")
        ).text  # fmt: skip
