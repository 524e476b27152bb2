"""API and webhooks: which programs have a key, and new ones. The secret of a key is shown once, when it is made."""

import secrets

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.domain.access import Right
from wattline.domain.naming import checked_name
from wattline.domain.refusals import Invalid
from wattline.operations.api_keys import NewApiKey, create_api_key, edit_api_key
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.program_rights import LEVELS, PRESETS, RIGHTS, form_of_scopes, scopes_of
from wattline.queries.portal_places import list_places
from wattline.queries.portal_programs import editable_of, list_programs, program_of
from wattline.web.pages import PageRequest, go

ROOM = "/api-and-webhooks"


@get(ROOM)
async def programs_page(request: PageRequest) -> Response[bytes]:
    """Show the keys."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        programs = await list_programs(connection, asked.session.viewer)
        return await asked.page(
            "programs.jinja",
            connection,
            here="api",
            programs=programs,
            in_use=sum(each.revoked_at is None for each in programs),
            may_manage=asked.session.may(Right.MANAGE_PROGRAMS),
        )


@get(f"{ROOM}/new")
async def new_program_page(request: PageRequest) -> Response[bytes]:
    """Ask what a new key is for."""
    asked = Asked.of(request)
    return await _new_page(asked, Form())


@post(f"{ROOM}/new", status_code=200)
async def create_program(request: PageRequest) -> Response[bytes]:
    """Make the key and show its secret, this once."""
    asked = Asked.of(request)
    form = await Form.of(request)
    client_id, client_secret = secrets.token_hex(12), secrets.token_urlsafe(32)
    try:
        new = NewApiKey(name=checked_name(form["name"]), scopes=scopes_of(form), team_ids=form.numbers("teams"))
        made = await create_api_key(
            asked.database,
            new,
            client_id=client_id,
            client_secret=client_secret,
            pepper=request.app.state.settings.pepper,
            asked_by=asked.session.viewer,
            now=asked.session.now,
        )
    except Invalid as refusal:
        return await _new_page(asked, form.refused(refusal))
    async with asked.database.read() as connection:
        program = await program_of(connection, asked.session.viewer, made)
        base = f"{request.url.scheme}://{request.url.netloc}/api/v1"
        return await asked.page(
            "program_made.jinja", connection, here="api", program=program, secret=client_secret, base=base
        )


@get(f"{ROOM}/{{key_id:int}}/edit")
async def edit_program_page(request: PageRequest, key_id: FromPath[int]) -> Response[bytes]:
    """Show the form with what a key may do now."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        saved = await editable_of(connection, asked.session.viewer, key_id)
    texts = {"name": saved["name"], **form_of_scopes(saved["scopes"])}
    return await _new_page(asked, Form(texts, {"teams": [str(each) for each in saved["team_ids"]]}), key_id)


@post(f"{ROOM}/{{key_id:int}}/edit", status_code=200)
async def change_program(request: PageRequest, key_id: FromPath[int]) -> Response[bytes]:
    """Save what a key may do; it counts at once, for tokens that are out as well."""
    asked, form = Asked.of(request), await Form.of(request)
    async with asked.database.read() as connection:
        saved = await editable_of(connection, asked.session.viewer, key_id)
    try:
        # What the form has no field for stays as it is.
        changed = NewApiKey(
            name=checked_name(form["name"]),
            scopes=scopes_of(form),
            team_ids=form.numbers("teams"),
            operator_ids=saved["operator_ids"],
            rate_limit=saved["rate_limit"],
            rate_limit_interval_seconds=saved["rate_limit_interval_seconds"],
        )
        await edit_api_key(asked.database, key_id, changed, asked_by=asked.session.viewer, now=asked.session.now)
    except Invalid as refusal:
        return await _new_page(asked, form.refused(refusal), key_id)
    return go(f"{ROOM}/{key_id}", request)


async def _new_page(asked: Asked, form: Form, key_id: int | None = None) -> Response[bytes]:
    async with asked.database.read() as connection:
        places = await list_places(connection, asked.session.viewer)
        return await asked.page(
            "program_new.jinja",
            connection,
            here="api",
            status=400 if form.problems else 200,
            form=form,
            key_id=key_id,
            chosen_teams=form.numbers("teams"),
            teams=places.teams,
            presets=PRESETS,
            rights=RIGHTS,
            levels=LEVELS,
        )
