"""What stands around every page of the Portal: the rooms, how many things in them want somebody, and who is looking."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from litestar import Response

from wattline.database.connection import Connection, Database
from wattline.queries import portal_frame
from wattline.web.pages import Frame, PageRequest, Room, answer, environment, theme_of
from wattline.web.session import Session, session_of

TEMPLATES = Path(__file__).parent / "templates"


@cache
def templates() -> Environment:
    """Return the Portal's templates, compiled once."""
    return environment(TEMPLATES)


def render(template: str, **values: Any) -> str:
    """Fill a template that stands alone, without the frame."""
    return templates().get_template(template).render(**values)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page needs to answer: who asks, and where the rows are."""

    request: PageRequest
    session: Session
    database: Database

    @classmethod
    def of(cls, request: PageRequest) -> "Asked":
        """Gather it from a request that `admit` has let in."""
        return cls(request, session_of(request), request.app.state.database)

    async def page(
        self, template: str, connection: Connection, *, here: str, status: int = 200, **values: Any
    ) -> Response[bytes]:
        """Render a whole page inside the frame. `here` is the room it belongs to."""
        frame = await self.frame(connection)
        body = render(template, frame=frame, here=here, theme=theme_of(self.request), f=self.session.formats, **values)
        return answer(self.request, body, status=status)

    def fragment(self, template: str, **values: Any) -> Response[bytes]:
        """Render a part of a page for htmx to put in its place."""
        return answer(self.request, render(template, f=self.session.formats, csrf=self.session.csrf, **values))

    async def frame(self, connection: Connection) -> Frame:
        """Count what the navigation shows and put the rooms together."""
        viewer = self.session.viewer
        counts = await portal_frame.count_rooms(connection, viewer)
        return Frame(counts.operator, self.session.person, self.session.csrf, rooms(counts, self._has_emulator()))

    def _has_emulator(self) -> bool:
        return self.request.app.state.settings.emulator_control_url is not None


def rooms(counts: portal_frame.RoomCounts, has_emulator: bool) -> list[tuple[str, list[Room]]]:
    """List the rooms that exist, in groups with a heading."""
    connections = [
        Room("api", "/api-and-webhooks", "webhook", "API and webhooks"),
        Room("mailbox", "/mailbox", "mail", "Mailbox"),
    ]
    if has_emulator:
        connections.append(Room("emulator", "/emulator", "robot", "Emulator"))
    network = [
        Room("charge-points", "/charge-points", "charging-pile", "Charge points", counts.trouble, bad=True),
        Room("charges", "/charges", "bolt", "Charges", counts.running),
    ]
    money = [Room("wallets", "/wallets", "wallet", "Wallets"), Room("prices", "/prices", "tag", "Prices")]
    return [("", network), ("Money", money), ("Connections", connections)]
