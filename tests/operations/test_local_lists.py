"""The list of keys that a box keeps for the time without contact."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.operations.story import Story, add_operator
from tests.waiting import eventually
from wattline.database.bus import InProcessBus
from wattline.domain.refusals import Unknown
from wattline.operations import charge_keys
from wattline.operations.command_targets import Socket
from wattline.operations.commands import Outcome, claim, record_answer
from wattline.operations.key_sync import sync_charge_keys
from wattline.operations.local_lists import LocalList, local_list, note_accepted, note_told_version


async def compose(story: Story, *, full: bool = False) -> LocalList:
    return await local_list(story.database, story.box.id, full=full, now=story.now)


async def accept(story: Story, composed: LocalList) -> None:
    async with story.database.begin() as tx:
        await note_accepted(tx, story.box.id, composed.version, composed_at=story.now)


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
        await note_told_version(tx, story.box.id, 1)
    assert not (await compose(story)).full
    async with story.database.begin() as tx:
        await note_told_version(tx, story.box.id, 40)
    after = await compose(story)
    assert (after.version, after.full, len(after.entries)) == (41, True, 1)


async def test_a_box_that_does_not_exist_has_no_list(story: Story) -> None:
    with pytest.raises(Unknown):
        await local_list(story.database, 4_711, now=story.now)


# Sending it ------------------------------------------------------------------------------------------------------


async def answer_next(story: Story, status: str) -> dict[str, Any]:
    """Be the gateway for one command: send it, and pass on what the box says."""
    command = await eventually(lambda: claim(story.database, "gateway", story.box.id, message_id="1", now=story.now))
    assert command is not None
    outcome: Outcome = "accepted" if status == "Accepted" else "refused"
    await record_answer(story.database, command.id, outcome=outcome, answer={"status": status}, now=story.now)
    return dict(command.payload)


async def sync(story: Story, *statuses: str) -> list[dict[str, Any]]:
    """Synchronise the box, which answers with these statuses; return what it was sent."""
    where = Socket(story.box.connectors[1])
    sending = asyncio.create_task(
        sync_charge_keys(story.database, InProcessBus(), where, asked_by=story.viewer, now=story.now)
    )
    sent = [await answer_next(story, status) for status in statuses]
    assert (await sending).outcome == "accepted"
    return sent


async def test_synchronising_sends_the_whole_list_first_then_what_changed(story: Story) -> None:
    key_id = await story.add_key("00000001", active_until=story.now + timedelta(days=1))
    (first,) = await sync(story.later(seconds=1), "Accepted")
    assert first == {
        "listVersion": 1, "updateType": "Full", "localAuthorizationList": [
            {"idTag": "00000001", "idTagInfo": {"status": "Accepted", "expiryDate": "2026-11-21T12:00:00Z"}},
        ],
    }  # fmt: skip
    await charge_keys.delete_charge_key(story.database, key_id, asked_by=story.viewer, now=story.later(minutes=1).now)
    (second,) = await sync(story, "Accepted")
    assert second == {
        "listVersion": 2, "updateType": "Differential", "localAuthorizationList": [{"idTag": "00000001"}],
    }  # fmt: skip


async def test_a_box_whose_list_is_another_gets_the_whole_one(story: Story) -> None:
    await story.add_key("00000001")
    await sync(story, "Accepted")
    changes, whole = await sync(story.later(minutes=1), "VersionMismatch", "Accepted")
    assert (changes["updateType"], whole["updateType"]) == ("Differential", "Full")
