"""The parts of tariffs: groups of dates, and in each the periods of a week."""

from http import HTTPStatus

from msgspec import UNSET

from wattline.domain.refusals import Invalid
from wattline.operations import tariff_periods as verbs
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.partner_api.tariff_bodies import (
    CreateTariffPeriodGroup,
    PatchTariffPeriodGroup,
    PeriodGroupQuery,
    PeriodQuery,
    TariffRecurringPeriodCreateRequestDto,
    TariffRecurringPeriodUpdateRequestDto,
)
from wattline.partner_api.tariff_parts import Part, offer_part
from wattline.queries.partner_tariffs import find_period_groups, find_periods, period_by_id, period_group_by_id
from wattline.wire.partner.tariffs import (
    RecurringPeriodPage,
    TariffPeriodGroup,
    TariffRecurringPeriod,
    period_group_of,
    recurring_page_of,
    recurring_period_of,
)

tariff_periods = Group("Tariffs")


@tariff_periods.route("GET", "/tariff-period-groups", "get-period-groups", "tariff:read")
async def get_groups(call: Call, query: PeriodGroupQuery) -> list[TariffPeriodGroup]:
    """List period groups of a tariff, or of all; this list has no pages."""
    async with call.database.read() as connection:
        rows = await find_period_groups(connection, query.tariff_id, viewer=call.viewer)
    return [period_group_of(row) for row in rows]


@tariff_periods.route(
    "POST", "/tariff-period-groups", "create-tariff-period-group", "tariffs:write", success=HTTPStatus.CREATED
)
async def create_group(call: Call, body: CreateTariffPeriodGroup) -> TariffPeriodGroup:
    """Add a period group: dates, both included, on which its periods count. Groups of a tariff share no date."""
    if body.tariff_id is UNSET:
        raise Invalid("tariffId", "is missing.")
    group_id = await verbs.create_period_group(
        call.database, body.tariff_id, body.active_from, body.active_to, body.description, asked_by=call.viewer,
        now=call.now,
    )  # fmt: skip
    return await _group(call, group_id)


@tariff_periods.route("GET", "/tariff-recurring-periods", "get-tariff-recurring-periods", "tariffs:read")
async def get_periods(call: Call, query: PeriodQuery) -> RecurringPeriodPage:
    """List the recurring periods of a period group."""
    async with call.database.read() as connection:
        rows, total = await find_periods(
            connection, query.tariff_id, query.tariff_period_group_id, query.window, viewer=call.viewer
        )
    return recurring_page_of(rows, page=query.page, per_page=query.per_page, total=total)


@tariff_periods.route(
    "POST", "/tariff-recurring-periods", "create-tariff-recurring-periods", "tariffs:write",
    success=HTTPStatus.CREATED,
)  # fmt: skip
async def create_period(call: Call, body: TariffRecurringPeriodCreateRequestDto) -> TariffRecurringPeriod:
    """Add a price for some hours of some weekdays, in the tariff's time zone. `endHour` 24 is midnight.

    Periods of one group share no hour. Create the tariff's prices afterwards: only then do they count.
    """
    period_id = await verbs.create_period(
        call.database, body.tariff_id, body.group_id, body.as_period(), asked_by=call.viewer, now=call.now
    )
    return await _period(call, period_id)


async def _group(call: Call, group_id: int) -> TariffPeriodGroup:
    async with call.database.read() as connection:
        return period_group_of(await period_group_by_id(connection, group_id, viewer=call.viewer))


async def _period(call: Call, period_id: int) -> TariffRecurringPeriod:
    async with call.database.read() as connection:
        return recurring_period_of(await period_by_id(connection, period_id, viewer=call.viewer))


offer_part(
    tariff_periods,
    Part(
        path="/tariff-period-groups/{id}", noun="a period group", shown=TariffPeriodGroup, show=_group,
        get_id="get-period-group", read_scope="tariff:read",
        patch_id="update-tariff-period-group", body=PatchTariffPeriodGroup, patch=verbs.patch_period_group,
        delete_id="delete-tariff-period-group", delete=verbs.delete_period_group, with_it=" with its periods",
    ),
)  # fmt: skip
offer_part(
    tariff_periods,
    Part(
        path="/tariff-recurring-periods/{id}", noun="a recurring period", shown=TariffRecurringPeriod, show=_period,
        get_id="get-tariff-recurring-period", read_scope="tariffs:read",
        patch_id="update-tariff-recurring-periods", body=TariffRecurringPeriodUpdateRequestDto,
        patch=verbs.patch_period, delete_id="delete-tariff-recurring-period", delete=verbs.delete_period,
    ),
)  # fmt: skip
