"""One request that makes sense for each operation, so that tables over all routes can be tested."""

import re
from collections.abc import Mapping
from typing import Any

from tests.doors.partner_api.money_samples import make_money, money_bodies
from tests.doors.partner_api.people_samples import make_people, people_bodies
from tests.doors.partner_api.price_samples import make_prices, price_bodies
from tests.doors.partner_api.story import DENMARK, EMULATOR_AC, Stage, Tenant
from wattline.operations.driver_reports import NewReport, add_report
from wattline.operations.payment_terminals import NewTerminal, add_terminal
from wattline.partner_api.app import ROUTES
from wattline.partner_api.routing import Route

ADDRESS = {"address1": "Kajen 3", "city": "Aarhus", "zipCode": "8000", "countryId": DENMARK}


class Samples:
    """Requests about a tenant's things."""

    def __init__(
        self,
        tenant: Tenant,
        *,
        charge_id: int,
        integration_id: int,
        entry_id: int,
        terminal_id: str,
        prices: Mapping[str, int],
        money: Mapping[str, int],
        people: Mapping[str, int],
    ) -> None:
        self.tenant = tenant
        self._prices, self._money, self._people = prices, money, people
        self._ids = {
            "chargeId": charge_id, "chargePointId": tenant.charge_point_id, "chargePointIdentity": tenant.box.identity,
            "chargePointIntegrationId": integration_id, "chargeAuthTokenId": tenant.charge_key_id,
            "siteId": tenant.site_id, "entryId": entry_id, "chargePointBrandId": 1, "chargePointModelId": 1,
            "connectorId": 1, "currencyId": 1, "tariffId": prices["/tariffs"], "paymentTerminalId": terminal_id,
            "userId": people["user"], "relationId": people["/nested-teams"],
            "deeplinkId": people["deeplink"], "eventId": people["event"], **money,
        }  # fmt: skip

    def path(self, route: Route) -> str:
        """Fill in the ids of a path."""
        plain_id = dict(self._prices) | dict(self._people) | {
            "/teams": self.tenant.team_id, "/countries": DENMARK, "/country-areas": 1,
            "/operators": self.tenant.viewer.operator_id,
        }  # fmt: skip
        ids = self._ids | {"id": plain_id.get(route.path.partition("/{")[0], 0)}
        return re.sub(r"{(\w+)}", lambda match: str(ids[match[1]]), route.path)

    def query(self, route: Route) -> Mapping[str, Any]:
        """Return the filters an operation cannot be without."""
        queries: dict[str, Mapping[str, Any]] = {
            "getCountriesAreas": {"countryId": DENMARK},
            "get-charge-point-integrations": {"chargePointId": self.tenant.charge_point_id},
            "get-signature-detail": {"webhookSecret": "0123456789abcdef"},
            "getPriceGroups": {"teamId": self.tenant.team_id},
            "get-wallets": {"teamId": self.tenant.team_id},
            "get-wallet-transactions": {"teamId": self.tenant.team_id},
            "get-prices-forecast": {"priceGroupId": self._prices["/price-groups"]},
            "get-period-groups": {"tariffId": self._prices["/tariffs"]},
            "get-tariff-recurring-periods": {
                "tariffId": self._prices["/tariffs"],
                "tariffPeriodGroupId": self._prices["/tariff-period-groups"],
            },
        }
        days = {"fromDate": "2026-11-01", "toDate": "2026-11-20"}
        statistics: Mapping[str, Mapping[str, Any]] = {
            "get-charge-point-statistics": {"chargePointId": self.tenant.charge_point_id, **days},
            "get-site-statistics": {"siteId": self.tenant.site_id, **days},
        }
        return (queries | dict(statistics)).get(route.operation_id, {})

    def body(self, route: Route) -> Any:
        """Return a body that is complete and right."""
        bodies = _bodies(self.tenant) | price_bodies(self.tenant, self._prices) | money_bodies(self._money)
        bodies |= people_bodies(self.tenant, self._people)
        return bodies.get(route.operation_id)


async def samples_of(stage: Stage, tenant: Tenant) -> Samples:
    """Make the things that samples are about: a running charge, an integration, a webhook entry."""
    await stage.in_contact(tenant)
    charge = await stage.charge(tenant)
    async with stage.database.read() as connection:
        integration_id = await connection.fetchval(
            "select id from integration where connector_id = $1", tenant.charge_point_id
        )
    terminal = NewTerminal(team_id=tenant.team_id, type="payter", serial=tenant.box.identity, name="Yard")
    return Samples(
        tenant,
        charge_id=charge.id,
        integration_id=integration_id,
        entry_id=1,
        terminal_id=await add_terminal(stage.database, terminal, asked_by=tenant.viewer, now=stage.clock()),
        prices=await make_prices(stage, tenant),
        money={**await make_money(stage, tenant), "reportId": await make_report(stage, tenant)},
        people=await make_people(stage, tenant),
    )


async def make_report(stage: Stage, tenant: Tenant) -> int:
    """Let a driver report that the cable is stuck."""
    new = NewReport(connector_id=tenant.charge_point_id, reason_id=2, body="The cable is stuck")
    return await add_report(stage.database, new, asked_by=tenant.viewer, now=stage.clock())


def route_of(operation_id: str) -> Route:
    """Find a route by its name."""
    (route,) = (route for route in ROUTES if route.operation_id == operation_id)
    return route


def _bodies(tenant: Tenant) -> dict[str, Any]:
    team_id, site_id, charge_point_id = tenant.team_id, tenant.site_id, tenant.charge_point_id
    webhook = {
        "webhookUrl": "https://partner.example/hooks", "webhookSecret": "0123456789abcdef", "eventTypes": ["charges"]
    }  # fmt: skip
    return {
        "get-access-token-with-client-credentials": {"clientId": "x", "clientSecret": "y"},
        "get-access-token-with-refresh-token": {"refreshToken": "x"},
        "start-charge": {"payingTeamId": team_id, "chargePointId": tenant.box.connector_ids[1]},
        "patch-charge": {"partnerExternalId": "order-1"},
        "post-charge-point": {
            "teamId": team_id, "siteId": site_id, "chargePointModelId": EMULATOR_AC, "name": "Garage", "maxKw": 11,
            "visibility": "private", "type": "ac",
        },
        "patch-charge-point": {"name": "Garage, left"},
        "post-ocpp-call": {"action": "Heartbeat"},
        "create-ocpp-config": {"key": "HeartbeatInterval", "value": "60", "store": True},
        "set-charging-profile": {"profile": []},
        "clear-charging-profile": {},
        "post-or-put-charge-point-integration": {
            "chargePointId": charge_point_id, "chargePointModelId": EMULATOR_AC, "serialNumber": tenant.box.identity
        },
        "create-charge-auth-token": {"teamId": team_id, "identifier": "04A2B3C4D5E6F7", "type": "rfid"},
        "patch-charge-auth-token": {"name": "Van 3"},
        "post-site": {"teamId": team_id, "name": "Harbour", "address": ADDRESS, "visibility": "public"},
        "patch-site": {"name": "Harbour, south"},
        "post-team": {
            "name": "Housing association", "contactEmail": "post@example.com", "type": "professional",
            "address": ADDRESS,
        },
        "patch-team": {"name": "Housing association 2"},
        "freeze-team": {"reason": "unpaid"},
        "apply-payment-terminal-to-charge-points": {"charge_point_ids": [charge_point_id]},
        "update-webhook-config": webhook,
        "get-signature-detail": {"foo": "bar"},
    }  # fmt: skip
