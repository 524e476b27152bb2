"""When a charge that never ends counts as dead."""

from datetime import UTC, datetime, timedelta

from wattline.domain.ghost import LOST_STOP_AFTER, QUIET_MAX, SILENCE_MAX, ghost_at

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def dead_after(*, heard: timedelta = timedelta(0), idle: timedelta | None = None, readings: bool = True) -> timedelta:
    """How long after its last sign of life at noon a charge is dead."""
    dead_at = ghost_at(
        last_sign_at=NOON,
        heard_at=NOON + heard,
        idle_since=None if idle is None else NOON + idle,
        readings_expected=readings,
    )
    return dead_at - NOON


def test_a_connector_that_shows_no_transaction_has_lost_its_stop() -> None:
    assert dead_after(idle=timedelta(minutes=10)) == timedelta(minutes=10) + LOST_STOP_AFTER


def test_a_box_that_is_away_for_a_night_comes_back_in_time() -> None:
    assert dead_after() == SILENCE_MAX


def test_a_box_in_contact_that_sent_readings_and_stopped_doing_so_has_lost_its_transaction() -> None:
    assert dead_after(heard=timedelta(days=3)) == SILENCE_MAX


def test_t11_a_box_without_readings_is_trusted_while_it_is_heard_but_not_for_ever() -> None:
    assert dead_after(heard=timedelta(days=3), readings=False) == timedelta(days=4)
    assert dead_after(heard=timedelta(days=30), readings=False) == QUIET_MAX
