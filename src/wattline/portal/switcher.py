"""Going on at another of the places where one works."""

from litestar import Response, post

from wattline.domain.refusals import Unknown
from wattline.operations.sessions import move_session
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.web.pages import PageRequest, go
from wattline.web.session import COOKIE


@post("/place", status_code=200)
async def switch_place(request: PageRequest) -> Response[bytes]:
    """Change the place, and begin at its first room: what the page was about is perhaps not there."""
    asked = Asked.of(request)
    place = (await Form.of(request))["place"]
    if place not in {post.key for post in asked.session.posts}:
        raise Unknown("place", place)
    pepper = request.app.state.settings.pepper
    await move_session(asked.database, request.cookies[COOKIE], place, pepper=pepper)
    return go("/", request)
