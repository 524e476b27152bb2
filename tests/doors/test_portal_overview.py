"""The first page: what needs somebody, today against last week, and how it looks before there is anything."""

from datetime import timedelta

from litestar import Litestar

from tests.doors.portal_door import Clock, Visitor
from tests.doors.portal_story import NOW, Network, add_charge, begin_operator
from wattline.database.connection import Database
from wattline.operations import problems
from wattline.operations.network_hours import roll_up_hours, roll_up_late


async def charged(database: Database, network: Network, identity: str, *, days: int, failed: bool = False) -> None:
    """Let somebody have charged an hour before now, so many days ago; 12 kWh, or nothing when it failed."""
    began = NOW - timedelta(days=days, hours=1)
    async with database.begin() as tx:
        ended = {"state": "completed", "started_at": None if failed else began, "stopped_at": began,
                 "completed_at": began, "energy_wh": 0 if failed else 12_000, "failed_at": began if failed else None,
                 "failure_code": "start-refused" if failed else None,
                 "human_readable_id": f"{identity}-{days}-{failed}"}  # fmt: skip
        await add_charge(tx, network, identity, 1, created_at=began, **ended)
        if not failed:
            await tx.execute(
            """insert into power_step (operator_id, step_at, charge_point_id, connector_number, power_w, energy_wh)
               values ($1, $2, $3, 1, 12000, 12000)""",
            network.operator_id, began, network.boxes[identity],
        )  # fmt: skip


async def rolled_up(database: Database) -> None:
    while await roll_up_hours(database, now=NOW):
        pass


async def test_it_says_what_needs_somebody_and_the_next_step(visitor: Visitor, database: Database) -> None:
    await problems.look_at_states(database, now=NOW)
    page = await visitor.get("/")
    assert "charge points lost contact together" in page.text
    assert "Odense Havn" in page.text
    assert "isolation fault on connector" in page.text
    assert "Show them" in page.text
    assert "state=disconnected&amp;site=" in page.source


async def test_all_is_well_without_problems(visitor: Visitor) -> None:
    assert "All is well" in (await visitor.get("/")).text


async def test_today_is_compared_with_the_same_weekday_of_last_week(
    visitor: Visitor, network: Network, database: Database
) -> None:
    await charged(database, network, "AAR-0001", days=0)
    await charged(database, network, "AAR-0002", days=0)
    await charged(database, network, "AAR-0002", days=0, failed=True)
    await charged(database, network, "AAR-0001", days=7)
    await rolled_up(database)
    text = (await visitor.get("/")).text
    assert "against last Friday, same time" in text
    assert "24 kWh" in text
    assert "100,0 % more" in text
    assert "The charge point refused" in text
    # The same once more, as after a day on which charge points told late.
    await roll_up_late(database, now=NOW)
    assert (await visitor.get("/")).text == text


async def test_sites_are_shown_live(visitor: Visitor) -> None:
    text = (await visitor.get("/")).text
    assert "Kolding Syd E45" in text
    assert "Disconnected" in text


async def test_somebody_new_is_told_how_to_begin(portal: Litestar, database: Database) -> None:
    await begin_operator(database, Network(NOW), name="New", locale="en-DK", email="first@new.example")
    somebody = Visitor(portal)
    await somebody.log_in("first@new.example")
    page = await somebody.get("/")
    assert "Begin with a charge point" in page.text
    assert 'href="/charge-points/add"' in page.source
    await somebody.http.aclose()


async def test_another_operator_sees_nothing_of_it(
    portal: Litestar, network: Network, database: Database, clock: Clock
) -> None:
    await charged(database, network, "AAR-0001", days=0)
    await rolled_up(database)
    await problems.look_at_states(database, now=clock.now)
    await begin_operator(database, Network(NOW), name="New", locale="en-DK", email="first@new.example")
    somebody = Visitor(portal)
    await somebody.log_in("first@new.example")
    assert "Kolding" not in (await somebody.get("/")).text
    await somebody.http.aclose()
