"""Who hears what, and how long we try."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from wattline.domain.webhook import Subscription, delivered, next_attempt_at

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """A fact, as far as it matters for who hears it."""

    event_type: str = "charges"
    operator_ids: tuple[int, ...] = (1,)
    team_ids: tuple[int, ...] = (10,)


def subscription(*event_types: str, team_ids: frozenset[int] | None = None) -> Subscription:
    return Subscription(
        api_key_id=1,
        operator_id=1,
        operator_ids=frozenset({1, 2}),
        team_ids=team_ids,
        event_types=frozenset(event_types),
    )


def test_a_subscriber_hears_the_types_it_asked_for() -> None:
    assert subscription("charges").hears(Told())
    assert not subscription("sites").hears(Told())
    assert subscription("*").hears(Told("sites"))


def test_what_is_for_live_pages_only_is_told_to_nobody() -> None:
    assert not subscription("*").hears(Told("-"))


def test_one_of_the_operators_is_enough() -> None:
    assert subscription("*").hears(Told(operator_ids=(3, 2)))
    assert not subscription("*").hears(Told(operator_ids=(3,)))


def test_a_charge_is_heard_by_the_teams_that_own_or_pay_it() -> None:
    both = Told(team_ids=(10, 11))
    assert subscription("*", team_ids=frozenset({11})).hears(both)
    assert not subscription("*", team_ids=frozenset({12})).hears(both)
    assert not subscription("*", team_ids=frozenset()).hears(both)


@pytest.mark.parametrize(("status", "expected"), [(200, True), (204, True), (299, True), (302, False), (404, False)])
def test_any_2xx_is_success_and_nothing_else(status: int, expected: bool) -> None:
    assert delivered(status) is expected


def test_we_try_every_minute_for_a_day() -> None:
    minute, day = timedelta(minutes=1), timedelta(hours=24)

    def after(passed: timedelta) -> datetime | None:
        return next_attempt_at(first_attempt_at=NOON, now=NOON + passed, retry_every=minute, give_up_after=day)

    assert after(timedelta(0)) == NOON + minute
    assert after(day - minute) == NOON + day
    assert after(day) is None
