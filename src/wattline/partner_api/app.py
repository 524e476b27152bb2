"""The whole of the Partner API: every route, and what the web app mounts."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from wattline.partner_api.auth import auth
from wattline.partner_api.catalogue import catalogue
from wattline.partner_api.charge_auth_tokens import charge_auth_tokens
from wattline.partner_api.charge_points import charge_points
from wattline.partner_api.charges import charges
from wattline.partner_api.hardware import hardware
from wattline.partner_api.integrations import integrations
from wattline.partner_api.logs import logs
from wattline.partner_api.reference_page import reference_handlers
from wattline.partner_api.routing import Route
from wattline.partner_api.serving import Door
from wattline.partner_api.sites import sites
from wattline.partner_api.teams import teams
from wattline.partner_api.webhooks import webhooks

GROUPS = (
    auth, charges, charge_points, logs, hardware, integrations, charge_auth_tokens, sites, teams, webhooks, catalogue,
)  # fmt: skip

ROUTES: Sequence[Route] = tuple(route for group in GROUPS for route in group.routes)


def partner_api_handlers() -> list[HTTPRouteHandler]:
    """Make the handlers for the web app, whose state must have database, bus, settings, clock and chance.

    For what goes wrong outside of them under /api/, the app uses `errors.answer_exception`.
    """
    return [*Door().handlers(ROUTES), *reference_handlers(ROUTES)]
