"""On the Details tab one says who may charge, at which hours, and whether a charge point counts."""

from datetime import timedelta

from tests.doors.portal_door import Clock, Visitor
from tests.doors.portal_story import Network
from wattline.database.connection import Database
from wattline.operations.public_hours import follow_public_hours


async def rows(database: Database, network: Network) -> list[tuple[object, ...]]:
    async with database.read() as connection:
        found = await connection.fetch(
            """select visibility, show_on_map, active_at is not null from connector where charge_point_id = $1""",
            network.boxes["KOL-0004"],
        )
    return [tuple(row) for row in found]


async def test_somebody_opens_a_charge_point_at_some_hours_and_hides_it_from_the_map(
    visitor: Visitor, network: Network, database: Database, clock: Clock
) -> None:
    details = f"/charge-points/{network.boxes['KOL-0004']}/details"
    base = f"/charge-points/{network.boxes['KOL-0004']}"
    await visitor.get(details)
    week = {f"from-{day}": "00:00" for day in range(7)} | {f"to-{day}": "00:00" for day in range(7)}
    await visitor.submit(f"{base}/access", {"visibility": "hours", **week}, 303)
    assert set(await rows(database, network)) == {("public", False, True)}
    page = await visitor.get(details)
    assert "Public now" in page.text
    assert page.all(r'name="visibility" value="hours" id="[^"]*" checked')
    later = (clock.now.weekday() + 2) % 7
    hours = {f"from-{later}": "08:00", f"to-{later}": "18:00"}
    await visitor.submit(f"{base}/access", {"visibility": "hours", "map": "yes", **hours}, 303)
    assert set(await rows(database, network)) == {("private", True, True)}
    day = (clock.now + timedelta(days=2)).replace(hour=12)
    assert await follow_public_hours(database, now=day) == 2
    assert set(await rows(database, network)) == {("public", True, True)}
    await visitor.get(details)
    await visitor.submit(f"{base}/access", {"visibility": "private"}, 303)
    assert set(await rows(database, network)) == {("private", False, True)}


async def test_hours_that_are_none_are_refused_in_words(visitor: Visitor, network: Network) -> None:
    base = f"/charge-points/{network.boxes['KOL-0004']}"
    for form, words in (
        ({"visibility": "hours"}, "at least one day"),
        ({"visibility": "hours", "from-1": "08:00"}, "of Tuesday must be two times"),
        ({"visibility": "hours", "from-1": "24:00", "to-1": "x"}, "of Tuesday must be two times"),
        ({"visibility": "hours", "from-0": "08:61", "to-0": "09:00"}, "of Monday must be two times"),
        ({"visibility": "secret"}, "must be private or public"),
    ):
        await visitor.get(f"{base}/details")
        assert words in (await visitor.submit(f"{base}/access", form, 400)).text, form


async def test_a_charge_point_is_put_back_to_testing_and_activated_again(
    visitor: Visitor, network: Network, database: Database
) -> None:
    base = f"/charge-points/{network.boxes['KOL-0004']}"
    await visitor.get(f"{base}/details")
    await visitor.submit(f"{base}/active", {"active": "no"}, 303)
    assert {active for *_, active in await rows(database, network)} == {False}
    page = await visitor.get(f"{base}/details")
    assert "Charges that begin now cost nothing." in page.text
    await visitor.submit(f"{base}/active", {"active": "yes"}, 303)
    assert {active for *_, active in await rows(database, network)} == {True}
    await visitor.get(f"{base}/details")
    await visitor.submit(f"{base}/active", {"active": "perhaps"}, 400)
