"""Boxes made by the hundred are as whole as one."""

import pytest

from tests.operations.story import NOON, Story
from wattline.domain.refusals import AlreadyTaken, Invalid, Unknown
from wattline.operations.boxes import CreatedBox, NewBox, create_boxes
from wattline.operations.charge_points import NewConnector

PEPPER = b"pepper of the tests"


def new_box(story: Story, identity: str, *, team_id: int | None = None, sockets: int = 2) -> NewBox:
    name = NewConnector(team_id=team_id or story.team_id, name=identity)
    return NewBox(identity=identity, password="0" * 40, connectors=[name] * sockets)


async def create(story: Story, *boxes: NewBox) -> list[CreatedBox]:
    return await create_boxes(story.database, boxes, pepper=PEPPER, asked_by=story.viewer, now=NOON)


async def test_every_socket_is_bound_waits_for_its_box_and_is_told_of(story: Story) -> None:
    first, second = await create(story, new_box(story, "LOAD1"), new_box(story, "LOAD2"))
    assert len({*first.connector_ids, *second.connector_ids}) == 4
    rows = await story.rows(
        """select k.*, l.state, i.serial_number from connector k join connector_live l on l.connector_id = k.id
           join integration i on i.connector_id = k.id where k.charge_point_id = $1 order by k.number""",
        second.id,
    )
    assert [(row["id"], row["number"]) for row in rows] == [(second.connector_ids[0], 1), (second.connector_ids[1], 2)]
    assert {row["state"] for row in rows} == {"disconnected"}
    assert {row["serial_number"] for row in rows} == {"LOAD2"}
    assert rows[0]["evse_id"] == f"DK*OPR*E{second.connector_ids[0]}"
    assert await story.facts() == ["ConnectorCreated"] * 4 + ["ConnectorChanged"] * 4


async def test_all_or_none_are_made(story: Story) -> None:
    await create(story, new_box(story, "TAKEN"))
    foreign = new_box(story, "FOREIGN", team_id=999)
    for bad, refusal in [
        (new_box(story, " taken"), AlreadyTaken),
        (new_box(story, "fresh"), AlreadyTaken),
        (new_box(story, "NONE", sockets=0), Invalid),
        (foreign, Unknown),
    ]:
        with pytest.raises(refusal):
            await create(story, new_box(story, "FRESH"), bad)
    assert await story.rows("select from charge_point where identity_key = 'fresh'") == []
