"""Who fails too often waits, strangers lock nobody out, and memory stays bounded."""

from wattline.ocpp import throttle
from wattline.ocpp.throttle import Throttle


def test_an_identity_that_fails_too_often_at_an_address_waits_a_minute() -> None:
    counts = Throttle(3)
    for second in range(3):
        assert not counts.must_wait("box", "10.0.0.1", now=second)
        counts.note_failure("box", "10.0.0.1", now=second)
    assert counts.must_wait("box", "10.0.0.1", now=4)
    assert not counts.must_wait("box", "10.0.0.2", now=4)
    assert not counts.must_wait("other", "10.0.0.1", now=4)
    assert not counts.must_wait("box", "10.0.0.1", now=60)


def test_an_address_that_tries_many_identities_waits() -> None:
    counts = Throttle(3)
    for number in range(3 * throttle.ADDRESS_FACTOR):
        counts.note_failure(f"box-{number}", "10.0.0.1", now=0)
    assert counts.must_wait("box-new", "10.0.0.1", now=1)
    assert not counts.must_wait("box-new", "10.0.0.2", now=1)


def test_a_box_let_in_before_is_not_locked_out_by_its_neighbours() -> None:
    counts = Throttle(3)
    counts.note_success("good", "10.0.0.1")
    for number in range(1000):
        counts.note_failure(f"bad-{number}", "10.0.0.1", now=0)
    assert not counts.must_wait("good", "10.0.0.1", now=1)
    counts.note_failure("good", "10.0.0.1", now=1)
    assert counts.must_wait("good", "10.0.0.1", now=1)


def test_being_refused_unread_is_news_only_once() -> None:
    counts = Throttle(2)
    for _ in range(2):
        counts.note_failure("box", "10.0.0.1", now=0)
    assert [counts.is_news("box", "10.0.0.1", now=1) for _ in range(3)] == [True, False, False]


def test_memory_is_bounded() -> None:
    counts = Throttle(2)
    for number in range(throttle.REMEMBERED_MAX + 10):
        counts.note_failure(f"box-{number}", f"address-{number}", now=0)
        counts.note_success(f"box-{number}", f"address-{number}")
    for kept in (counts._per_identity._windows, counts._per_address._windows, counts._trusted):
        assert len(kept) == throttle.REMEMBERED_MAX
