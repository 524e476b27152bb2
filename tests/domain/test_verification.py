"""Somebody waits for a new charge point: what they are told follows from what was seen."""

from datetime import UTC, datetime, timedelta
from typing import Any

from wattline.domain.near_miss import near_miss
from wattline.domain.verification import Refused, Seen, Step, Stranger, Verdict, verify

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def told(now: datetime, **seen: Any) -> tuple[Verdict, Step | None, bool]:
    found = verify(Seen(listening_since=NOON, **seen), now=now)
    return found.verdict, found.step, found.stuck


def refused(reason: str, minutes: float) -> Refused:
    return Refused(reason=reason, count=3, last_at=at(minutes), address="87.59.12.4", detail=None)


def stranger(minutes: float) -> Stranger:
    near = near_miss("KOL-0007", "KOL-OOO7")
    assert near is not None
    return Stranger(near=near, count=1, last_at=at(minutes), address="87.59.12.4")


def test_ten_minutes_of_silence_are_normal() -> None:
    assert told(at(9.9)) == (Verdict.WAITING, Step.CALL, False)
    assert told(at(10)) == (Verdict.SILENT, Step.CALL, True)


def test_the_newest_refusal_counts() -> None:
    assert told(at(3), strangers=[stranger(1)]) == (Verdict.OTHER_NAME, Step.NAME, True)
    assert told(at(3), strangers=[stranger(1)], refused=[refused("password", 2)])[0] is Verdict.WRONG_PASSWORD
    assert told(at(3), refused=[refused("no-password", 1)]) == (Verdict.NO_PASSWORD, Step.PASSWORD, True)
    assert told(at(3), refused=[refused("subprotocol", 1)]) == (Verdict.OTHER_VERSION, Step.VERSION, True)


def test_a_call_refused_unread_is_told_by_the_failures_before_it() -> None:
    throttled = refused("throttled", 2)
    assert told(at(3), refused=[refused("password", 1), throttled])[0] is Verdict.WRONG_PASSWORD
    assert told(at(3), refused=[throttled]) == (Verdict.TOO_OFTEN, Step.PASSWORD, False)


def test_it_connects_introduces_itself_and_reports_each_connector() -> None:
    came = {"connected": True, "connected_at": at(1), "refused": [refused("password", 0.5)]}
    quiet, heard = [(1, None), (2, None)], [(1, at(1.2)), (2, at(1.2))]
    assert told(at(1.1), **came, sockets=quiet) == (Verdict.CONNECTED, Step.BOOT, False)
    assert told(at(1.6), **came, sockets=quiet) == (Verdict.NO_BOOT, Step.BOOT, True)
    booted = came | {"booted_at": at(1.1)}
    assert told(at(1.6), **booted, sockets=[heard[0], quiet[1]]) == (Verdict.BOOTED, Step.STATUS, False)
    assert told(at(2.1), **booted, sockets=[heard[0], quiet[1]]) == (Verdict.NO_STATUS, Step.STATUS, True)
    assert told(at(2.1), **booted, sockets=heard) == (Verdict.VERIFIED, None, False)


def test_one_that_came_and_went_is_missed() -> None:
    gone = {"connected_at": at(1), "disconnected_at": at(2), "booted_at": at(1), "sockets": [(1, at(1))]}
    assert told(at(3), **gone) == (Verdict.LOST, None, False)
    assert told(at(3), **gone, refused=[refused("password", 2.5)])[0] is Verdict.WRONG_PASSWORD


def test_two_charge_points_under_one_name_are_noticed() -> None:
    both = {"connected": True, "connected_at": at(1), "booted_at": at(1), "sockets": [(1, at(1))]}
    assert told(at(3), **both, rivals=["10.0.0.1", "10.0.0.2"]) == (Verdict.TWO_CALLERS, None, True)
