"""Alerts: who is told when a charge point has a problem, and whether stuck ones are restarted by themselves."""

from secrets import token_bytes
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.domain.refusals import Invalid
from wattline.operations import alert_groups as verbs
from wattline.operations.secrets import NONCE_BYTES, unseal
from wattline.operations.self_heals import set_self_heal
from wattline.portal.alert_form import form_of, group_of
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.simple_deeds import do_and_go
from wattline.queries import portal_alerts as question
from wattline.queries.portal_places import list_places
from wattline.web.pages import PageRequest, go

ROOM = "/alerts"
SECRET_BYTES = 24


@get(ROOM)
async def alerts_page(request: PageRequest) -> Response[bytes]:
    """List the groups, and show whether charge points are restarted by themselves."""
    asked = Asked.of(request)
    viewer = asked.session.viewer
    async with asked.database.read() as connection:
        return await asked.page(
            "alerts.jinja", connection, here="alerts", groups=await question.list_groups(connection, viewer),
            heals=await question.heals_itself(connection, viewer.operator_id), whole=viewer.team_ids is None,
        )  # fmt: skip


@post(f"{ROOM}/self-heal", status_code=200)
async def switch_self_heal(request: PageRequest) -> Response[bytes]:
    """Switch restarts on or off."""
    asked, form = Asked.of(request), await Form.of(request)
    viewer = asked.session.viewer
    verb = set_self_heal(
        asked.database, viewer.operator_id, wanted=form["wanted"] == "yes", asked_by=viewer, now=asked.session.now
    )
    return await do_and_go(asked, "Save", verb, to=ROOM, here="alerts")


@get(f"{ROOM}/new")
async def new_group_page(request: PageRequest) -> Response[bytes]:
    """Ask for a new group."""
    asked = Asked.of(request)
    texts = {
        "disconnected": "yes", "disconnected_minutes": "15", "faulted": "yes", "faulted_minutes": "5", "success": "yes",
        "success_below_percent": "80", "no_energy": "yes", "time_zone": str(asked.session.formats.zone),
    }  # fmt: skip
    return await _form_page(asked, Form(texts), None)


@post(f"{ROOM}/new", status_code=200)
async def make_alert_group(request: PageRequest) -> Response[bytes]:
    """Make the group."""
    asked, form = Asked.of(request), await Form.of(request)
    secret = verbs.Secret(
        text=token_bytes(SECRET_BYTES).hex(),
        nonce=token_bytes(NONCE_BYTES),
        pepper=request.app.state.settings.pepper,
    )
    try:
        new = group_of(form, team_id=form.number("team"))
        made = await verbs.make_group(
            asked.database, new, secret=secret, asked_by=asked.session.viewer, now=asked.session.now
        )
    except Invalid as refusal:
        return await _form_page(asked, form.refused(refusal), None)
    return go(f"{ROOM}/{made}", request)


@get(f"{ROOM}/{{group_id:int}}")
async def alert_group_page(request: PageRequest, group_id: FromPath[int]) -> Response[bytes]:
    """Show a group with its form."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        group = await question.group_page(connection, asked.session.viewer, group_id)
    return await _form_page(asked, form_of(group), group)


@post(f"{ROOM}/{{group_id:int}}", status_code=200)
async def change_alert_group(request: PageRequest, group_id: FromPath[int]) -> Response[bytes]:
    """Save the form."""
    asked, form = Asked.of(request), await Form.of(request)
    async with asked.database.read() as connection:
        group = await question.group_page(connection, asked.session.viewer, group_id)
    try:
        new = group_of(form, team_id=group["team_id"])
        await verbs.change_group(asked.database, group_id, new, asked_by=asked.session.viewer, now=asked.session.now)
    except Invalid as refusal:
        return await _form_page(asked, form.refused(refusal), group)
    return go(ROOM, request)


@post(f"{ROOM}/{{group_id:int}}/delete", status_code=200)
async def delete_alert_group(request: PageRequest, group_id: FromPath[int]) -> Response[bytes]:
    """Take the group away."""
    asked = Asked.of(request)
    verb = verbs.delete_group(asked.database, group_id, asked_by=asked.session.viewer, now=asked.session.now)
    return await do_and_go(asked, "Delete", verb, to=ROOM, here="alerts")


async def _form_page(asked: Asked, form: Form, group: Any) -> Response[bytes]:
    async with asked.database.read() as connection:
        places = await list_places(connection, asked.session.viewer)
        calls = await question.calls_of(connection, group["id"]) if group else []
        return await asked.page(
            "alert_group.jinja", connection, here="alerts", status=400 if form.problems else 200, form=form,
            group=group, sites=places.sites,
            teams=places.teams, whole=asked.session.viewer.team_ids is None, calls=calls,
            secret=_secret(asked, group),
        )  # fmt: skip


def _secret(asked: Asked, group: Any) -> str:
    if not group or not group["webhook_url"]:
        return ""
    return unseal(group["webhook_secret_sealed"], pepper=asked.request.app.state.settings.pepper)
