"""A charge is stopped before it costs more than is held, and looked at no more often than that takes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wattline.domain.running_cost import (
    LOOK_AGAIN_MAX,
    LOOK_AGAIN_MIN,
    NEXT_INTERVAL,
    one_interval_on,
    watch,
)
from wattline.domain.usage import Segment, Usage

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_next_minute_at_60_kw_is_one_kwh() -> None:
    usage = Usage(started_at=NOON, segments=(Segment(NOON, NOON + timedelta(hours=1), 50_000),))
    ahead = one_interval_on(usage, power_w=60_000, now=NOON + timedelta(hours=1))
    assert ahead.segments[-1] == Segment(NOON + timedelta(hours=1), NOON + timedelta(minutes=61), 1_000)


def test_it_stops_when_the_next_minute_would_use_up_the_hold() -> None:
    assert watch(cost_minor=4_950, next_minor=5_000, most_minor=5_000).stop
    assert not watch(cost_minor=4_900, next_minor=4_950, most_minor=5_000).stop


def test_a_charge_far_from_its_hold_is_left_alone_for_a_while() -> None:
    assert watch(cost_minor=100, next_minor=110, most_minor=5_000).look_again_after == LOOK_AGAIN_MAX
    assert watch(cost_minor=100, next_minor=100, most_minor=5_000).look_again_after == LOOK_AGAIN_MAX


@given(cost=st.integers(0, 5_000), step=st.integers(0, 500), most=st.integers(1, 6_000))
def test_at_an_even_pace_no_look_comes_too_late(cost: int, step: int, most: int) -> None:
    seen = watch(cost_minor=cost, next_minor=cost + step, most_minor=most)
    assert LOOK_AGAIN_MIN <= seen.look_again_after <= LOOK_AGAIN_MAX
    if not seen.stop and seen.look_again_after > LOOK_AGAIN_MIN:
        at_next_look = cost + step * (seen.look_again_after / NEXT_INTERVAL)
        assert at_next_look <= most
