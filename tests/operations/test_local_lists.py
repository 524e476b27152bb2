"""The list of keys that a box keeps for the time without contact."""

import pytest

from tests.operations.story import Story, add_operator
from wattline.domain.refusals import Unknown
from wattline.operations import charge_keys
from wattline.operations.local_lists import LocalList, local_list, note_local_list


async def compose(story: Story, *, full: bool = False) -> LocalList:
    return await local_list(story.database, story.box.id, full=full, now=story.now)


async def accept(story: Story, composed: LocalList) -> None:
    async with story.database.begin() as tx:
        await note_local_list(tx, story.box.id, composed.version, sent_at=story.now)


def entries(composed: LocalList) -> list[tuple[str, str | None]]:
    return [(entry.id_tag, entry.status) for entry in composed.entries]


async def test_the_first_list_is_whole_and_holds_what_the_box_must_know(story: Story) -> None:
    blocked = await story.add_key("00000001")
    await charge_keys.block_charge_key(story.database, blocked, asked_by=story.viewer, now=story.now)
    await story.add_key("00000002", active_until=story.now)
    await story.add_key("00000003")
    await story.add_key("AABBCCDDEEFF", type="vehicleId")
    # Not for this team's boxes, and so not on its list.
    await story.add_key("00000004", team_id=story.neighbour_team_id, operator_network=False)
    first = await compose(story)
    assert (first.version, first.full) == (1, True)
    assert entries(first) == [
        ("00000001", "Blocked"), ("00000002", "Expired"), ("00000003", "Accepted"), ("VID:AABBCCDDEEFF", "Accepted"),
    ]  # fmt: skip


async def test_keys_of_other_operators_are_never_listed(story: Story) -> None:
    operator_id, team_id = await add_operator(story.database, "STRANGE")
    await story.rows(
        """insert into charge_key (operator_id, team_id, type, identifier, identifier_key, created_at, updated_at)
           values ($1, $2, 'rfid', 'ABCDEF01', 'ABCDEF01', $3, $3)""",
        operator_id, team_id, story.now,
    )  # fmt: skip
    assert (await compose(story)).entries == ()


async def test_the_next_list_says_only_what_changed(story: Story) -> None:
    stays = await story.add_key("00000001")
    goes = await story.add_key("00000002")
    moves = await story.add_key("00000003")
    story.later(seconds=1)
    await accept(story, await compose(story))
    story.later(minutes=1)
    assert (await compose(story)).entries == ()
    await charge_keys.block_charge_key(story.database, stays, asked_by=story.viewer, now=story.now)
    await charge_keys.delete_charge_key(story.database, goes, asked_by=story.viewer, now=story.now)
    changes = {"team_id": story.neighbour_team_id, "operator_network": False}
    await charge_keys.edit_charge_key(story.database, moves, changes, asked_by=story.viewer, now=story.now)
    changed = await compose(story)
    assert (changed.version, changed.full) == (2, False)
    assert entries(changed) == [("00000001", "Blocked"), ("00000003", None), ("00000002", None)]


async def test_a_whole_list_can_be_asked_for_and_follows_a_version_we_did_not_send(story: Story) -> None:
    await story.add_key("00000001")
    await accept(story, await compose(story))
    assert (await compose(story, full=True)).full
    async with story.database.begin() as tx:
        await note_local_list(tx, story.box.id, 40, sent_at=None)
    after = await compose(story)
    assert (after.version, after.full, len(after.entries)) == (41, True, 1)


async def test_a_box_that_does_not_exist_has_no_list(story: Story) -> None:
    with pytest.raises(Unknown):
        await local_list(story.database, 4_711, now=story.now)
