"""Charge points that are public at some hours, and inactive ones, at which nobody pays."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.operations.market import open_market
from tests.operations.story import NOON, Story
from wattline.domain.charge_key import Place
from wattline.domain.public_hours import Span, checked_spans, is_public, next_turn
from wattline.domain.refusals import Invalid, NotReady, Unknown
from wattline.operations.charge_key_rows import place_of_box
from wattline.operations.onboarding import set_access, set_active
from wattline.operations.public_hours import follow_public_hours, set_public_hours

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
# Friday 20 November 2026, noon UTC, is 13:00 there.
FRIDAY = 4
AFTERNOON = Span(FRIDAY, 14 * 60, 18 * 60)


async def activate(story: Story, *, active: bool) -> None:
    await set_active(story.database, story.box.connectors[1], active=active, asked_by=story.viewer, now=story.now)


async def open_at(story: Story, *spans: Span, asked_by: object = None) -> None:
    await set_public_hours(
        story.database, story.box.connectors[1], spans, show_on_map=True, zone="Europe/Copenhagen",
        asked_by=asked_by or story.viewer, now=story.now,  # type: ignore[arg-type]
    )  # fmt: skip


async def visibility(story: Story) -> set[str]:
    await follow_public_hours(story.database, now=story.now)
    return {
        row["visibility"]
        for row in await story.rows("select visibility from connector where charge_point_id = $1", story.box.id)
    }


def test_hours_go_over_midnight_and_heed_clocks_that_change() -> None:
    night = [Span(FRIDAY, 22 * 60, 6 * 60)]
    assert next_turn(night, NOON, COPENHAGEN) == datetime(2026, 11, 20, 21, tzinfo=UTC)
    assert is_public(night, datetime(2026, 11, 21, 4, 59, tzinfo=UTC), COPENHAGEN)
    assert not is_public(night, datetime(2026, 11, 21, 5, tzinfo=UTC), COPENHAGEN)
    # On 25 October 2026 clocks went back at 03:00: the same hour of the day is an hour later in UTC.
    sunday = [Span(6, 8 * 60, 10 * 60)]
    assert next_turn(sunday, datetime(2026, 10, 24, 12, tzinfo=UTC), COPENHAGEN) == datetime(
        2026, 10, 25, 7, tzinfo=UTC
    )


def test_a_whole_week_never_turns_and_no_hours_never_open() -> None:
    assert next_turn([Span(day, 0, 0) for day in range(7)], NOON, COPENHAGEN) is None
    assert next_turn([], NOON, COPENHAGEN) is None
    assert is_public([Span(day, 0, 0) for day in range(7)], NOON, COPENHAGEN)


@pytest.mark.parametrize("span", [Span(7, 0, 60), Span(-1, 0, 60), Span(0, 1440, 60), Span(0, 0, 1441)])
def test_what_is_no_time_of_a_week_is_refused(span: Span) -> None:
    with pytest.raises(Invalid):
        checked_spans([span])


async def test_a_charge_point_turns_public_and_private_at_its_hours(story: Story) -> None:
    await open_at(story, AFTERNOON)
    assert await visibility(story) == {"private"}
    story.later(minutes=59)
    assert await visibility(story) == {"private"}
    story.later(minutes=1)
    assert await visibility(story) == {"public"}
    story.later(minutes=4 * 60)
    assert await visibility(story) == {"private"}
    story.later(minutes=6 * 24 * 60 + 20 * 60)
    assert await visibility(story) == {"public"}


async def test_saying_private_for_good_ends_the_hours(story: Story) -> None:
    await open_at(story, AFTERNOON)
    await set_access(
        story.database, story.box.connectors[1], visibility="private", show_on_map=False, asked_by=story.viewer,
        now=story.now,
    )  # fmt: skip
    story.now += timedelta(hours=2)
    assert await visibility(story) == {"private"}
    assert await story.rows("select * from public_hours") == []


async def test_strangers_set_no_hours_and_no_hours_are_no_schedule(story: Story) -> None:
    with pytest.raises(Unknown):
        await open_at(story, AFTERNOON, asked_by=story.viewer_of(operator_id=999))
    with pytest.raises(Invalid, match="at least one day"):
        await open_at(story)


async def test_a_charge_at_an_inactive_charge_point_costs_nothing(story: Story) -> None:
    market = await open_market(story)
    await activate(story, active=False)
    charge = await market.buy()
    assert await market.held("team", story.neighbour_team_id) == 0
    # It is free even when the charge point is activated before the end.
    await activate(story, active=True)
    assert (await market.deliver(charge, 10_000)).price_minor == 0
    assert await market.has("team", story.team_id) == 0


async def test_a_charge_that_began_while_active_is_paid_as_agreed(story: Story) -> None:
    market = await open_market(story)
    charge = await market.buy()
    await activate(story, active=False)
    assert (await market.deliver(charge, 10_000)).price_minor == 500


async def test_a_key_of_the_team_tests_an_inactive_charge_point_for_nothing_and_a_strangers_does_not(
    story: Story,
) -> None:
    await open_market(story)
    await story.rows("update connector set visibility = 'public'")
    await activate(story, active=False)
    await story.add_key("04A1B2C3")
    assert (await story.tap("04A1B2C3")).status == "Accepted"
    answer = await story.begin("04A1B2C3", meter_wh=1_000)
    story.later(minutes=30)
    await story.end(answer.ocpp_transaction_id, 9_000)
    await story.status("Available")
    [charge] = await story.charges()
    assert charge.price_minor == 0
    assert not (await place_of(story)).public


async def place_of(story: Story) -> Place:
    """What the box is like to keys: strangers with a network of their own are let in where it is public."""
    async with story.database.begin() as tx:
        return await place_of_box(tx, story.box.id)


async def test_an_inactive_charge_point_cannot_be_reserved(story: Story) -> None:
    await activate(story, active=False)
    with pytest.raises(NotReady, match="inactive"):
        await story.ask(reserve=True)
