"""What a charge point means to do later, with the time passed in: no clock of its own."""

from collections.abc import Callable
from datetime import datetime

Deed = Callable[[datetime], None]
Key = tuple[str | int, ...]


class Agenda:
    """Deeds by name, each with a due time; setting a name again replaces the earlier entry."""

    __slots__ = ("_entries", "_next_at")

    def __init__(self) -> None:
        self._entries: dict[Key, tuple[datetime, Deed]] = {}
        self._next_at: datetime | None = None

    @property
    def next_at(self) -> datetime | None:
        """The earliest due time, or None when nothing is planned."""
        return self._next_at

    def set(self, key: Key, at: datetime, deed: Deed) -> None:
        """Plan a deed; it is called with its due time."""
        self._entries[key] = (at, deed)
        self._find_next()

    def clear(self, key: Key) -> None:
        """Forget a deed, planned or not."""
        if self._entries.pop(key, None) is not None:
            self._find_next()

    def clear_all(self, *, but: Key) -> None:
        """Forget everything, as losing power does, but what somebody outside has planned."""
        self._entries = {key: entry for key, entry in self._entries.items() if key == but}
        self._find_next()

    def __contains__(self, key: Key) -> bool:
        return key in self._entries

    def take_due(self, now: datetime) -> tuple[datetime, Deed] | None:
        """Take out the earliest deed that is due; the caller takes until there is none."""
        if self._next_at is None or self._next_at > now:
            return None
        key, entry = min(self._entries.items(), key=lambda item: item[1][0])
        del self._entries[key]
        self._find_next()
        return entry

    def _find_next(self) -> None:
        self._next_at = min((at for at, _ in self._entries.values()), default=None)
