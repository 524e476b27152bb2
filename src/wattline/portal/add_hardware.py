"""Add a charge point, second and third step: what stands there, and what has to be entered in it."""

import secrets

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.domain.refusals import AlreadyTaken, Invalid, NotReady
from wattline.operations.boxes import renew_box_password
from wattline.operations.onboarding_hardware import CONNECTORS_MAX, Hardware, set_hardware
from wattline.operations.secrets import BOX_PASSWORD_BYTES, box_password
from wattline.portal.add_charge_point import load, step_page
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.installer_code import installer_code
from wattline.portal.setup_steps import ADD, is_only_here, ocpp_address
from wattline.queries.portal_setup import Holder, Models, Setup, find_models, holder_of
from wattline.web.pages import PageRequest, go

MODELS_SHOWN = 8


@get(f"{ADD}/{{connector_id:int}}/model")
async def model_page(request: PageRequest, connector_id: FromPath[int]) -> Response[bytes]:
    """Show what stands there, or ask."""
    asked = Asked.of(request)
    setup = await load(asked, connector_id)
    identity = setup.hardware.identity if setup.hardware else ""
    known = {"identity": identity, "model": str(setup.model_id or ""), "connectors": str(len(setup.sockets))}
    return await _model_page(asked, setup, Form(known))


@get(f"{ADD}/models")
async def models_part(request: PageRequest) -> Response[bytes]:
    """Search the catalogue while somebody types."""
    asked = Asked.of(request)
    form = Form({name: str(value)[:100] for name, value in request.query_params.items()})
    models = await _models(asked, form)
    return asked.fragment("part_models.jinja", models=models, form=form)


@post(f"{ADD}/{{connector_id:int}}/model", status_code=200)
async def choose_model(request: PageRequest, connector_id: FromPath[int]) -> Response[bytes]:
    """Save it. The first time a password is made, which this answer shows and nothing ever shows again."""
    asked = Asked.of(request)
    setup = await load(asked, connector_id)
    form = await Form.of(request)
    password = new_password()
    try:
        made = await set_hardware(
            asked.database,
            connector_id,
            _hardware(form),
            password=password,
            pepper=request.app.state.settings.pepper,
            asked_by=asked.session.viewer,
            now=asked.session.now,
        )
    except Invalid as refusal:
        return await _model_page(asked, setup, form.refused(refusal))
    except AlreadyTaken:
        return await _taken(asked, setup, form)
    except NotReady as refusal:
        return await _model_page(asked, setup, form.wrong("identity", str(refusal)))
    if not made.new:
        return go(f"{ADD}/{connector_id}/set-up", request)
    return await _set_up_page(asked, await load(asked, connector_id), password)


def _hardware(form: Form) -> Hardware:
    model_id, connectors = form.number("model"), form.number("connectors")
    if not form["identity"]:
        raise Invalid("identity", "No serial. It is on a sticker, or in the charge point's own app.")
    if model_id is None:
        raise Invalid("model", "Choose one. “Any OCPP 1.6 charge point” fits what is not in the list.")
    if connectors is None:
        raise Invalid("connectors", f"must be 1 to {CONNECTORS_MAX}.")
    return Hardware(identity=form["identity"], model_id=model_id, connectors=connectors)


async def _taken(asked: Asked, setup: Setup, form: Form) -> Response[bytes]:
    async with asked.database.read() as connection:
        holder = await holder_of(connection, asked.session.viewer, form["identity"])
    known = holder is not None and holder.team is not None
    words = f"Serial is in use by: {holder.team}." if holder and known else "Serial is already in use."
    return await _model_page(asked, setup, form.wrong("identity", words), holder)


async def _model_page(asked: Asked, setup: Setup, form: Form, holder: Holder | None = None) -> Response[bytes]:
    models = await _models(asked, form)
    async with asked.database.read() as connection:
        return await step_page(
            asked,
            connection,
            "add_model.jinja",
            setup,
            "model",
            status=400 if form.problems else 200,
            form=form,
            models=models,
            holder=holder,
            connectors_max=CONNECTORS_MAX,
        )


async def _models(asked: Asked, form: Form) -> Models:
    async with asked.database.read() as connection:
        return await find_models(connection, form["q"], chosen=form.number("model"), limit=MODELS_SHOWN)


@get(f"{ADD}/{{connector_id:int}}/set-up")
async def set_up_page(request: PageRequest, connector_id: FromPath[int]) -> Response[bytes]:
    """Show what has to be entered; the password only right after it was made."""
    asked = Asked.of(request)
    setup = await load(asked, connector_id)
    if setup.hardware is None:
        return go(f"{ADD}/{connector_id}/model", request)
    return await _set_up_page(asked, setup, "")


@post(f"{ADD}/{{connector_id:int}}/password", status_code=200)
async def make_password(request: PageRequest, connector_id: FromPath[int]) -> Response[bytes]:
    """Make another password and show it, this once."""
    asked = Asked.of(request)
    setup = await load(asked, connector_id)
    if setup.hardware is None:
        return go(f"{ADD}/{connector_id}/model", request)
    password = new_password()
    await renew_box_password(
        asked.database,
        setup.hardware.id,
        password=password,
        pepper=request.app.state.settings.pepper,
        asked_by=asked.session.viewer,
        now=asked.session.now,
    )
    return await _set_up_page(asked, setup, password)


def new_password() -> str:
    """Make a box's password."""
    return box_password(secrets.token_bytes(BOX_PASSWORD_BYTES))


async def _set_up_page(asked: Asked, setup: Setup, password: str) -> Response[bytes]:
    assert setup.hardware is not None
    address, identity = ocpp_address(asked.request), setup.hardware.identity
    async with asked.database.read() as connection:
        return await step_page(
            asked,
            connection,
            "add_set_up.jinja",
            setup,
            "set-up",
            address=address,
            only_here=is_only_here(address),
            password=password,
            code=installer_code(address=address, identity=identity, password=password) if password else "",
        )
