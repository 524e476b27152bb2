"""Uptime by both formulas: a timeline worked out by hand, and what holds for every timeline."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wattline.domain.uptime import (
    Change,
    Excuse,
    Span,
    Stretch,
    joined,
    nevi,
    reliability,
    stretches,
    time_in_states,
)
from wattline.domain.values import ConnectorState

DAY = datetime(2026, 11, 1, tzinfo=UTC)
END = DAY + timedelta(days=1)


def at(hour: float) -> datetime:
    return DAY + timedelta(hours=hour)


# Midnight to midnight: 10 h offline at night, 2 h with a fault, 1 h with a car that cannot talk, 2 h out of service by
# the box itself, 1 h of maintenance that people planned, 8 h of use.
BY_HAND = [
    Change(at(0), "disconnected"),
    Change(at(10), "available"),
    Change(at(12), "error", "Faulted", "GroundFailure"),
    Change(at(14), "busy-charging"),
    Change(at(16), "error", "Faulted", "EVCommunicationError"),
    Change(at(17), "maintenance", "Unavailable"),
    Change(at(19), "maintenance", "Available"),
    Change(at(20), "busy-non-released"),
    Change(at(22), "busy-reserved"),
]


def timeline() -> list[Stretch]:
    return stretches(BY_HAND, start=DAY, end=END)


def test_nevi_counts_offline_as_down_and_leaves_out_what_is_excused() -> None:
    found = nevi(timeline())
    assert (found.total, found.outage, found.excluded) == (
        timedelta(hours=24), timedelta(hours=16), timedelta(hours=2),
    )  # fmt: skip
    assert found.percent == 100 * (1 - 14 / 24)


def test_the_united_kingdom_does_not_hold_offline_against_it() -> None:
    found = reliability(timeline())
    assert (found.unreliable, found.exempt) == (timedelta(hours=6), timedelta(hours=12))
    assert found.percent == 75.0


def test_what_somebody_noted_is_left_out_of_outages_only() -> None:
    found = nevi(timeline(), [Span(at(8), at(11)), Span(at(9), at(13))])
    # Two of the ten hours offline, and one of the two with a fault; the free hours in between change nothing.
    assert found.excluded == timedelta(hours=2 + 2 + 1)


def test_only_opening_hours_count_in_the_united_kingdom() -> None:
    found = reliability(timeline(), open_hours=[Span(at(10), at(16))])
    assert (found.total, found.unreliable) == (timedelta(hours=6), timedelta(hours=2))
    assert reliability(timeline(), open_hours=[]).percent is None


def test_a_year_of_minutes_is_what_nevi_writes() -> None:
    year = Stretch(DAY, DAY + timedelta(minutes=525_600), "available")
    down = Stretch(year.end - timedelta(minutes=15_768), year.end, "error")
    assert nevi([Stretch(DAY, down.start, "available"), down]).percent == 97.0


def test_before_it_was_there_nothing_is_measured() -> None:
    assert stretches([Change(at(30), "available")], start=DAY, end=END) == []
    assert nevi([]).percent is None
    assert [each.start for each in stretches([Change(at(6), "available")], start=DAY, end=END)] == [at(6)]


@st.composite
def any_timeline(draw: st.DrawFn) -> list[Stretch]:
    minutes = sorted(draw(st.sets(st.integers(-600, 2000), max_size=20)))
    changes = [
        Change(
            DAY + timedelta(minutes=minute),
            draw(st.sampled_from(list(ConnectorState))),
            draw(st.sampled_from(["Available", "Unavailable", "Faulted", None])),
            draw(st.sampled_from(["NoError", "EVCommunicationError", "GroundFailure", None])),
        )
        for minute in minutes
    ]
    return stretches(changes, start=DAY, end=END)


@st.composite
def any_span(draw: st.DrawFn) -> Span:
    begin = draw(st.integers(-600, 2000))
    return Span(
        DAY + timedelta(minutes=begin), DAY + timedelta(minutes=begin + draw(st.integers(-10, 900)))
    )  # fmt: skip


@given(any_timeline(), st.lists(any_span(), max_size=6))
def test_percentages_lie_between_nothing_and_all(times: list[Stretch], spans: list[Span]) -> None:
    for percent in (
        nevi(times, spans).percent,
        reliability(times).percent,
        reliability(times, open_hours=spans).percent,
    ):
        assert percent is None or 0 <= percent <= 100


@given(any_timeline())
def test_no_time_is_lost_or_counted_twice(times: list[Stretch]) -> None:
    measured = sum((each.length for each in times), timedelta())
    assert nevi(times).total == reliability(times).total == measured
    assert sum(time_in_states(times).values(), timedelta()) == measured
    assert measured <= END - DAY


@given(any_timeline(), any_span())
def test_leaving_more_out_never_makes_it_worse(times: list[Stretch], span: Span) -> None:
    before, after = nevi(times), nevi(times, [span])
    assert before.excluded <= after.excluded <= after.outage
    assert nevi(times, [span, span]) == after


@given(any_timeline())
def test_what_is_always_open_is_as_if_nothing_was_said(times: list[Stretch]) -> None:
    whole = [Span(DAY - timedelta(days=1), END + timedelta(days=1))]
    assert reliability(times, open_hours=whole) == reliability(times)


@given(any_timeline(), st.integers(1, 1439))
def test_two_halves_of_a_day_add_up_to_it(times: list[Stretch], minute: int) -> None:
    noon = DAY + timedelta(minutes=minute)
    first = [Stretch(each.start, min(each.end, noon), each.state, each.excuse) for each in times if each.start < noon]
    second = [Stretch(max(each.start, noon), each.end, each.state, each.excuse) for each in times if each.end > noon]
    assert nevi(first).outage + nevi(second).outage == nevi(times).outage
    assert reliability(first).unreliable + reliability(second).unreliable == reliability(times).unreliable


@given(st.lists(any_span(), max_size=8))
def test_joined_spans_do_not_touch(spans: list[Span]) -> None:
    apart = joined(spans)
    assert all(one.end < two.start for one, two in itertools.pairwise(apart))
    assert joined(apart) == apart


def test_every_excuse_is_one_that_nevi_knows() -> None:
    assert {each.excuse for each in timeline()} == {None, Excuse.VEHICLE, Excuse.MAINTENANCE}
