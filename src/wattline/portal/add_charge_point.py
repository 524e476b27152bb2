"""Adding a charge point, step by step: place, model and identity, set it up, verify, access, active.

Everything is saved as it is told; whoever leaves comes back to where they were.
"""

import io
import secrets
from collections.abc import Mapping

import segno
from litestar import Response, get, post
from markupsafe import Markup

from wattline.domain.refusals import Invalid, Refusal
from wattline.operations import charge_points, integrations, sites
from wattline.operations.charge_points import NewConnector
from wattline.operations.secrets import BOX_PASSWORD_BYTES, box_password
from wattline.portal.add_steps import begin, bound, ocpp_address, page
from wattline.portal.addresses import number
from wattline.portal.frame import Asked
from wattline.queries import portal_onboarding as question
from wattline.queries.portal_onboarding import Newcomer
from wattline.queries.portal_places import list_places
from wattline.web.pages import PageRequest, go

SOCKETS_MAX = 8


@get("/charge-points/add")
async def place_page(request: PageRequest) -> Response[bytes]:
    """Step 1: where, and whose."""
    return await _place(Asked.of(request), {}, "")


async def _place(asked: Asked, form: Mapping[str, str], problem: str, status: int = 200) -> Response[bytes]:
    async with asked.database.read() as connection:
        places = await list_places(connection, asked.session.viewer)
        values = {"newcomer": None, "step": "place", "places": places, "form": form, "problem": problem}
        return await page(asked, connection, "add_place.jinja", values, status)


@post("/charge-points/add", status_code=200)
async def place(request: PageRequest) -> Response[bytes]:
    """Save the place: from here on the charge point exists, without hardware and for testing only."""
    asked, form = await begin(request)
    viewer, now = asked.session.viewer, asked.session.now
    try:
        name = form.get("name", "").strip()[:100]
        if not name:
            raise Invalid("Name", "is empty. Drivers will look for it.")
        team_id = number(form.get("team")) or 0
        site_id = number(form.get("site"))
        if new_site := form.get("new_site", "").strip()[:100]:
            site_id = await sites.create_site(
                asked.database, sites.NewSite(team_id=team_id, name=new_site), asked_by=viewer, now=now
            )
        new = NewConnector(team_id=team_id, name=name, site_id=site_id, active=False)
        connector_id = await charge_points.create_connector(asked.database, new, asked_by=viewer, now=now)
    except Refusal as refusal:
        return await _place(asked, form, str(refusal), 400)
    return go(f"/charge-points/add/{connector_id}/model", request)


