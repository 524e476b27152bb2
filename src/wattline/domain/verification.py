"""How far has a new charge point come, and what keeps it? Weighs what was seen of it since somebody listens. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from wattline.domain.near_miss import NearMiss


class Step(IntEnum):
    """What a charge point does one after the other when it comes to us for the first time."""

    CALL = 0
    NAME = 1
    PASSWORD = 2
    VERSION = 3
    BOOT = 4
    STATUS = 5


class Verdict(StrEnum):
    """What to tell whoever waits."""

    WAITING = "waiting"
    SILENT = "silent"
    OTHER_NAME = "other-name"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105  a word, not a secret
    NO_PASSWORD = "no-password"  # noqa: S105
    OTHER_VERSION = "other-version"
    TOO_OFTEN = "too-often"
    CONNECTED = "connected"
    NO_BOOT = "no-boot"
    BOOTED = "booted"
    NO_STATUS = "no-status"
    LOST = "lost"
    TWO_CALLERS = "two-callers"
    VERIFIED = "verified"


# A fresh SIM card may need 10 minutes to get into its network; after that somebody should look.
SILENT_AFTER = timedelta(minutes=10)
# Most introduce themselves at once and report their connectors within seconds; slow ones take half a minute.
BOOT_WITHIN = timedelta(seconds=30)
STATUS_WITHIN = timedelta(minutes=1)

VERDICT_OF_REASON = {
    "password": (Verdict.WRONG_PASSWORD, Step.PASSWORD),
    "no-password": (Verdict.NO_PASSWORD, Step.PASSWORD),
    "subprotocol": (Verdict.OTHER_VERSION, Step.VERSION),
    "throttled": (Verdict.TOO_OFTEN, Step.PASSWORD),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Calls under the right name that were refused for one reason, since somebody listens."""

    reason: str
    count: int
    last_at: datetime
    address: str
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """Calls under a name that nearly is the right one and that nobody has."""

    near: NearMiss
    count: int
    last_at: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that is known. `sockets` has, by number, when each connector's state came last; `rivals` are the addresses of
    two connections that take turns; `extra_sockets` are numbers it reports that were not set up."""

    listening_since: datetime
    refused: Sequence[Refused] = ()
    strangers: Sequence[Stranger] = ()
    connected: bool = False
    connected_at: datetime | None = None
    disconnected_at: datetime | None = None
    booted_at: datetime | None = None
    sockets: Sequence[tuple[int, datetime | None]] = ()
    rivals: Sequence[str] = ()
    extra_sockets: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The verdict, the step at which things stand, whether they are stuck there, and the call that shows it."""

    verdict: Verdict
    step: Step | None
    stuck: bool = False
    refused: Refused | None = None
    stranger: Stranger | None = None


def verify(seen: Seen, *, now: datetime) -> Finding:
    """Weigh what was seen: contact first, then the newest refusal, then how long nothing came."""
    if seen.connected:
        return _in_contact(seen, now)
    if (newest := _newest_trouble(seen)) is not None:
        return newest
    if now - seen.listening_since >= SILENT_AFTER:
        return Finding(verdict=Verdict.SILENT, step=Step.CALL, stuck=True)
    return Finding(verdict=Verdict.WAITING, step=Step.CALL)


def _in_contact(seen: Seen, now: datetime) -> Finding:
    assert seen.connected_at is not None
    if seen.rivals:
        return Finding(verdict=Verdict.TWO_CALLERS, step=_open_step(seen), stuck=True)
    step = _open_step(seen)
    if step is None:
        return Finding(verdict=Verdict.VERIFIED, step=None)
    if step is Step.BOOT:
        late = now - seen.connected_at >= BOOT_WITHIN
        return Finding(verdict=Verdict.NO_BOOT if late else Verdict.CONNECTED, step=step, stuck=late)
    assert seen.booted_at is not None
    late = now - max(seen.booted_at, seen.connected_at) >= STATUS_WITHIN
    return Finding(verdict=Verdict.NO_STATUS if late else Verdict.BOOTED, step=step, stuck=late)


def _open_step(seen: Seen) -> Step | None:
    if seen.booted_at is None:
        return Step.BOOT
    return Step.STATUS if any(at is None for _, at in seen.sockets) else None


def _newest_trouble(seen: Seen) -> Finding | None:
    found = [(each.last_at, _of_refused(each)) for each in seen.refused if each.reason in VERDICT_OF_REASON]
    # A caller is refused unread because of earlier failures: those say more.
    told = [(at, finding) for at, finding in found if finding.verdict is not Verdict.TOO_OFTEN] or found
    told += [(each.last_at, _of_stranger(each)) for each in seen.strangers]
    if seen.disconnected_at is not None and seen.connected_at is not None:
        told.append((seen.disconnected_at, Finding(verdict=Verdict.LOST, step=_open_step(seen))))
    return max(told, key=lambda each: each[0], default=(None, None))[1]


def _of_refused(refused: Refused) -> Finding:
    verdict, step = VERDICT_OF_REASON[refused.reason]
    return Finding(verdict=verdict, step=step, stuck=verdict is not Verdict.TOO_OFTEN, refused=refused)


def _of_stranger(stranger: Stranger) -> Finding:
    return Finding(verdict=Verdict.OTHER_NAME, step=Step.NAME, stuck=True, stranger=stranger)
