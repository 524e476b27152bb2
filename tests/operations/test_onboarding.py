"""A charge point is added step by step; every step can be corrected until it has called."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest

from tests.operations.story import NOON, Story, add_operator, begin_story
from wattline.database.connection import Database
from wattline.domain.refusals import AlreadyTaken, Invalid, NotReady, Refusal, Unknown
from wattline.operations.onboarding import Place, begin_charge_point, place_charge_point, set_access, set_active
from wattline.operations.onboarding_hardware import Hardware, SetUp, set_hardware
from wattline.operations.secrets import box_password_hmac

PASSWORD, PEPPER = "5e" * 20, b"pepper of the tests"


class Adding:
    """Somebody who adds a charge point called Bay 7."""

    def __init__(self, story: Story, connector_id: int) -> None:
        self.story, self.id = story, connector_id

    async def hardware(self, identity: str = "KOL-0007", *, connectors: int = 1, password: str = PASSWORD) -> SetUp:
        hardware = Hardware(identity=identity, model_id=50, connectors=connectors)
        return await set_hardware(
            self.story.database,
            self.id,
            hardware,
            password=password,
            pepper=PEPPER,
            asked_by=self.story.viewer,
            now=NOON,
        )

    async def place(self, **changes: Any) -> None:
        given: dict[str, Any] = {"team_id": self.story.team_id, "name": "Bay 7"} | changes
        place = Place(**given)
        await place_charge_point(self.story.database, self.id, place, asked_by=self.story.viewer, now=NOON)

    async def connectors(self) -> list[tuple[Any, ...]]:
        rows = await self.story.rows(
            """select k.name, k.number, b.identity, l.state, k.visibility, k.active_at is not null as active
               from connector k join charge_point b on b.id = k.charge_point_id
               join connector_live l on l.connector_id = k.id
               where k.charge_point_id = (select charge_point_id from connector where id = $1) and k.deleted_at is null
               order by k.number""",
            self.id,
        )
        return [tuple(row) for row in rows]

    async def comes(self) -> None:
        """Let the box connect."""
        async with self.story.database.begin() as tx:
            await tx.execute(
                "update charge_point set connected = true, connected_at = $1 where identity like 'KOL%'", NOON
            )


@pytest.fixture
async def story(database: Database) -> Story:
    """An operator with two teams and the catalogue's model 50."""
    story = await begin_story(database)
    async with database.begin() as tx:
        await tx.execute("insert into connector_type values (2, 'type2', 'Type 2')")
        await tx.execute("insert into brand values (50, 'alfen', 'Alfen', $1, $1)", NOON)
        await tx.execute(
            "insert into model values (50, 50, 'eve', 'Eve', 'ac', 22000, '{2}', '[]', null, null, $1, $1)", NOON
        )
    return story


@pytest.fixture
async def adding(story: Story) -> Adding:
    """The first step is done."""
    place = Place(team_id=story.team_id, name="  Bay   7 ")
    return Adding(story, await begin_charge_point(story.database, place, asked_by=story.viewer, now=NOON))


async def refused(deed: Awaitable[object], kind: type[Refusal]) -> str:
    with pytest.raises(kind) as found:
        await deed
    return str(found.value)


async def test_it_begins_private_for_testing_and_without_hardware(adding: Adding) -> None:
    rows = await adding.story.rows(
        "select name, visibility, active_at, charge_point_id from connector where id = $1", adding.id
    )
    assert [tuple(row) for row in rows] == [("Bay 7", "private", None, None)]


async def test_hardware_with_two_connectors_is_one_box(adding: Adding) -> None:
    made = await adding.hardware(connectors=2)
    assert made.new
    assert await adding.connectors() == [
        ("Bay 7 · 1", 1, "KOL-0007", "disconnected", "private", False),
        ("Bay 7 · 2", 2, "KOL-0007", "disconnected", "private", False),
    ]
    (row,) = await adding.story.rows("select password_hmac from charge_point where id = $1", made.charge_point_id)
    assert row["password_hmac"] == box_password_hmac(PASSWORD.encode(), PEPPER)
    (row,) = await adding.story.rows("select max_power_w, connector_types from connector where id = $1", adding.id)
    assert tuple(row) == (22000, [2])


