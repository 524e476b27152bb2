"""Problems are found once and end once, groups are told without storms, stuck charge points are restarted with care."""

from datetime import time, timedelta
from typing import Any

import msgspec
import pytest

from tests.operations.story import Story
from wattline.domain.alerts import AlertRules
from wattline.domain.refusals import NotAllowed, Unknown
from wattline.operations.alert_groups import NewAlertGroup, Secret, change_group, make_group
from wattline.operations.alerts import tell_groups
from wattline.operations.problems import look_at_starts, look_at_states
from wattline.operations.self_heals import heal, set_self_heal

SECRET = Secret(text="s" * 48, nonce=b"n" * 12, pepper=b"pepper of the tests")


async def group(
    story: Story, *, emails: tuple[str, ...] = ("oncall@x.example",), url: str | None = None, **rules: Any
) -> int:
    async with story.database.begin() as tx:
        # The stage is set with boxes that are in contact already; ours called an hour ago.
        await tx.execute("update charge_point set connected_at = $1", story.now - timedelta(hours=1))
    new = NewAlertGroup(team_id=None, name="On call", emails=emails, webhook_url=url, rules=AlertRules(**rules))
    return await make_group(story.database, new, secret=SECRET, asked_by=story.viewer, now=story.now)


async def tick(story: Story, **length: float) -> None:
    """Let time pass, and let the worker do its rounds."""
    story.now += timedelta(**length)
    await look_at_states(story.database, now=story.now)
    await look_at_starts(story.database, now=story.now)
    await tell_groups(story.database, chance=story.chance, web_url="http://wattline.test", now=story.now)


async def letters(story: Story) -> list[str]:
    return [row["subject"] for row in await story.rows("select subject from mail order by id")]


async def fault(story: Story, *, connector: int = 1) -> None:
    await story.status("Faulted", connector=connector)


async def test_one_alert_for_a_problem_and_one_note_that_it_is_over(story: Story) -> None:
    await group(story, disconnected_minutes=15)
    await story.disconnect()
    await tick(story, minutes=14)
    assert await letters(story) == []
    for _ in range(10):
        await tick(story, minutes=6)
    (subject,) = await letters(story)
    assert subject.endswith("has no contact")
    await story.connect()
    await tick(story, minutes=1)
    await tick(story, minutes=6)
    assert [one.startswith("Over: ") for one in await letters(story)] == [False, True]
    await tick(story, hours=3)
    assert len(await letters(story)) == 2


async def test_one_that_comes_and_goes_is_one_problem(story: Story) -> None:
    await group(story, disconnected_minutes=0)
    for _ in range(20):
        await story.disconnect()
        await tick(story, minutes=2)
        await story.connect()
        await tick(story, minutes=2)
    assert len(await letters(story)) == 1
    assert len(await story.rows("select from problem")) == 1


async def test_in_quiet_hours_nobody_is_told_and_afterwards_what_still_lasts(story: Story) -> None:
    await group(story, faulted_minutes=0, quiet_from=time(12), quiet_until=time(14))
    await fault(story)
    await tick(story, minutes=30)
    assert await letters(story) == []
    await tick(story, hours=2)
    (subject,) = await letters(story)
    assert "reports a fault" in subject


async def test_what_was_over_before_anybody_was_told_is_never_told(story: Story) -> None:
    await group(story, faulted_minutes=0, quiet_from=time(12), quiet_until=time(14))
    await fault(story)
    await tick(story, minutes=1)
    await story.status("Available")
    await tick(story, minutes=1)
    await tick(story, hours=3)
    assert await letters(story) == []


async def test_many_at_once_are_one_letter(story: Story) -> None:
    boxes = [await story.new_box(1) for _ in range(6)]
    await group(story, disconnected_minutes=0)
    for box in boxes:
        await story.connect(box)
    async with story.database.begin() as tx:
        await tx.execute("update charge_point set connected = false, connected_at = $1", story.now)
        await tx.execute("update connector_live set state = 'disconnected'")
    await tick(story, minutes=1)
    assert await letters(story) == [f"{len(boxes) + 1} problems at your charge points"]


async def test_a_meter_that_does_not_count_is_told(story: Story) -> None:
    await group(story)
    charge = await story.ask()
    await story.begin(charge.id_tag)
    await tick(story, minutes=16)
    (subject,) = await letters(story)
    assert "the meter does not count" in subject