@get("/charge-points/add/{connector_id:int}")
async def resume(request: PageRequest, connector_id: int) -> Response[bytes]:
    """Come back to the step where it stands."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        found = await question.newcomer(connection, asked.session.viewer, connector_id)
    step = "model" if found.box_id is None else "verify" if found.booted_at is None else "access"
    return go(f"/charge-points/add/{connector_id}/{step}", request)


@get("/charge-points/add/{connector_id:int}/model")
async def model_page(request: PageRequest, connector_id: int) -> Response[bytes]:
    """Step 2: what it is, and the name it calls with."""
    return await _model(Asked.of(request), connector_id, {}, "")


async def _model(
    asked: Asked, connector_id: int, form: Mapping[str, str], problem: str, status: int = 200
) -> Response[bytes]:
    async with asked.database.read() as connection:
        found = await question.newcomer(connection, asked.session.viewer, connector_id)
        values = {
            "newcomer": found,
            "step": "model",
            "models": await question.list_models(connection),
            "form": form,
            "problem": problem,
            "sockets_max": SOCKETS_MAX,
        }
        return await page(asked, connection, "add_model.jinja", values, status)


@post("/charge-points/add/{connector_id:int}/model", status_code=200)
async def model(request: PageRequest, connector_id: int) -> Response[bytes]:
    """Save model and identity, bind all sockets to the box, and show the password we made: this once."""
    asked, form = await begin(request)
    async with asked.database.read() as connection:
        found = await question.newcomer(connection, asked.session.viewer, connector_id)
    password = box_password(secrets.token_bytes(BOX_PASSWORD_BYTES))
    try:
        new_box = await _bind(asked, found, form, password)
    except Refusal as refusal:
        return await _model(asked, connector_id, form, _serial_words(refusal), 400)
    return await _setup(asked, connector_id, password if new_box else "")


async def _bind(asked: Asked, found: Newcomer, form: Mapping[str, str], password: str) -> bool:
    viewer, now = asked.session.viewer, asked.session.now
    identity = form.get("identity", "").strip()
    if not identity:
        raise Invalid("No serial", "enter the identity the charge point calls with, often its serial number.")
    model_id = number(form.get("model"))
    sockets = min(max(number(form.get("sockets")) or 1, 1), SOCKETS_MAX)
    if model_id is not None:
        changes = {"model_id": model_id, "connector_types": None}
        await charge_points.patch_connector(asked.database, found.id, changes, asked_by=viewer, now=now)
    bound = await _integrate(asked, found.id, identity, 1, model_id, password)
    if sockets > 1 and found.box_id is None:
        await charge_points.patch_connector(
            asked.database, found.id, {"name": f"{found.name} · 1"}, asked_by=viewer, now=now
        )
        async with asked.database.read() as connection:
            site_id = await connection.fetchval("select site_id from connector where id = $1", found.id)
        for socket in range(2, sockets + 1):
            new = NewConnector(
                team_id=found.team_id, name=f"{found.name} · {socket}", site_id=site_id, model_id=model_id, active=False
            )
            other = await charge_points.create_connector(asked.database, new, asked_by=viewer, now=now)
            await _integrate(asked, other, identity, socket, model_id, password)
    return bound.new_box


async def _integrate(
    asked: Asked, connector_id: int, identity: str, socket: int, model_id: int | None, password: str
) -> integrations.Integrated:
    return await integrations.integrate_connector(
        asked.database, connector_id, identity=identity, number=socket, model_id=model_id, password=password,
        pepper=asked.request.app.state.settings.pepper, asked_by=asked.session.viewer, now=asked.session.now,
    )  # fmt: skip


def _serial_words(refusal: Refusal) -> str:
    # "Serial is in use by" names a team of the same operator only; the verb sees to that.
    return str(refusal).replace("serialNumber: ", "").replace("This serial number is in use", "Serial is in use")


@get("/charge-points/add/{connector_id:int}/setup")
async def setup_page(request: PageRequest, connector_id: int) -> Response[bytes]:
    """Step 3: what belongs into the charge point. The password is not shown again."""
    return await _setup(Asked.of(request), connector_id, "")


@post("/charge-points/add/{connector_id:int}/password", status_code=200)
async def password(request: PageRequest, connector_id: int) -> Response[bytes]:
    """Make a new password, in place of one that was lost."""
    asked, _ = await begin(request)
    found = await bound(asked, connector_id)
    fresh = box_password(secrets.token_bytes(BOX_PASSWORD_BYTES))
    assert found.box_id is not None
    await integrations.renew_box_password(
        asked.database, found.box_id, password=fresh, pepper=asked.request.app.state.settings.pepper,
        asked_by=asked.session.viewer, now=asked.session.now,
    )  # fmt: skip
    return await _setup(asked, connector_id, fresh)


async def _setup(asked: Asked, connector_id: int, fresh: str) -> Response[bytes]:
    found = await bound(asked, connector_id)
    address = ocpp_address(asked.request)
    note = f"{address}/{found.identity}\nIdentity: {found.identity}\nPassword: {fresh}"
    async with asked.database.read() as connection:
        values = {
            "newcomer": found,
            "step": "setup",
            "address": address,
            "password": fresh,
            "qr": qr_code(note) if fresh else "",
        }
        return await page(asked, connection, "add_setup.jinja", values)


def qr_code(text: str) -> Markup:
    """Draw a QR code as an inline SVG."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=False, scale=4, border=2, svgclass="qr", lineclass=None, omitsize=True
    )
    return Markup(out.getvalue().decode())  # noqa: S704  segno writes paths, never the text itself
