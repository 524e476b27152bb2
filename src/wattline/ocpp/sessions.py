"""The boxes connected here. The newest authenticated socket of a box is the box; an older one is sent away."""

from collections import OrderedDict
from collections.abc import Iterator

import structlog
from websockets.frames import CloseCode

from wattline.ocpp.session import Session
from wattline.wire.ocpp.deviations import Code

log = structlog.get_logger()

# A box may redial before its old socket is gone (field note H9); so often in so short a time, it is two boxes.
TAKEOVERS_MAX = 3
TAKEOVERS_SECONDS = 600.0
REMEMBERED_MAX = 10_000


class Sessions:
    """Sessions by box."""

    def __init__(self) -> None:
        self._by_box: dict[int, Session] = {}
        self._takeovers: OrderedDict[int, list[float]] = OrderedDict()
        self.is_closing = False
        """Set when the gateway stops: whoever is still on the way in is turned back."""

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._by_box.values()))

    def __len__(self) -> int:
        return len(self._by_box)

    def of(self, charge_point_id: int) -> Session | None:
        """Find a box's session."""
        return self._by_box.get(charge_point_id)

    def enter(self, session: Session) -> bool:
        """Make a session the one of its box and send the older one away; False when it came too late."""
        box_id = session.box.id
        current = self._by_box.get(box_id)
        if self.is_closing or (current is not None and current.lease.epoch > session.lease.epoch):
            return False
        self._by_box[box_id] = session
        if current is not None:
            send_away(current)
        return True

    def leave(self, session: Session) -> None:
        """Forget a session that ended, unless its box has a newer one."""
        if self._by_box.get(session.box.id) is session:
            del self._by_box[session.box.id]

    def takes_turns(self, charge_point_id: int, *, now: float) -> bool:
        """Note that a new socket meets a live one of the same box; tell whether it looks like two boxes in turns."""
        recent = [at for at in self._takeovers.pop(charge_point_id, []) if now - at < TAKEOVERS_SECONDS]
        self._takeovers[charge_point_id] = [*recent, now][-TAKEOVERS_MAX:]
        if len(self._takeovers) > REMEMBERED_MAX:
            self._takeovers.popitem(last=False)
        return len(recent) + 1 >= TAKEOVERS_MAX


def send_away(session: Session) -> None:
    """End a session whose box is connected elsewhere by now; nobody is told that the box went away."""
    session.box.note(Code.TWO_SOCKETS, sample=session.box.address)
    session.end(CloseCode.NORMAL_CLOSURE, "replaced by a newer connection of the same charge point")
