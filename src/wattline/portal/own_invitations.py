"""Invitations as the invited see them: the link of a letter, those that wait for an answer, and joining by code."""

import secrets

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.domain.refusals import AlreadyTaken, Invalid, NotReady, Unknown
from wattline.operations.invitation_answers import answer_invitation, invitation_by_token, invitations_of
from wattline.operations.join_requests import ask_to_join
from wattline.operations.login_tries import TooManyTries, count_try
from wattline.operations.sessions import move_session
from wattline.operations.team_founding import found_team
from wattline.portal.forms import Form
from wattline.portal.frame import Asked, render
from wattline.portal.simple_deeds import do_and_go
from wattline.web.pages import PageRequest, answer, go, theme_of
from wattline.web.session import COOKIE

ROOM = "/invitations"


@get(f"{ROOM}/{{token:str}}", opt={"public": True})
async def invitation_page(request: PageRequest, token: FromPath[str]) -> Response[bytes]:
    """Say what somebody is invited to, to whoever has the link of the letter."""
    state = request.app.state
    async with state.database.read() as connection:
        invited = await invitation_by_token(connection, token, pepper=state.settings.pepper, now=state.clock())
    body = render("invitation.jinja", theme=theme_of(request), invited=invited, token=token)
    return answer(request, body)


@get(ROOM)
async def invitations_page(request: PageRequest) -> Response[bytes]:
    """List what waits for the viewer's answer, and take a join code."""
    return await _page(Asked.of(request), Form())


@post(f"{ROOM}/{{invitation_id:int}}/{{deed:str}}", status_code=200)
async def answer_one(request: PageRequest, invitation_id: FromPath[int], deed: FromPath[str]) -> Response[bytes]:
    """Accept or reject."""
    asked = Asked.of(request)
    verb = answer_invitation(
        asked.database, invitation_id, accept=deed == "accept", asked_by=asked.session.viewer, now=asked.session.now
    )
    return await do_and_go(asked, "Answer", verb, to=ROOM, here="invitations")


@post("/join", status_code=200)
async def join(request: PageRequest) -> Response[bytes]:
    """Ask to join a team by its code. Tries are counted as those to log in are: a code is not for guessing."""
    asked, form = Asked.of(request), await Form.of(request)
    viewer, now = asked.session.viewer, asked.session.now
    address = request.client.host if request.client else "unknown"
    try:
        await count_try(asked.database, email=f"join {viewer.user_id}", address=address, now=now)
        member = await ask_to_join(asked.database, form["code"], asked_by=viewer, now=now)
    except Unknown:
        return await _page(asked, form.wrong("code", "is no team’s. Ask the team for its join code."))
    except (AlreadyTaken, TooManyTries) as refusal:
        return await _page(asked, form.wrong("code", str(refusal)))
    return await _page(asked, Form(), joined=member["state"])


@post("/found-a-team", status_code=200)
async def found(request: PageRequest) -> Response[bytes]:
    """Make a team of one's own, and go on in it."""
    asked, form = Asked.of(request), await Form.of(request)
    try:
        made = await found_team(
            asked.database, form["name"], type=form["type"], asked_by=asked.session.viewer,
            join_code=secrets.token_hex(5).upper(), now=asked.session.now,
        )  # fmt: skip
    except Invalid as refusal:
        return await _page(asked, form.refused(refusal))
    except NotReady as refusal:
        return await _page(asked, form.wrong("name", str(refusal)))
    pepper = request.app.state.settings.pepper
    await move_session(asked.database, request.cookies[COOKIE], f"team-{made}", pepper=pepper)
    return go(f"/teams/{made}", request)


async def _page(asked: Asked, form: Form, *, joined: str = "") -> Response[bytes]:
    async with asked.database.read() as connection:
        viewer = asked.session.viewer
        waiting = await invitations_of(connection, viewer.user_id or 0, now=asked.session.now)
        return await asked.page(
            "invitations.jinja", connection, here="invitations", status=400 if form.problems else 200, form=form,
            waiting=waiting, joined=joined,
        )  # fmt: skip
