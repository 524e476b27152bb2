"""The operator: its sub-operators, and who works for each in which role."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.access import Right
from wattline.domain.refusals import AlreadyTaken, Invalid, NotReady
from wattline.operations import operator_people as verbs
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.invitation_links import new_link
from wattline.portal.people_words import ROLE_LINES, ROLE_WORDS
from wattline.portal.simple_deeds import do_and_go
from wattline.queries import portal_teams as question
from wattline.web.pages import PageRequest, go

ROOM = "/operators"


@get(ROOM)
async def own_operator_page(request: PageRequest) -> Response[bytes]:
    """Show the operator one works for."""
    return await _page(Asked.of(request), Asked.of(request).session.viewer.operator_id, Form())


@get(f"{ROOM}/{{operator_id:int}}")
async def operator_page(request: PageRequest, operator_id: FromPath[int]) -> Response[bytes]:
    """Show an operator, one's own or one below it."""
    return await _page(Asked.of(request), operator_id, Form())


@post(f"{ROOM}/{{operator_id:int}}/invite", status_code=200)
async def invite(request: PageRequest, operator_id: FromPath[int]) -> Response[bytes]:
    """Invite somebody to work for an operator."""
    asked, form = Asked.of(request), await Form.of(request)
    try:
        await verbs.invite_to_operator(
            asked.database, operator_id, email=form["email"], role=form["role"], link=new_link(request),
            asked_by=asked.session.viewer, now=asked.session.now,
        )  # fmt: skip
    except Invalid as refusal:
        return await _page(asked, operator_id, form.refused(refusal))
    except AlreadyTaken as refusal:
        return await _page(asked, operator_id, form.wrong("email", str(refusal)))
    return go(f"{ROOM}/{operator_id}", request)


@post(f"{ROOM}/{{operator_id:int}}/people/{{user_id:int}}", status_code=200)
async def change_role(request: PageRequest, operator_id: FromPath[int], user_id: FromPath[int]) -> Response[bytes]:
    """Give somebody another role, or none."""
    asked, form = Asked.of(request), await Form.of(request)
    verb = verbs.change_role(
        asked.database, operator_id, user_id, form["role"] or None, asked_by=asked.session.viewer, now=asked.session.now
    )
    return await do_and_go(asked, "Change the role", verb, to=f"{ROOM}/{operator_id}", here="operators")


@post(f"{ROOM}/invited/{{post_id:int}}/withdraw", status_code=200)
async def withdraw(request: PageRequest, post_id: FromPath[int]) -> Response[bytes]:
    """Take an invitation back."""
    asked = Asked.of(request)
    verb = verbs.withdraw_post(asked.database, post_id, asked_by=asked.session.viewer, now=asked.session.now)
    return await do_and_go(asked, "Take back", verb, to=ROOM, here="operators")


@post(f"{ROOM}/new", status_code=200)
async def make_operator(request: PageRequest) -> Response[bytes]:
    """Make a sub-operator."""
    asked, form = Asked.of(request), await Form.of(request)
    try:
        made = await verbs.create_sub_operator(
            asked.database, form["name"], identifier=form["identifier"], asked_by=asked.session.viewer,
            now=asked.session.now,
        )  # fmt: skip
    except Invalid as refusal:
        return await _page(asked, asked.session.viewer.operator_id, form.refused(refusal))
    except (AlreadyTaken, NotReady) as refusal:
        return await _page(asked, asked.session.viewer.operator_id, form.wrong("identifier", str(refusal)))
    return go(f"{ROOM}/{made}", request)


@post(f"{ROOM}/{{operator_id:int}}/name", status_code=200)
async def rename(request: PageRequest, operator_id: FromPath[int]) -> Response[bytes]:
    """Change what an operator is called."""
    asked, form = Asked.of(request), await Form.of(request)
    verb = verbs.rename_operator(
        asked.database, operator_id, form["new_name"], asked_by=asked.session.viewer, now=asked.session.now
    )
    return await do_and_go(asked, "Rename", verb, to=f"{ROOM}/{operator_id}", here="operators")


async def _page(asked: Asked, operator_id: int, form: Form) -> Response[bytes]:
    async with asked.database.read() as connection:
        return await asked.page(
            "operators.jinja", connection, here="operators", status=400 if form.problems else 200, form=form,
            **await _shown(asked, connection, operator_id),
        )  # fmt: skip


async def _shown(asked: Asked, connection: Connection, operator_id: int) -> dict[str, Any]:
    people = await question.people_of(connection, asked.session.viewer, operator_id)
    operators = await question.list_operators(connection, asked.session.viewer)
    (shown,) = (each for each in operators if each["id"] == operator_id)
    return {
        "operator": shown,
        "operators": operators,
        "people": people,
        "role_words": ROLE_WORDS,
        "role_lines": ROLE_LINES,
        "may_manage": asked.session.may(Right.MANAGE_OPERATOR),
        "me": asked.session.viewer.user_id,
    }
