"""Members: the list of all one may see, and the page of one with what they may do."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.access import Right
from wattline.domain.refusals import Invalid
from wattline.operations import invitations, join_requests, members
from wattline.operations.member_rows import columns_of
from wattline.portal.addresses import number
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.invitation_links import new_link
from wattline.portal.member_terms import form_of, refused, terms_of
from wattline.portal.people_words import STATES, SWITCH_WORDS, WALLET_USES
from wattline.portal.simple_deeds import do_and_go
from wattline.queries import portal_people as question
from wattline.queries.portal_places import list_places
from wattline.web.pages import PageRequest, go

ROOM = "/members"


@get(ROOM)
async def members_page(request: PageRequest) -> Response[bytes]:
    """List the members."""
    asked, query = Asked.of(request), request.query_params
    wish = question.MemberWish(
        text=query.get("q", "")[:100].strip(),
        team_id=number(query.get("team")),
        state=query["state"] if query.get("state") in STATES else "",
        before=number(query.get("before")),
    )
    async with asked.database.read() as connection:
        found = await question.list_members(connection, asked.session.viewer, wish, now=asked.session.now)
        shown = found[: question.MEMBERS_SHOWN]
        kept = {"q": wish.text, "team": wish.team_id or "", "state": wish.state}
        older = f"{ROOM}?{urlencode(kept | {'before': shown[-1]['id']})}" if len(found) > len(shown) else ""
        return await asked.page(
            "members.jinja", connection, here="members", members=shown, states=STATES, wish=wish, older=older,
            teams=(await list_places(connection, asked.session.viewer)).teams, kept=kept,
        )  # fmt: skip


@get(f"{ROOM}/{{member_id:int}}")
async def member_page(request: PageRequest, member_id: FromPath[int]) -> Response[bytes]:
    """Show a member."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        member = await question.member_page(connection, asked.session.viewer, member_id, now=asked.session.now)
        return await _shown(asked, connection, member, form_of(member))


@post(f"{ROOM}/{{member_id:int}}", status_code=200)
async def change_member(request: PageRequest, member_id: FromPath[int]) -> Response[bytes]:
    """Save what a member may do: their own switches, or the group whose switches they have."""
    asked, form = Asked.of(request), await Form.of(request)
    async with asked.database.read() as connection:
        member = await question.member_page(connection, asked.session.viewer, member_id, now=asked.session.now)
    try:
        await members.edit_member(
            asked.database, member_id, _changes(form), asked_by=asked.session.viewer, now=asked.session.now
        )
    except Invalid as refusal:
        async with asked.database.read() as connection:
            return await _shown(asked, connection, member, refused(form, refusal))
    return go(f"{ROOM}/{member_id}", request)


@post(f"{ROOM}/{{member_id:int}}/{{deed:str}}", status_code=200)
async def do_to_member(request: PageRequest, member_id: FromPath[int], deed: FromPath[str]) -> Response[bytes]:
    """Send an invitation again, answer somebody who asks to join, hand the team over, or take somebody out."""
    asked = Asked.of(request)
    who: dict[str, Any] = {"asked_by": asked.session.viewer, "now": asked.session.now}
    page = f"{ROOM}/{member_id}"
    match deed:
        case "resend":
            verb = invitations.resend_invitation(asked.database, member_id, link=new_link(request), **who)
            return await do_and_go(asked, "Send it again", verb, to=page, here="members")
        case "accept" | "reject":
            verb = join_requests.answer_request(asked.database, member_id, accept=deed == "accept", **who)
            return await do_and_go(asked, "Answer", verb, to=page, here="members")
        case "owner":
            verb = members.hand_over(asked.database, member_id, **who)
            return await do_and_go(asked, "Hand over", verb, to=page, here="members")
        case "remove":
            verb = members.remove_member(asked.database, member_id, **who)
            return await do_and_go(asked, "Remove", verb, to=ROOM, here="members", back=page)
        case _:
            raise NotFoundException


def _changes(form: Form) -> dict[str, Any]:
    own: dict[str, Any] = {"note": form["note"] or None}
    access = terms_of(Form({**form.texts, "role": form["role"] or "user"}, form.lists))
    columns = columns_of(access)
    if group_id := form.number("group"):
        return own | {"member_group_id": group_id} | {name: columns[name] for name in ("access", "connector_ids")}
    terms_of(form)
    # What has no field here stays as it is.
    return own | {"member_group_id": None} | {name: columns[name] for name in columns if name != "cost_group_id"}


async def _shown(asked: Asked, connection: Connection, member: Any, form: Form) -> Response[bytes]:
    viewer, team_id = asked.session.viewer, member["team_id"]
    return await asked.page(
        "member.jinja",
        connection,
        here="members",
        status=400 if form.problems else 200,
        member=member,
        form=form,
        states=STATES,
        groups=await question.list_groups(connection, viewer, team_id),
        prices=await question.prices_to_give(connection, viewer, team_id),
        points=await question.points_of(connection, viewer, team_id),
        switches=SWITCH_WORDS.items(),
        wallet_uses=WALLET_USES,
        may_manage=asked.session.may(Right.MANAGE_MEMBERS),
        may_hand_over=asked.session.may(Right.CHANGE_TEAM),
    )
