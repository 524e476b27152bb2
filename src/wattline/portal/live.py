"""Live pages: one reader of facts per process wakes the streams they concern; each stream sends only what changed.

A page names the topics it is about and a way to look at its values. Values are compared with what was sent last, so a
page never flickers, and a stream that wakes too often costs a question, not a repaint.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Hashable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar, cast

from litestar import Response
from litestar.response import Stream
from markupsafe import Markup

from wattline.database.bus import Bus
from wattline.database.connection import Connection, Database
from wattline.domain.access import Viewer
from wattline.portal.frame import Asked
from wattline.queries.portal_frame import count_rooms
from wattline.queries.portal_live import LOOK_BACK, HeardFact, facts_around, newest_fact
from wattline.web.formats import Formats
from wattline.web.pages import HEADERS
from wattline.web.session import still_open

Topic = tuple[str, int]
T = TypeVar("T")

# Fast enough to feel live, slow enough to read; also the most one viewer can make us look.
LOOK_EVERY_SECONDS = 1.0
GATHER_SECONDS = 0.25
# A page without news hears from us this often, so that it can tell quiet from dead.
BEAT_SECONDS = 10.0
# How often a stream asks whether its session still exists.
SESSION_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Part:
    """What stands in a place of the page; `flash` marks it when it changes.

    `key` tells when it is to be sent again, for what changes in parts that are sent on their own; else its HTML does.
    """

    html: str
    flash: bool = True
    key: str | None = None

    @property
    def mark(self) -> str:
        """What two looks are compared by."""
        return self.html if self.key is None else self.key


Look = Callable[[Connection, Formats], Awaitable[Mapping[str, Part]]]


class Listener:
    """Somebody who waits for facts of certain topics."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Tell that something happened."""
        self._woken.set()

    async def wait(self, seconds: float) -> bool:
        """Wait for something to happen; False when nothing did within that time."""
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except TimeoutError:
            return False
        self._woken.clear()
        return True


