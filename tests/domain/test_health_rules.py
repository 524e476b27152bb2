"""When a stuck charge point is restarted, who is told of what, and what belongs together."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattline.domain.alerts import AlertRules, ProblemKind, is_quiet, is_ripe
from wattline.domain.day_so_far import HOUR, change_percent, day_of, running_totals, total_until
from wattline.domain.outages import Gone, gone_together
from wattline.domain.self_heal import GRACE, TRIES_MAX, Because, Patient, may_try, why_restart
from wattline.domain.success_rate import is_low, success_percent

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=1)


def stuck(**changes: Any) -> Patient:
    return replace(
        Patient(
            connected=True, switched_on=True, charging=False, out_of_service_by_people=False, box_status="Faulted",
            box_status_at=LONG_AGO, connector_statuses=[("Faulted", LONG_AGO), ("Available", LONG_AGO)],
            last_heard_at=NOW, tried_at=[],
        ),
        **changes,
    )  # fmt: skip


def test_a_box_that_is_faulted_for_an_hour_is_restarted() -> None:
    assert why_restart(stuck(), now=NOW) is Because.FAULTED
    assert why_restart(stuck(box_status_at=NOW - timedelta(minutes=59)), now=NOW) is None


def test_with_several_connectors_the_box_itself_must_be_bad() -> None:
    assert why_restart(stuck(box_status="Available"), now=NOW) is None
    alone = stuck(box_status=None, connector_statuses=[("Unavailable", LONG_AGO)])
    assert why_restart(alone, now=NOW) is Because.UNAVAILABLE


def test_a_box_that_is_connected_and_silent_is_restarted() -> None:
    silent = stuck(box_status="Available", last_heard_at=LONG_AGO)
    assert why_restart(silent, now=NOW) is Because.SILENT


@pytest.mark.parametrize(
    "changes",
    [{"charging": True}, {"out_of_service_by_people": True}, {"connected": False}, {"switched_on": False},
     {"tried_at": [NOW - timedelta(hours=1)]}],
)  # fmt: skip
def test_never_during_a_charge_nor_against_what_people_decided(changes: dict[str, Any]) -> None:
    assert why_restart(stuck(**changes), now=NOW) is None


@given(st.integers(1, 400))
def test_however_long_it_lasts_tries_are_few_and_far_apart(steps: int) -> None:
    tried: list[datetime] = []
    for step in range(steps):
        now = NOW + timedelta(minutes=3 * step)
        if may_try(tried, now=now):
            tried.append(now)
    for at in tried:
        assert len([one for one in tried if at <= one < at + timedelta(hours=24)]) <= TRIES_MAX
    assert all(two - one >= GRACE for one, two in itertools.pairwise(tried))


def test_a_problem_is_told_once_it_has_lasted() -> None:
    rules = AlertRules(disconnected_minutes=15, faulted_minutes=None)
    young, old = NOW - timedelta(minutes=14), NOW - timedelta(minutes=15)
    assert not is_ripe(rules, ProblemKind.DISCONNECTED, since=young, percent=None, now=NOW)
    assert is_ripe(rules, ProblemKind.DISCONNECTED, since=old, percent=None, now=NOW)
    assert not is_ripe(rules, ProblemKind.FAULTED, since=old, percent=None, now=NOW)


def test_a_low_rate_is_told_below_the_group_s_own_limit() -> None:
    rules = AlertRules(success_below_percent=80)
    assert not is_ripe(rules, ProblemKind.LOW_SUCCESS, since=NOW, percent=80.0, now=NOW)
    assert is_ripe(rules, ProblemKind.LOW_SUCCESS, since=NOW, percent=79.9, now=NOW)
    assert is_ripe(rules, ProblemKind.NO_ENERGY, since=NOW, percent=None, now=NOW)


@pytest.mark.parametrize(
    ("begin", "end", "hour", "quiet"),
    [(22, 6, 23, True), (22, 6, 5, True), (22, 6, 6, False), (22, 6, 12, False), (8, 17, 8, True), (8, 17, 17, False),
     (8, 8, 8, False)],
)  # fmt: skip
def test_quiet_hours_are_those_of_the_group_s_clock(begin: int, end: int, hour: int, quiet: bool) -> None:
    zone = ZoneInfo("Europe/Copenhagen")
    rules = AlertRules(quiet_from=time(begin), quiet_until=time(end), time_zone=zone.key)
    assert is_quiet(rules, now=datetime(2026, 11, 20, hour, tzinfo=zone)) is quiet


def test_a_few_tries_prove_nothing() -> None:
    assert not is_low(tried=4, worked=0)
    assert is_low(tried=5, worked=4)
    assert success_percent(tried=0, worked=0) is None


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_success_rate_is_a_share(one: int, two: int) -> None:
    percent = success_percent(tried=one + two, worked=one)
    assert percent is None or 0 <= percent <= 100


def test_three_that_go_within_two_minutes_at_one_place_went_together() -> None:
    def gone(key: int, place: int | None, seconds: int) -> Gone:
        return Gone(key, place, NOW + timedelta(seconds=seconds))

    lost = [gone(1, 7, 0), gone(2, 7, 40), gone(3, 7, 120), gone(4, 7, 400), gone(5, 8, 0), gone(6, None, 0)]
    assert gone_together(lost) == [[1, 2, 3]]


def test_a_day_on_which_clocks_change_has_another_number_of_hours() -> None:
    zone = ZoneInfo("Europe/Copenhagen")
    assert len(day_of(datetime(2026, 10, 25, tzinfo=UTC).date(), zone).hours) == 25
    assert len(day_of(datetime(2026, 3, 29, tzinfo=UTC).date(), zone).hours) == 23


def test_up_to_the_same_time_counts_part_of_the_hour() -> None:
    hours = [NOW + HOUR * number for number in range(3)]
    values = {hours[0]: 10, hours[1]: 20, hours[2]: 30}
    assert total_until(values, hours, NOW + timedelta(minutes=90)) == 20
    assert running_totals(values, hours) == [10, 30, 60]
    assert change_percent(3, 2) == 50.0
    assert change_percent(3, 0) is None
