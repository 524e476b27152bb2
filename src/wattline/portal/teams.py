"""Teams: the list, the page of one, making and changing it."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from wattline.domain.access import Right
from wattline.domain.naming import checked_name
from wattline.domain.refusals import Invalid, NotReady, Refusal, Unknown
from wattline.operations import teams as verbs
from wattline.operations.members import remove_member
from wattline.portal.address_form import address_of
from wattline.portal.addresses import number
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.people_words import PAYMENTS, STATES, TEAM_TYPES
from wattline.portal.simple_deeds import do_and_go
from wattline.portal.team_form import changes_of, form_of, new_team
from wattline.queries import portal_people, portal_teams
from wattline.queries.portal_teams import ROWS_SHOWN
from wattline.queries.reference import countries
from wattline.web.pages import PageRequest, go

ROOM = "/teams"
MEMBERS_ON_PAGE = 12


@get(ROOM)
async def teams_page(request: PageRequest) -> Response[bytes]:
    """List the teams."""
    asked, query = Asked.of(request), request.query_params
    text, page = query.get("q", "")[:100].strip(), number(query.get("page")) or 0
    async with asked.database.read() as connection:
        found = await portal_teams.list_teams(connection, asked.session.viewer, text=text, page=page)
        return await asked.page(
            "teams.jinja", connection, here="teams", teams=found[:ROWS_SHOWN], more=len(found) > ROWS_SHOWN, page=page,
            q=text, payments=dict(PAYMENTS), types={key: label for key, label, _ in TEAM_TYPES},
        )  # fmt: skip


@get(f"{ROOM}/{{team_id:int}}")
async def team_page(request: PageRequest, team_id: FromPath[int]) -> Response[bytes]:
    """Show a team."""
    asked = Asked.of(request)
    viewer, session = asked.session.viewer, asked.session
    async with asked.database.read() as connection:
        team = await portal_teams.team_page(connection, viewer, team_id)
        wish = portal_people.MemberWish(team_id=team_id)
        people = await portal_people.list_members(connection, viewer, wish, now=session.now)
        return await asked.page(
            "team.jinja",
            connection,
            here="teams",
            team=team,
            members=people[:MEMBERS_ON_PAGE] if session.may(Right.SEE_MEMBERS) else [],
            states=STATES,
            sites=await portal_teams.list_sites(connection, viewer, text="", team_id=team_id, page=0),
            nestings=await portal_people.list_nestings(connection, viewer, team_id)
            if session.may(Right.NEST_TEAMS)
            else [],
            prices=await portal_people.prices_to_give(connection, viewer, team_id),
            points=await portal_people.points_of(connection, viewer, team_id),
            groups=await portal_people.list_groups(connection, viewer, team_id)
            if session.may(Right.SEE_MEMBERS)
            else [],
            payments=dict(PAYMENTS),
            types={key: label for key, label, _ in TEAM_TYPES},
            own=viewer.team_ids is not None,
        )


@get(f"{ROOM}/new")
async def new_team_page(request: PageRequest) -> Response[bytes]:
    """Ask for a new team."""
    return await _form_page(
        Asked.of(request), Form({"type": "professional", "payment": "source", "currency": "EUR"}), None
    )


@post(f"{ROOM}/new", status_code=200)
async def make_team(request: PageRequest) -> Response[bytes]:
    """Make the team."""
    asked, form = Asked.of(request), await Form.of(request)
    try:
        made = await verbs.create_team(
            asked.database, new_team(form), asked_by=asked.session.viewer, join_code=secrets.token_hex(5).upper(),
            now=asked.session.now,
        )  # fmt: skip
    except Refusal as refusal:
        return await _form_page(asked, _refused(form, refusal), None)
    return go(f"{ROOM}/{made}", request)


@get(f"{ROOM}/{{team_id:int}}/edit")
async def edit_team_page(request: PageRequest, team_id: FromPath[int]) -> Response[bytes]:
    """Show the form with what is saved."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        team = await portal_teams.team_page(connection, asked.session.viewer, team_id)
    return await _form_page(asked, form_of(team), team)


@post(f"{ROOM}/{{team_id:int}}/edit", status_code=200)
async def change_team(request: PageRequest, team_id: FromPath[int]) -> Response[bytes]:
    """Save the form."""
    asked, form = Asked.of(request), await Form.of(request)
    async with asked.database.read() as connection:
        team = await portal_teams.team_page(connection, asked.session.viewer, team_id)
    try:
        address_of(form)
        changes = changes_of(form) | {"name": checked_name(form["name"])}
        await verbs.patch_team(asked.database, team_id, changes, asked_by=asked.session.viewer, now=asked.session.now)
    except Refusal as refusal:
        return await _form_page(asked, _refused(form, refusal), team)
    return go(f"{ROOM}/{team_id}", request)


@post(f"{ROOM}/{{team_id:int}}/freeze", status_code=200)
async def freeze(request: PageRequest, team_id: FromPath[int]) -> Response[bytes]:
    """Let a team neither charge nor pay."""
    reason = (await Form.of(request))["reason"] or None
    return await _do(request, "Freeze", team_id, lambda **who: verbs.freeze_team(reason=reason, **who))


@post(f"{ROOM}/{{team_id:int}}/unfreeze", status_code=200)
async def unfreeze(request: PageRequest, team_id: FromPath[int]) -> Response[bytes]:
    """Let a team charge and pay again."""
    return await _do(request, "Unfreeze", team_id, verbs.unfreeze_team)


@post(f"{ROOM}/{{team_id:int}}/delete", status_code=200)
async def delete(request: PageRequest, team_id: FromPath[int]) -> Response[bytes]:
    """Take a team away."""
    return await _do(request, "Delete", team_id, verbs.delete_team, to=ROOM)


@post(f"{ROOM}/{{team_id:int}}/leave", status_code=200)
async def leave(request: PageRequest, team_id: FromPath[int]) -> Response[bytes]:
    """Go out of a team oneself."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        await portal_teams.team_page(connection, asked.session.viewer, team_id)
        member_id = await portal_people.own_membership(connection, asked.session.viewer, team_id)
    if member_id is None:
        raise NotFoundException
    verb = remove_member(asked.database, member_id, asked_by=asked.session.viewer, now=asked.session.now)
    return await do_and_go(asked, "Leave", verb, to="/", here="teams", back=f"{ROOM}/{team_id}")


async def _do(
    request: PageRequest, label: str, team_id: int, verb: Callable[..., Awaitable[Any]], *, to: str = ""
) -> Response[bytes]:
    asked, page = Asked.of(request), f"{ROOM}/{team_id}"
    deed = verb(database=asked.database, team_id=team_id, asked_by=asked.session.viewer, now=asked.session.now)
    return await do_and_go(asked, label, deed, to=to or page, here="teams", back=page)


def _refused(form: Form, refusal: Refusal) -> Form:
    if isinstance(refusal, (Unknown, NotReady)) or not isinstance(refusal, Invalid):
        return form.wrong("all", str(refusal))
    fields = {"countryId": "country", "paymentMethod": "payment"}
    return form.wrong(fields.get(refusal.field, refusal.field), refusal.problem)


async def _form_page(asked: Asked, form: Form, team: Any) -> Response[bytes]:
    async with asked.database.read() as connection:
        operators = await portal_teams.list_operators(connection, asked.session.viewer)
        return await asked.page(
            "team_form.jinja", connection, here="teams", status=400 if form.problems else 200, form=form, team=team,
            types=TEAM_TYPES, payments=PAYMENTS, operators=operators, countries=await countries(connection),
        )  # fmt: skip