async def test_identity_and_number_of_connectors_can_be_corrected_and_the_password_stays(adding: Adding) -> None:
    first = await adding.hardware(connectors=3)
    again = await adding.hardware("KOL-OOO7", connectors=1, password="another")
    assert again == SetUp(charge_point_id=first.charge_point_id, new=False)
    assert [row[:3] for row in await adding.connectors()] == [("Bay 7", 1, "KOL-OOO7")]
    assert [row["serial_number"] for row in await adding.story.rows(
        "select serial_number from integration where charge_point_id = $1 and deleted_at is null", first.charge_point_id
    )] == ["KOL-OOO7"]  # fmt: skip
    (row,) = await adding.story.rows("select password_hmac from charge_point where id = $1", first.charge_point_id)
    assert row["password_hmac"] == box_password_hmac(PASSWORD.encode(), PEPPER)
    await adding.hardware("KOL-OOO7", connectors=2)
    assert [row[:2] for row in await adding.connectors()] == [("Bay 7 · 1", 1), ("Bay 7 · 2", 2)]


async def test_an_identity_in_use_is_refused_and_only_those_who_may_know_hear_by_whom(adding: Adding) -> None:
    async with adding.story.database.begin() as tx:
        await tx.execute("update charge_point set identity_key = lower(identity)")
    assert await refused(adding.hardware("box-1"), AlreadyTaken) == "This serial number is in use by: Owners."
    operator_id, team_id = await add_operator(adding.story.database, "OTH")
    async with adding.story.database.begin() as tx:
        await tx.execute("update charge_point set operator_id = $1, team_id = $2", operator_id, team_id)
    assert await refused(adding.hardware("BOX-1"), AlreadyTaken) == "This serial number is in use by another team."
    assert await adding.connectors() == []


async def test_once_it_has_connected_its_identity_stays_and_no_connector_goes(adding: Adding) -> None:
    await adding.hardware(connectors=2)
    await adding.comes()
    assert "connected as KOL-0007" in await refused(adding.hardware("KOL-0008", connectors=2), NotReady)
    assert "connected with 2 connectors" in await refused(adding.hardware(connectors=1), NotReady)
    await adding.hardware(connectors=3)
    assert [row[1] for row in await adding.connectors()] == [1, 2, 3]


async def test_its_name_and_its_team_can_be_corrected(adding: Adding) -> None:
    await adding.hardware(connectors=2)
    await adding.place(name="Bay 8", team_id=adding.story.neighbour_team_id)
    assert [row[0] for row in await adding.connectors()] == ["Bay 8 · 1", "Bay 8 · 2"]
    rows = await adding.story.rows("select team_id from connector where name like 'Bay 8%'")
    rows += await adding.story.rows("select team_id from charge_point where identity = 'KOL-0007'")
    assert {row["team_id"] for row in rows} == {adding.story.neighbour_team_id}
    await adding.comes()
    assert "stays there" in await refused(adding.place(), NotReady)


async def test_names_of_their_own_are_kept_when_only_the_place_changes(adding: Adding) -> None:
    await adding.hardware(connectors=2)
    async with adding.story.database.begin() as tx:
        await tx.execute("update connector set name = 'By the door' where name = 'Bay 7 · 2'")
    await adding.place()
    assert [row[0] for row in await adding.connectors()] == ["Bay 7 · 1", "By the door"]


async def test_it_is_opened_to_the_public_and_made_active_with_all_its_connectors(adding: Adding) -> None:
    story = adding.story
    await adding.hardware(connectors=2)
    await story.facts()
    await set_access(story.database, adding.id, visibility="public", show_on_map=True, asked_by=story.viewer, now=NOON)
    await set_active(story.database, adding.id, active=True, asked_by=story.viewer, now=NOON + timedelta(minutes=1))
    assert [row[4:] for row in await adding.connectors()] == [("public", True), ("public", True)]
    assert await story.facts() == ["ConnectorChanged"] * 4
    rows = await story.rows("select deed from audit where entity_id = $1 order by id", str(adding.id))
    assert [row["deed"] for row in rows][-2:] == ["set-access", "activate"]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"name": " "}, Invalid),
        ({"name": "x" * 121}, Invalid),
        ({"site_id": 4711}, Unknown),
        ({"team_id": 4711}, Unknown),
    ],
)
async def test_places_that_cannot_be_meant_are_refused(
    adding: Adding, changes: dict[str, Any], kind: type[Refusal]
) -> None:
    await refused(adding.place(**changes), kind)


async def test_so_is_hardware(adding: Adding) -> None:
    assert "is empty" in await refused(adding.hardware(" "), Invalid)
    assert "1 to 20" in await refused(adding.hardware(connectors=21), Invalid)


async def test_somebody_elses_charge_point_reads_as_unknown(adding: Adding) -> None:
    adding.id = 4711
    await refused(adding.hardware(), Unknown)
    await refused(adding.place(), Unknown)
