"""Making a team for oneself, which is the first thing somebody new does who was not invited."""

import secrets

from litestar import Response, get, post

from wattline.domain.refusals import Invalid, NotReady
from wattline.operations.own_teams import found_team
from wattline.operations.sessions import move_session
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.web.pages import PageRequest, go
from wattline.web.session import COOKIE

ROOM = "/account/team"


@get(ROOM)
async def own_team_page(request: PageRequest) -> Response[bytes]:
    """Ask for a name."""
    return await _page(Asked.of(request), Form())


@post(ROOM, status_code=200)
async def make_own_team(request: PageRequest) -> Response[bytes]:
    """Make the team, and go on working there."""
    asked, form = Asked.of(request), await Form.of(request)
    try:
        team_id = await found_team(
            asked.database, form["team"], user=asked.session.user, join_code=secrets.token_hex(5).upper(),
            now=asked.session.now,
        )  # fmt: skip
    except Invalid as refused:
        return await _page(asked, form.refused(refused))
    except NotReady as refused:
        return await _page(asked, form.wrong("team", str(refused)))
    pepper = request.app.state.settings.pepper
    await move_session(asked.database, request.cookies[COOKIE], f"team-{team_id}", pepper=pepper)
    return go("/", request)


async def _page(asked: Asked, form: Form) -> Response[bytes]:
    async with asked.database.read() as connection:
        return await asked.page(
            "own_team.jinja", connection, here="account", status=400 if form.problems else 200, form=form
        )
