"""What waits to be sent: one message at a time, transactions kept and repeated in order, old news dropped."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from wattline.emulator.messages import Message, MeterRead

# A charge point's memory is small. Long before it is full, in-between meter values go (OCPP 1.6 section 3.7.1).
DURABLE_MAX = 500
NEWS_MAX = 100


@dataclass(slots=True)
class Entry:
    """A message on its way, with what happened to it so far."""

    message: Message
    order: int
    goes_before_boot: bool = False
    failures: int = 0
    not_before: datetime | None = None
    is_repeat: bool = False


class Outbox:
    """Two queues with one order. A durable message that must be tried again later holds back only durable ones."""

    __slots__ = ("_durable", "_news", "_order", "dropped")

    def __init__(self) -> None:
        self._news: deque[Entry] = deque()
        self._durable: deque[Entry] = deque()
        self._order = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._news) + len(self._durable)

    def put(self, message: Message, *, before_boot: bool = False) -> None:
        """Queue a message behind the others, making room if need be.

        `before_boot` marks what may go although the central system has not accepted us yet: the boot message itself,
        and what it asked for meanwhile.
        """
        self._order += 1
        queue = self._durable if message.durable else self._news
        queue.append(Entry(message, self._order, before_boot))
        if message.durable and len(self._durable) > DURABLE_MAX:
            self._drop_a_meter_value()
        elif not message.durable and len(self._news) > NEWS_MAX:
            self._news.popleft()
            self.dropped += 1

    def take(self, now: datetime, *, is_accepted: bool, news_first: bool) -> Entry | None:
        """Take out what is to be sent next, or None."""
        if not is_accepted:
            return self._take_before_boot()
        queue = self._next_queue(now, news_first=news_first)
        return queue.popleft() if queue else None

    def put_back(self, entry: Entry, *, not_before: datetime | None = None) -> None:
        """Return a durable message that was not answered; it stays the first."""
        entry.not_before = not_before
        self._durable.appendleft(entry)

    def drop_news(self) -> list[Message]:
        """Forget what is only news and return it; transactions stay."""
        dropped = [entry.message for entry in self._news]
        self._news.clear()
        return dropped

    def next_at(self) -> datetime | None:
        """When a message that waits for its next attempt may go."""
        return self._durable[0].not_before if self._durable else None

    def durable_messages(self) -> list[Message]:
        """The messages that a loss of power must not lose."""
        return [entry.message for entry in self._durable]

    def _take_before_boot(self) -> Entry | None:
        for entry in self._news:
            if entry.goes_before_boot:
                self._news.remove(entry)
                return entry
        return None

    def _next_queue(self, now: datetime, *, news_first: bool) -> deque[Entry] | None:
        ready = bool(self._durable) and (self._durable[0].not_before is None or self._durable[0].not_before <= now)
        if not ready:
            return self._news
        if self._news and (news_first or self._news[0].order < self._durable[0].order):
            return self._news
        return self._durable

    def _drop_a_meter_value(self) -> None:
        # Every second of the old ones would be kinder to the curve; the oldest is what small firmware does.
        for entry in self._durable:
            if isinstance(entry.message, MeterRead):
                self._durable.remove(entry)
                self.dropped += 1
                return
