"""Member groups: templates of what members may do."""

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.domain.refusals import AlreadyTaken, Invalid
from wattline.operations import member_groups as verbs
from wattline.operations.member_rows import GROUP_COLUMNS, columns_of
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.member_terms import form_of, refused, terms_of
from wattline.portal.people_words import SWITCH_WORDS, WALLET_USES
from wattline.portal.simple_deeds import do_and_go
from wattline.queries import portal_people as question
from wattline.queries.portal_places import list_places
from wattline.web.pages import PageRequest, go

ROOM = "/member-groups"


@get(ROOM)
async def groups_page(request: PageRequest) -> Response[bytes]:
    """List the groups."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        groups = await question.list_groups(connection, asked.session.viewer)
        return await asked.page(
            "member_groups.jinja", connection, here="members", groups=groups, switches=SWITCH_WORDS.items()
        )


@get(f"{ROOM}/new")
async def new_group_page(request: PageRequest) -> Response[bytes]:
    """Ask what members of a new group may do."""
    form = Form({"team": request.query_params.get("team", ""), "role": "user", "wallet_use": "team"})
    return await _form_page(Asked.of(request), form, None)


@post(f"{ROOM}/new", status_code=200)
async def make_group(request: PageRequest) -> Response[bytes]:
    """Make the group."""
    asked, form = Asked.of(request), await Form.of(request)
    try:
        new = verbs.NewGroup(
            team_id=form.number("team") or 0, name=form["name"], description=form["description"], terms=terms_of(form)
        )
        made = await verbs.create_group(asked.database, new, asked_by=asked.session.viewer, now=asked.session.now)
    except Invalid as refusal:
        return await _form_page(asked, refused(form, refusal), None)
    except AlreadyTaken as refusal:
        return await _form_page(asked, form.wrong("name", str(refusal)), None)
    return go(f"{ROOM}/{made}", request)


@get(f"{ROOM}/{{group_id:int}}")
async def group_page(request: PageRequest, group_id: FromPath[int]) -> Response[bytes]:
    """Show a group."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        group = await question.group_page(connection, asked.session.viewer, group_id)
    return await _form_page(asked, form_of(dict(group)), group)


@post(f"{ROOM}/{{group_id:int}}", status_code=200)
async def change_group(request: PageRequest, group_id: FromPath[int]) -> Response[bytes]:
    """Save the group; its members have it from the same moment on."""
    asked, form = Asked.of(request), await Form.of(request)
    async with asked.database.read() as connection:
        group = await question.group_page(connection, asked.session.viewer, group_id)
    try:
        columns = columns_of(terms_of(form))
        told = {name: columns[name] for name in GROUP_COLUMNS if name != "cost_group_id"}
        changes = told | {"name": form["name"], "description": form["description"]}
        await verbs.edit_group(asked.database, group_id, changes, asked_by=asked.session.viewer, now=asked.session.now)
    except Invalid as refusal:
        return await _form_page(asked, refused(form, refusal), group)
    except AlreadyTaken as refusal:
        return await _form_page(asked, form.wrong("name", str(refusal)), group)
    return go(f"{ROOM}/{group_id}", request)


@post(f"{ROOM}/{{group_id:int}}/delete", status_code=200)
async def delete_group(request: PageRequest, group_id: FromPath[int]) -> Response[bytes]:
    """Take the group away."""
    asked = Asked.of(request)
    verb = verbs.delete_group(asked.database, group_id, asked_by=asked.session.viewer, now=asked.session.now)
    return await do_and_go(asked, "Delete", verb, to=ROOM, here="members")


async def _form_page(asked: Asked, form: Form, group: object) -> Response[bytes]:
    viewer = asked.session.viewer
    async with asked.database.read() as connection:
        teams = (await list_places(connection, viewer)).teams
        team_id = form.number("team") or (teams[0].id if teams else 0)
        return await asked.page(
            "member_group.jinja",
            connection,
            here="members",
            status=400 if form.problems else 200,
            form=form,
            group=group,
            teams=teams,
            prices=await question.prices_to_give(connection, viewer, team_id),
            switches=SWITCH_WORDS.items(),
            wallet_uses=WALLET_USES,
        )
