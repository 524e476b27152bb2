"""Charge keys: added, edited, blocked, deleted, and asked for by boxes."""

from datetime import timedelta
from typing import Any

import pytest

from tests.operations.story import Story, add_operator
from wattline.domain.refusals import AlreadyTaken, Invalid, Unknown
from wattline.operations import charge_keys

KEY = "04BE7C40"


async def row(story: Story, key_id: int) -> dict[str, object]:
    (found,) = await story.rows("select * from charge_key where id = $1", key_id)
    return dict(found)


async def test_a_key_is_kept_as_written_and_found_in_any_spelling(story: Story) -> None:
    key_id = await story.add_key(" 04-be-7c-40 ", name="Van", partner_external_id="K-1", user_id=None)
    kept = await row(story, key_id)
    assert (kept["identifier"], kept["identifier_key"], kept["name"]) == ("04-be-7c-40", KEY, "Van")
    assert (await story.tap("04:BE:7C:40")).status == "Accepted"
    assert await story.facts() == ["ChargeKeyCreated", "ChargeKeyScanned"]


async def test_a_tap_and_its_start_are_one_scan(story: Story) -> None:
    await story.add_key(KEY)
    await story.tap(KEY)
    await story.later(seconds=9).begin(KEY)
    assert (await story.facts()).count("ChargeKeyScanned") == 1
    await story.later(minutes=2).tap(KEY)
    assert await story.facts() == ["ChargeKeyScanned"]


async def test_an_identifier_is_taken_until_its_key_is_deleted(story: Story) -> None:
    key_id = await story.add_key(KEY)
    with pytest.raises(AlreadyTaken):
        await story.add_key("04:be:7c:40")
    await charge_keys.delete_charge_key(story.database, key_id, asked_by=story.viewer, now=story.now)
    assert (await story.tap(KEY)).status == "Invalid"
    await story.add_key(KEY)
    assert (await story.tap(KEY)).status == "Accepted"


async def test_the_allowed_lengths_are_a_setting(story: Story) -> None:
    with pytest.raises(Invalid, match="8, 14, 20"):
        await story.add_key("04BE7C4004BE7C40")
    new = charge_keys.NewChargeKey(team_id=story.team_id, type="rfid", identifier="04BE7C4004BE7C40")
    lengths = frozenset({16})
    await charge_keys.add_charge_key(story.database, new, asked_by=story.viewer, lengths=lengths, now=story.now)


async def test_a_key_can_be_blocked_and_unblocked(story: Story) -> None:
    key_id = await story.add_key(KEY)
    await charge_keys.block_charge_key(story.database, key_id, asked_by=story.viewer, now=story.now)
    blocked_at = story.now
    await charge_keys.block_charge_key(story.database, key_id, asked_by=story.viewer, now=story.later(hours=1).now)
    assert (await row(story, key_id))["blocked_at"] == blocked_at
    assert (await story.tap(KEY)).status == "Blocked"
    assert (await story.begin(KEY)).status == "Blocked"
    assert await story.charges() == []
    await charge_keys.unblock_charge_key(story.database, key_id, asked_by=story.viewer, now=story.now)
    assert (await story.tap(KEY)).status == "Accepted"


async def test_a_key_expires_and_the_box_is_told_when(story: Story) -> None:
    until = story.now + timedelta(hours=1)
    await story.add_key(KEY, active_until=until)
    assert (await story.tap(KEY)).expires_at == until
    assert (await story.begin(KEY)).expires_at == until
    assert (await story.later(hours=1).tap(KEY)).status == "Expired"


async def test_keys_of_a_frozen_team_are_blocked(story: Story) -> None:
    await story.add_key(KEY)
    await story.rows("update team set frozen_at = $1 where id = $2", story.now, story.team_id)
    assert (await story.tap(KEY)).status == "Blocked"


async def test_a_key_may_be_kept_to_its_own_team(story: Story) -> None:
    await story.add_key(KEY, team_id=story.neighbour_team_id, operator_network=False)
    assert (await story.tap(KEY)).status == "Invalid"
    await story.rows("update charge_key set operator_network = true")
    assert (await story.tap(KEY)).status == "Accepted"


async def test_the_tag_of_a_running_charge_is_let_in_until_it_is_over(story: Story) -> None:
    charge = await story.ask()
    assert (await story.tap(charge.id_tag)).status == "Accepted"
    other = await story.new_box()
    assert (await story.tap(charge.id_tag, box=other)).status == "Invalid"
    await story.force_stop(charge)
    assert (await story.tap(charge.id_tag)).status == "Invalid"


