"""Prices of a tenant, and requests about them that make sense."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tests.doors.partner_api.story import DENMARK, Stage, Tenant
from wattline.domain.price_terms import GroupType, Pricing, PricingType
from wattline.domain.tariff import RecurringPeriod, Weekday
from wattline.operations import price_group_tags, price_groups, tariff_periods, tariffs

DANISH_KRONE = 35

KWH: dict[str, Any] = {"type": "kwh", "price": 2.95, "endAtFullyCharged": False, "vat": False}
WHOLE_WEEK = RecurringPeriod(Weekday.MONDAY, Weekday.SUNDAY, 0, 24, Decimal("1.50"))


async def make_prices(stage: Stage, tenant: Tenant) -> Mapping[str, int]:
    """Make one of everything; return ids by the path they are found at."""
    who: dict[str, Any] = {"asked_by": tenant.viewer, "now": stage.clock()}
    draft = price_groups.PriceGroupDraft(
        team_id=tenant.team_id, name="Harbour", type=GroupType.PUBLIC,
        master=Pricing(type=PricingType.KWH, price=Decimal("2.95")),
    )  # fmt: skip
    tariff = tariffs.TariffDraft(
        external_id="grid-1", name="Grid", description="By the hour", country_id=DENMARK,
        currency_id=await currency_id(stage, "DKK"), team_id=tenant.team_id, prices_with_vat=True,
        time_zone="Europe/Copenhagen", area="DK1",
    )  # fmt: skip
    tariff_id = await tariffs.create_tariff(stage.database, tariff, **who)
    group_id = await tariff_periods.create_period_group(
        stage.database, tariff_id, date(2026, 1, 1), date(2026, 12, 31), "2026", **who
    )
    return {
        "/price-groups": await price_groups.create_price_group(stage.database, draft, **who),
        "/price-group-tags": await price_group_tags.create_tag(
            stage.database, price_group_tags.NewTag(name="Grid"), **who
        ),
        "/tariffs": tariff_id,
        "/tariff-period-groups": group_id,
        "/tariff-recurring-periods": await tariff_periods.create_period(
            stage.database, tariff_id, group_id, WHOLE_WEEK, **who
        ),
    }


async def currency_id(stage: Stage, identifier: str) -> int:
    """Look up the id of a currency."""
    async with stage.database.read() as connection:
        found: int = await connection.fetchval("select id from currency where identifier = $1", identifier)
    return found


def price_bodies(tenant: Tenant, ids: Mapping[str, int]) -> dict[str, Any]:
    """Write a body for each operation about prices."""
    group = {"teamId": tenant.team_id, "name": "Harbour", "type": "public", "masterPrice": KWH}
    tariff = {
        "externalId": "grid-2", "name": "Grid 2", "description": "", "countryId": DENMARK, "currencyId": DANISH_KRONE,
        "teamId": tenant.team_id, "pricesWithVat": True, "zipCodes": [], "timeZone": "Europe/Copenhagen", "area": "DK1",
    }  # fmt: skip
    return {
        "post-price-group-tag": {"name": "Tax"},
        "patch-price-group-tag": {"name": "Electricity tax"},
        "create-price-group": group,
        "update-price-group": group | {"fees": [KWH | {"type": "starting", "price": 5}]},
        "apply-price-group": {"selectedChargePointIds": [tenant.charge_point_id]},
        "create-tariff": tariff,
        "update-tariff": tariff | {"active": True},
        "create-tariff-prices": {"start": "2026-11-20", "end": "2026-11-21"},
        "import-tariff-prices": {"prices": [{"start": "2026-11-20T23:00:00Z", "price": 1.25}]},
        "create-tariff-period-group": {
            "tariffId": ids["/tariffs"], "activeFrom": "2027-01-01", "activeTo": "2027-12-31", "description": "2027"
        },
        "update-tariff-period-group": {"description": "This year"},
        "create-tariff-recurring-periods": {
            "tariffId": ids["/tariffs"], "groupId": ids["/tariff-period-groups"], "dayOfWeek": "MONDAY",
            "startHour": 0, "endHour": 6, "price": 1.5,
        },
        "update-tariff-recurring-periods": {"price": 1.75},
    }  # fmt: skip
