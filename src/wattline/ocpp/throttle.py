"""Whoever fails to log in too often is refused unread for a while. Memory is bounded; a success is never counted.

Failures are counted per address, and per identity at an address: counted per identity alone, a stranger could lock a
charge point out by failing in its name. An address that let a box in keeps that door open for this box, so that one
misconfigured charge point locks out no neighbour behind the same router.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

WINDOW_SECONDS = 60.0
# Many charge points may share one address; each may fail as often as the setting says, all together this much more.
ADDRESS_FACTOR = 10
# About 10 MB if an attacker fills it.
REMEMBERED_MAX = 20_000

Key = TypeVar("Key", bound=Hashable)


class Throttle:
    """Counts failures and says who must wait. `now` is a clock in seconds that never goes back."""

    def __init__(self, failures_per_minute: int) -> None:
        self._per_identity: _Counts[tuple[str, str]] = _Counts(failures_per_minute)
        self._per_address: _Counts[str] = _Counts(failures_per_minute * ADDRESS_FACTOR)
        self._trusted: OrderedDict[tuple[str, str], None] = OrderedDict()

    def must_wait(self, identity: str, address: str, *, now: float) -> bool:
        """Tell whether this attempt is to be refused without a look at its password."""
        if (identity, address) in self._trusted:
            return False
        return self._per_identity.is_full((identity, address), now) or self._per_address.is_full(address, now)

    def note_failure(self, identity: str, address: str, *, now: float) -> None:
        """Count an attempt with an unknown identity or a wrong password."""
        self._trusted.pop((identity, address), None)
        self._per_identity.add((identity, address), now)
        self._per_address.add(address, now)

    def is_news(self, identity: str, address: str, *, now: float) -> bool:
        """Note that somebody was refused unread; True the first time in a window, so that it is told once."""
        is_news = self._per_identity.is_just_full((identity, address), now)
        self._per_identity.add((identity, address), now)
        return is_news

    def note_success(self, identity: str, address: str) -> None:
        """Remember that this box may call from here."""
        self._trusted[identity, address] = None
        self._trusted.move_to_end((identity, address))
        if len(self._trusted) > REMEMBERED_MAX:
            self._trusted.popitem(last=False)


class _Counts(Generic[Key]):
    """Failures per key in fixed windows that begin with the first failure; the least recently used are forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._windows: OrderedDict[Key, tuple[float, int]] = OrderedDict()

    def is_full(self, key: Key, now: float) -> bool:
        began, count = self._windows.get(key, (now, 0))
        return now - began < WINDOW_SECONDS and count >= self._most

    def is_just_full(self, key: Key, now: float) -> bool:
        return self.is_full(key, now) and self._windows[key][1] == self._most

    def add(self, key: Key, now: float) -> None:
        began, count = self._windows.pop(key, (now, 0))
        self._windows[key] = (began, count + 1) if now - began < WINDOW_SECONDS else (now, 1)
        if len(self._windows) > REMEMBERED_MAX:
            self._windows.popitem(last=False)