async def test_too_few_starts_that_work_are_told_after_five_tries(story: Story) -> None:
    await group(story)
    for number in range(6):
        charge = await story.ask(1, partner_external_id=str(number))
        async with story.database.begin() as tx:
            await tx.execute(
                "update charge set state = 'completed', failed_at = $2, completed_at = $2 where id = $1",
                charge.id, story.now,
            )  # fmt: skip
            await tx.execute("update connector_live set charge_id = null, state = 'available'")
        await tick(story, seconds=1)
        assert len(await letters(story)) == (1 if number >= 4 else 0)
    (subject,) = await letters(story)
    assert "0 of 5 starts worked in a day" in subject


async def test_a_webhook_is_told_the_same(story: Story) -> None:
    await group(story, emails=(), url="https://hooks.example/alerts", faulted_minutes=0)
    await fault(story, connector=2)
    await tick(story, minutes=1)
    (row,) = await story.rows("select body, due_at from alert_call")
    body = msgspec.json.decode(row["body"])
    assert body["problems"][0]["kind"] == "faulted"
    assert body["problems"][0]["detail"]["connector"] == 2
    assert body["recovered"] == []
    assert row["due_at"] == story.now


async def test_other_operators_and_teams_hear_nothing_and_change_nothing(story: Story) -> None:
    made = await group(story, faulted_minutes=0)
    new = NewAlertGroup(team_id=story.neighbour_team_id, name="Neighbours", emails=["n@x.example"])
    await make_group(story.database, new, secret=SECRET, asked_by=story.viewer, now=story.now)
    await fault(story)
    await tick(story, minutes=6)
    assert [row["to_address"] for row in await story.rows("select to_address from mail")] == ["oncall@x.example"]
    for stranger in (story.viewer_of(operator_id=999), story.viewer_of(team_ids=(story.team_id,))):
        with pytest.raises(Unknown):
            await change_group(story.database, made, new, asked_by=stranger, now=story.now)
    with pytest.raises(NotAllowed):
        await make_group(
            story.database, NewAlertGroup(team_id=None, name="All", emails=["n@x.example"]), secret=SECRET,
            asked_by=story.viewer_of(team_ids=(story.team_id,)), now=story.now,
        )  # fmt: skip


async def healing(story: Story, hours: float) -> int:
    """Let the worker look every three minutes for so long; return how often the box was restarted."""
    for _ in range(int(hours * 20)):
        story.now += timedelta(minutes=3)
        async with story.database.begin() as tx:
            await tx.execute("update charge_point set last_heard_at = $1", story.now)
        await heal(story.database, now=story.now)
    return len(await story.rows("select from self_heal_attempt"))


async def whole_box_faulted(story: Story) -> None:
    await fault(story)
    await fault(story, connector=2)
    await story.status("Faulted", connector=0)


async def test_a_box_stuck_for_an_hour_is_restarted_three_times_a_day_at_most(story: Story) -> None:
    await set_self_heal(story.database, story.viewer.operator_id, wanted=True, asked_by=story.viewer, now=story.now)
    await whole_box_faulted(story)
    assert await healing(story, 0.9) == 0
    assert await healing(story, 0.2) == 1
    assert ("Reset", {"type": "Hard"}) in await story.commands()
    assert await healing(story, 10) == 3
    lines = await story.rows("select detail from log_line where kind = 'SelfHeal' order by at")
    assert [line["detail"]["try"] for line in lines] == [1, 2, 3]


async def test_nothing_is_restarted_unless_the_operator_wants_it(story: Story) -> None:
    await whole_box_faulted(story)
    assert await healing(story, 3) == 0


async def test_one_bad_connector_of_two_is_no_reason(story: Story) -> None:
    await set_self_heal(story.database, story.viewer.operator_id, wanted=True, asked_by=story.viewer, now=story.now)
    await fault(story)
    assert await healing(story, 3) == 0


async def test_nobody_s_charge_is_broken_off(story: Story) -> None:
    await set_self_heal(story.database, story.viewer.operator_id, wanted=True, asked_by=story.viewer, now=story.now)
    charge = await story.ask(2)
    await story.begin(charge.id_tag, connector=2)
    await story.status("Charging", connector=2)
    await fault(story)
    await story.status("Faulted", connector=0)
    assert await healing(story, 3) == 0


async def test_what_people_took_out_of_service_stays_so(story: Story) -> None:
    await set_self_heal(story.database, story.viewer.operator_id, wanted=True, asked_by=story.viewer, now=story.now)
    await whole_box_faulted(story)
    async with story.database.begin() as tx:
        await tx.execute("update connector set maintenance_at = $1 where number = 1", story.now)
    assert await healing(story, 3) == 0
