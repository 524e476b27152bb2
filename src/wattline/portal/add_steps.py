"""What all steps of adding a charge point share: their order, their page, and the charge point in question."""

from collections.abc import Mapping
from typing import Any

from litestar import Response

from wattline.database.connection import Connection
from wattline.domain.access import Permission
from wattline.domain.refusals import Invalid
from wattline.portal.frame import Asked
from wattline.queries import portal_onboarding as question
from wattline.queries.portal_onboarding import Newcomer
from wattline.web.pages import PageRequest

STEPS = (
    ("place", "Place"),
    ("model", "Model and identity"),
    ("setup", "Set it up"),
    ("verify", "Verify the connection"),
    ("access", "Access"),
    ("active", "Make it active"),
)


async def page(
    asked: Asked, connection: Connection, template: str, values: Mapping[str, Any], status: int = 200
) -> Response[bytes]:
    """Render a step inside the wizard's frame."""
    keys = [key for key, _ in STEPS]
    at = keys.index(values["step"])
    return await asked.page(template, connection, here="charge-points", status=status, steps=STEPS, at=at, **values)


async def begin(request: PageRequest) -> tuple[Asked, dict[str, str]]:
    """Read a form of somebody who may add charge points."""
    asked = Asked.of(request)
    asked.session.viewer.must_hold("charge-points", permission=Permission.WRITE)
    form: Any = await request.form()
    return asked, {name: str(value) for name, value in form.items()}


async def bound(asked: Asked, connector_id: int) -> Newcomer:
    """Load a charge point that has its identity already."""
    async with asked.database.read() as connection:
        found = await question.newcomer(connection, asked.session.viewer, connector_id)
    if found.box_id is None:
        raise Invalid("No serial", "the charge point has no identity yet. Go back to “Model and identity”.")
    return found


def ocpp_address(request: PageRequest) -> str:
    """Tell where charge points call: the public address, else the host this page was asked from."""
    settings = request.app.state.settings.ocpp
    return settings.public_url or f"ws://{request.url.hostname or 'localhost'}:{settings.port}/ocpp"