class Hub:
    """All listeners of this process. It reads facts only while somebody listens."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database, self._bus = database, bus
        self._listeners: defaultdict[Topic, set[Listener]] = defaultdict(set)
        self._reader: asyncio.Task[None] | None = None
        self._handled: deque[int] = deque(maxlen=2 * LOOK_BACK)
        self._count = 0
        self._turn = 0
        self._shared: dict[Hashable, tuple[tuple[int, int], asyncio.Task[Any]]] = {}

    @asynccontextmanager
    async def listen(self, topics: Iterable[Topic]) -> AsyncIterator[Listener]:
        """Hear of facts on these topics from now on."""
        listener, chosen = Listener(), set(topics)
        for topic in chosen:
            self._listeners[topic].add(listener)
        self._count += 1
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read(), name="live facts")
        try:
            yield listener
        finally:
            for topic in chosen:
                self._listeners[topic].discard(listener)
                if not self._listeners[topic]:
                    del self._listeners[topic]
            self._count -= 1
            if self._count == 0:
                self._reader.cancel()

    async def _read(self) -> None:
        async with self._bus.subscribe("facts") as texts:
            async with self._database.read() as connection:
                newest = await newest_fact(connection)
            # Whoever looked before we listened looks once more.
            self._wake_all()
            async for _ in texts:
                async with self._database.read() as connection:
                    facts = await facts_around(connection, newest)
                self._hand_out([fact for fact in facts if fact.id not in self._handled])
                self._handled.extend(fact.id for fact in facts if fact.id not in self._handled)
                newest = max([newest, *(fact.id for fact in facts)])
                await asyncio.sleep(GATHER_SECONDS)

    async def share(self, what: Hashable, ask: Callable[[Connection], Coroutine[Any, Any, T]]) -> T:
        """Ask once for all who see the same, until facts come or a beat has passed: many viewers, one question."""
        turn = (self._turn, int(asyncio.get_running_loop().time() / BEAT_SECONDS))
        asked_at, asking = self._shared.get(what, (None, None))
        if asking is None or asked_at != turn:
            self._shared = {key: kept for key, kept in self._shared.items() if kept[0] == turn}
            asking = asyncio.create_task(self._ask(ask), name=f"shared {what}")
            self._shared[what] = (turn, asking)
        # Whoever leaves while it is asked takes nothing away from the others.
        return cast("T", await asyncio.shield(asking))

    async def _ask(self, ask: Callable[[Connection], Coroutine[Any, Any, T]]) -> T:
        async with self._database.read() as connection:
            return await ask(connection)

    def _hand_out(self, facts: Iterable[HeardFact]) -> None:
        self._turn += 1
        for topic in {topic for fact in facts for topic in topics_of(fact)}:
            for listener in self._listeners.get(topic, ()):
                listener.wake()

    def _wake_all(self) -> None:
        self._turn += 1
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.wake()


def seen_by(viewer: Viewer) -> tuple[Hashable, ...]:
    """Name what a viewer sees: all who see the same may be told the same."""
    return (viewer.operator_id, viewer.operator_ids, viewer.team_ids)


def topics_of(fact: HeardFact) -> set[Topic]:
    """Tell whom a fact concerns: its operators, its box, and the thing itself."""
    topics: set[Topic] = {("operator", operator_id) for operator_id in fact.operator_ids}
    if fact.charge_point_id is not None:
        topics.add(("box", fact.charge_point_id))
    if fact.entity_id.isdigit():
        # Boxes connecting are told of under the name of the protocol's messages.
        kind = {"charge-point": "connector", "ocpp-messages": "box"}.get(fact.entity_type, fact.entity_type)
        topics.add((kind, int(fact.entity_id)))
    if fact.kind == "HandshakeRefused":
        topics.add(("handshake", 0))
    return topics


def hub_of(asked: Asked) -> Hub:
    """Return the hub of this process."""
    state = asked.request.app.state
    hub: Hub = state.setdefault("live_hub", None) or Hub(state.database, state.bus)
    state["live_hub"] = hub
    return hub


def stream(asked: Asked, topics: Iterable[Topic], look: Look) -> Response[bytes]:
    """Answer with a stream of what changes on a page."""
    hub = hub_of(asked)
    headers = dict(HEADERS) | {"X-Accel-Buffering": "no"}
    return Stream(_messages(asked, hub, topics, look), media_type="text/event-stream", headers=headers)  # type: ignore[return-value]


async def _messages(asked: Asked, hub: Hub, topics: Iterable[Topic], look: Look) -> AsyncIterator[str]:
    sent: dict[str, str] = {}
    clock = asked.request.app.state.clock
    asked_at = clock()
    async with hub.listen(topics) as listener:
        while True:
            parts = await _look(asked, look)
            changed = {place: part for place, part in parts.items() if sent.get(place) != part.mark}
            yield message(changed, flash=bool(sent)) if changed else "event: beat\ndata:\n\n"
            sent |= {place: part.mark for place, part in parts.items()}
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            await listener.wait(BEAT_SECONDS)
            if clock() - asked_at >= SESSION_EVERY:
                asked_at = clock()
                if not await still_open(asked.request):
                    yield "event: gone\ndata:\n\n"
                    return


async def _look(asked: Asked, look: Look) -> dict[str, Part]:
    session = asked.session
    formats = Formats(session.formats.locale, session.formats.zone, asked.request.app.state.clock())
    counts = await hub_of(asked).share(("rooms", *seen_by(session.viewer)), partial(count_rooms, viewer=session.viewer))
    async with asked.database.read() as connection:
        parts = {
            "count-charge-points": Part(str(counts.trouble or "")),
            "count-charges": Part(str(counts.running or "")),
        }
        return parts | dict(await look(connection, formats))


def message(parts: Mapping[str, Part], *, flash: bool) -> str:
    """Write one event that puts each part in its place."""
    places = "".join(_placed(place, part, flash=flash) for place, part in parts.items())
    lines = places.replace("\r", "").split("\n")
    return "".join(f"data: {line}\n" for line in lines) + "\n"


def _placed(place: str, part: Part, *, flash: bool) -> str:
    html = Markup(part.html)  # noqa: S704  rendered by our templates, which escape
    shown = Markup('<span class="touched">{}</span>').format(html) if flash and part.flash else html
    return Markup('<hx-partial hx-target="#{}" hx-swap="innerHTML">{}</hx-partial>').format(place, shown)
