"""The whole of the Partner API: every route, and what the web app mounts."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from wattline.partner_api.audit_log import audit_log
from wattline.partner_api.auth import auth
from wattline.partner_api.catalogue import catalogue
from wattline.partner_api.charge_auth_tokens import charge_auth_tokens
from wattline.partner_api.charge_breakdown import charge_breakdown
from wattline.partner_api.charge_consumption import charge_consumption
from wattline.partner_api.charge_control import charge_control
from wattline.partner_api.charge_point_switches import charge_point_switches
from wattline.partner_api.charge_points import charge_points
from wattline.partner_api.charges import charges
from wattline.partner_api.charging_profiles import charging_profiles
from wattline.partner_api.countries import countries
from wattline.partner_api.deeplinks import deeplinks
from wattline.partner_api.hardware import hardware
from wattline.partner_api.integrations import integrations
from wattline.partner_api.logs import logs
from wattline.partner_api.nested_teams import nested_teams
from wattline.partner_api.ocpp_calls import ocpp_calls
from wattline.partner_api.ocpp_config import ocpp_config
from wattline.partner_api.payment_terminals import payment_terminals
from wattline.partner_api.price_forecast import price_forecast
from wattline.partner_api.price_group_tags import price_group_tags
from wattline.partner_api.price_groups import price_groups
from wattline.partner_api.receipts import receipts
from wattline.partner_api.reference_page import reference_handlers
from wattline.partner_api.reports import reports
from wattline.partner_api.routing import Route
from wattline.partner_api.serving import Door
from wattline.partner_api.sites import sites
from wattline.partner_api.statistics import statistics
from wattline.partner_api.tariff_periods import tariff_periods
from wattline.partner_api.tariffs import tariffs
from wattline.partner_api.team_member_profiles import team_member_profiles
from wattline.partner_api.team_members import team_members
from wattline.partner_api.teams import teams
from wattline.partner_api.users import operators, users
from wattline.partner_api.wallet_transactions import wallet_transactions
from wattline.partner_api.wallets import wallets
from wattline.partner_api.webhook_entries import webhook_entries
from wattline.partner_api.webhook_signature import webhook_signature
from wattline.partner_api.webhooks import webhooks

# In the order of the reference page; groups of one name stand together there.
GROUPS = (
    auth, charges, charge_control, charge_consumption, charge_breakdown, charge_points, charge_point_switches, logs,
    hardware, ocpp_config, charging_profiles, ocpp_calls, integrations, charge_auth_tokens, sites, statistics, reports,
    teams, team_members, team_member_profiles, nested_teams, users, operators, price_groups,
    price_group_tags, price_forecast, tariffs, tariff_periods, wallets, wallet_transactions, receipts,
    payment_terminals, webhooks, webhook_entries, webhook_signature, audit_log, deeplinks, catalogue, countries,
)  # fmt: skip

ROUTES: Sequence[Route] = tuple(route for group in GROUPS for route in group.routes)


def partner_api_handlers() -> list[HTTPRouteHandler]:
    """Make the handlers for the web app, whose state must have database, bus, settings, clock and chance.

    For what goes wrong outside of them under /api/, the app uses `errors.answer_exception`.
    """
    return [*Door().handlers(ROUTES), *reference_handlers(ROUTES)]
