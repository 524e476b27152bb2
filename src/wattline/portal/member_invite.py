"""Inviting members: one by e-mail or user id, or many from a file."""

from functools import partial
from typing import Any

from litestar import Response, get, post

from wattline.database.connection import Connection
from wattline.domain.member_file import ROWS_MAX, read_people
from wattline.domain.refusals import AlreadyTaken, Invalid, Unknown
from wattline.operations.invitations import NewInvitation, invite_member
from wattline.operations.member_imports import Imported, invite_people
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.invitation_links import new_link
from wattline.portal.member_terms import refused, terms_of
from wattline.portal.members import ROOM
from wattline.portal.people_words import SWITCH_WORDS, WALLET_USES
from wattline.queries import portal_people as question
from wattline.queries.portal_places import list_places
from wattline.queries.portal_teams import team_page
from wattline.web.pages import PageRequest, go


@get(f"{ROOM}/invite")
async def invite_page(request: PageRequest) -> Response[bytes]:
    """Ask whom to invite to which team."""
    asked = Asked.of(request)
    query = request.query_params
    form = Form({"team": query.get("team", ""), "group": query.get("group", ""), "role": "user", "access": "all"})
    return await _invite_page(asked, form)


@post(f"{ROOM}/invite", status_code=200)
async def invite(request: PageRequest) -> Response[bytes]:
    """Invite somebody."""
    asked, form = Asked.of(request), await Form.of(request)
    try:
        new = await _invitation(asked, form)
        made = await invite_member(
            asked.database, new, link=new_link(request), asked_by=asked.session.viewer, now=asked.session.now
        )
    except Invalid as refusal:
        return await _invite_page(asked, refused(form, refusal))
    except AlreadyTaken as refusal:
        return await _invite_page(asked, form.wrong("who", str(refusal)))
    return go(f"{ROOM}/{made}", request)


@get(f"{ROOM}/import")
async def import_page(request: PageRequest) -> Response[bytes]:
    """Ask for a file."""
    return await _import_page(Asked.of(request), Form({"team": request.query_params.get("team", "")}), None)


@post(f"{ROOM}/import", status_code=200)
async def import_people(request: PageRequest) -> Response[bytes]:
    """Invite everybody in a file, and say of each row that could not be used why."""
    asked, form = Asked.of(request), await Form.of(request)
    sent: Any = (await request.form()).get("file")
    try:
        team_id = await _team(asked, form)
        rows, problems = read_people(await sent.read() if hasattr(sent, "read") else b"")
        done = await invite_people(
            asked.database, team_id, rows, link=partial(new_link, request), asked_by=asked.session.viewer,
            now=asked.session.now,
        )  # fmt: skip
    except Invalid as refusal:
        return await _import_page(asked, form.refused(refusal), None)
    listed = sorted([*problems, *done.problems], key=lambda problem: problem.line)
    return await _import_page(asked, form, Imported(done.invited, listed))


async def _invitation(asked: Asked, form: Form) -> NewInvitation:
    team_id, who = await _team(asked, form), form["who"]
    user_id = form.number("who")
    if not who:
        raise Invalid("who", "is missing: an e-mail address, or the number of a user.")
    return NewInvitation(
        team_id=team_id,
        email=who if user_id is None else None,
        user_id=user_id,
        name=form["name"] or None,
        group_id=form.number("group"),
        terms=terms_of(form),
        note=form["note"] or None,
    )


async def _team(asked: Asked, form: Form) -> int:
    team_id = form.number("team")
    if team_id is None:
        raise Invalid("team", "choose one.")
    async with asked.database.read() as connection:
        await team_page(connection, asked.session.viewer, team_id)
    return team_id


async def _invite_page(asked: Asked, form: Form) -> Response[bytes]:
    viewer = asked.session.viewer
    async with asked.database.read() as connection:
        teams = (await list_places(connection, viewer)).teams
        form = await _at_home(connection, asked, form, teams)
        team_id = form.number("team") or 0
        return await asked.page(
            "member_invite.jinja",
            connection,
            here="members",
            status=400 if form.problems else 200,
            form=form if not form.problem("email") else form.wrong("who", form.problem("email")),
            teams=teams,
            groups=await question.list_groups(connection, viewer, team_id),
            prices=await question.prices_to_give(connection, viewer, team_id),
            points=await question.points_of(connection, viewer, team_id),
            switches=SWITCH_WORDS.items(),
            wallet_uses=WALLET_USES,
        )


async def _import_page(asked: Asked, form: Form, done: Imported | None) -> Response[bytes]:
    async with asked.database.read() as connection:
        teams = (await list_places(connection, asked.session.viewer)).teams
        status = 400 if form.problems else 200
        return await asked.page(
            "member_import.jinja", connection, here="members", status=status, form=form, teams=teams, done=done,
            rows_max=ROWS_MAX,
        )  # fmt: skip


async def _at_home(connection: Connection, asked: Asked, form: Form, teams: list[Any]) -> Form:
    """Fill in the team where there is no choice or none was made; somebody else's is unknown."""
    team_id = form.number("team")
    if team_id is not None:
        await team_page(connection, asked.session.viewer, team_id)
        return form
    if not teams:
        raise Unknown("team", "to invite somebody to")
    return Form({**form.texts, "team": str(teams[0].id)}, form.lists, form.problems)
