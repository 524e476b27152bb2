"""What stands around every page of the Portal: the rooms, how many things in them want somebody, and who is looking."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from litestar import Response

from wattline.database.connection import Connection, Database
from wattline.domain.access import rights_of
from wattline.portal.navigation import rooms
from wattline.portal.people_words import ROLE_WORDS
from wattline.queries import portal_frame
from wattline.web.pages import Frame, PageRequest, answer, environment, theme_of
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
        shared = {"theme": theme_of(self.request), "f": self.session.formats, "mine": rights_of(self.session.viewer)}
        body = render(template, frame=frame, here=here, **shared, **values)
        return answer(self.request, body, status=status)

    def fragment(self, template: str, **values: Any) -> Response[bytes]:
        """Render a part of a page for htmx to put in its place."""
        return answer(self.request, render(template, f=self.session.formats, csrf=self.session.csrf, **values))

    async def frame(self, connection: Connection) -> Frame:
        """Count what the navigation shows and put the rooms together."""
        session = self.session
        counts = await portal_frame.count_rooms(connection, session.viewer)
        return Frame(
            operator=session.post.name if session.post else counts.operator,
            person=session.person,
            csrf=session.csrf,
            logo=counts.logo or "",
            colour=counts.colour or "",
            rooms=rooms(session.viewer, counts, has_emulator=self._has_emulator()),
            post=session.post.key if session.post else "",
            posts=[(post.key, post.name, ROLE_WORDS[post.role], post.has_below) for post in session.posts],
        )

    def _has_emulator(self) -> bool:
        return self.request.app.state.settings.emulator_control_url is not None