async def test_a_key_is_edited_moved_and_told(story: Story) -> None:
    key_id = await story.add_key(KEY)
    await story.facts()
    changes = {"name": "Lorry", "team_id": story.neighbour_team_id, "own_network": False}
    await charge_keys.edit_charge_key(story.database, key_id, changes, asked_by=story.viewer, now=story.now)
    kept = await row(story, key_id)
    assert (kept["name"], kept["team_id"], kept["own_network"]) == ("Lorry", story.neighbour_team_id, False)
    assert await story.facts() == ["ChargeKeyChanged"]
    with pytest.raises(Invalid, match="identifier"):
        await charge_keys.edit_charge_key(
            story.database, key_id, {"identifier": "00"}, asked_by=story.viewer, now=story.now
        )


async def test_keys_teams_and_users_of_others_do_not_exist(story: Story) -> None:
    operator_id, team_id = await add_operator(story.database, "STRANGE")
    key_id = await story.add_key(KEY)
    stranger = story.viewer_of(operator_id=operator_id)
    everyone = story.viewer_of(operator_id=story.viewer.operator_id)
    for act in (charge_keys.block_charge_key, charge_keys.unblock_charge_key, charge_keys.delete_charge_key):
        with pytest.raises(Unknown, match="charge key"):
            await act(story.database, key_id, asked_by=stranger, now=story.now)
    with pytest.raises(Unknown, match="team"):
        await story.add_key("DEADBEEF", team_id=team_id)
    with pytest.raises(Unknown, match="team"):
        await charge_keys.edit_charge_key(
            story.database, key_id, {"team_id": team_id}, asked_by=everyone, now=story.now
        )
    with pytest.raises(Unknown, match="user"):
        await story.add_key("DEADBEEF", user_id=4_711)
    with pytest.raises(Unknown, match="charge point 4711"):
        await charge_keys.authorise(story.database, 4_711, "00", now=story.now)


async def test_a_key_does_not_move_to_a_sub_operators_team(story: Story) -> None:
    operator_id, team_id = await add_operator(story.database, "BELOW")
    key_id = await story.add_key(KEY)
    above = story.viewer_over(operator_id)
    with pytest.raises(Unknown, match="team"):
        await charge_keys.edit_charge_key(story.database, key_id, {"team_id": team_id}, asked_by=above, now=story.now)


async def test_a_key_that_stops_somebody_elses_transaction_is_judged(story: Story) -> None:
    await story.add_key(KEY)
    answer = await story.begin(KEY)
    assert (await story.end(answer.ocpp_transaction_id, 1_200, id_tag="DEADBEEF")).status == "Invalid"
    assert (await story.only_charge()).state == "completed"


async def test_restrictions_bind_at_the_reader_at_the_start_and_on_the_list_for_no_contact(story: Story) -> None:
    async with story.database.begin() as tx:
        await tx.execute(
            """insert into country (id, name, alpha2_code, sanctioned)
               values (1, 'Denmark', 'DK', false), (2, 'Sweden', 'SE', false) on conflict do nothing"""
        )
        await tx.execute("update team set country_id = 1")
    key_id = await story.add_key(KEY, country_ids=[2])
    assert (await story.tap(KEY)).status == "Invalid"
    assert (await story.begin(KEY)).status == "Invalid"
    listed = await charge_keys.local_list(story.database, story.box.id, now=story.now)
    assert [entry.id_tag for entry in listed.entries] == []
    who: dict[str, Any] = {"asked_by": story.viewer, "now": story.later(minutes=1).now}
    await charge_keys.edit_charge_key(story.database, key_id, {"country_ids": [1, 2]}, **who)
    assert (await story.tap(KEY)).status == "Accepted"
    assert (await story.begin(KEY)).status == "Accepted"
    listed = await charge_keys.local_list(story.database, story.box.id, now=story.now)
    assert [entry.id_tag for entry in listed.entries] == [KEY]
    with pytest.raises(Invalid):
        await charge_keys.edit_charge_key(story.database, key_id, {"country_ids": [999]}, **who)
    with pytest.raises(Unknown):
        await charge_keys.edit_charge_key(story.database, key_id, {"operator_ids": [999]}, **who)


async def test_a_key_reported_lost_is_blocked_until_it_is_found(story: Story) -> None:
    key_id = await story.add_key(KEY)
    who: dict[str, Any] = {"asked_by": story.viewer, "now": story.now}
    await charge_keys.report_lost(story.database, key_id, **who)
    assert (await story.tap(KEY)).status == "Blocked"
    await charge_keys.unblock_charge_key(story.database, key_id, **who)
    assert (await row(story, key_id))["lost_at"] is None
    assert (await story.tap(KEY)).status == "Accepted"
