"""The parts of tariffs: groups of dates, and in each the periods of a week."""

from http import HTTPStatus

from msgspec import UNSET

from wattline.domain.refusals import Invalid
from wattline.operations import tariff_periods as verbs
from wattline.partner_api.bodies import given
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


@tariff_periods.route("GET", "/tariff-period-groups/{id}", "get-period-group", "tariff:read")
async def get_group(call: Call, id: int) -> TariffPeriodGroup:
    """Show one period group."""
    return await _group(call, id)


@tariff_periods.route("PATCH", "/tariff-period-groups/{id}", "update-tariff-period-group", "tariffs:write")
async def patch_group(call: Call, id: int, body: PatchTariffPeriodGroup) -> TariffPeriodGroup:
    """Change a period group. What is not sent, or null, stays as it is."""
    await verbs.patch_period_group(call.database, id, given(body), asked_by=call.viewer, now=call.now)
    return await _group(call, id)


@tariff_periods.route(
    "DELETE", "/tariff-period-groups/{id}", "delete-tariff-period-group", "tariffs:delete",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def delete_group(call: Call, id: int) -> None:
    """Take a period group away with its periods."""
    await verbs.delete_period_group(call.database, id, asked_by=call.viewer, now=call.now)


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


@tariff_periods.route("GET", "/tariff-recurring-periods/{id}", "get-tariff-recurring-period", "tariffs:read")
async def get_period(call: Call, id: int) -> TariffRecurringPeriod:
    """Show one recurring period."""
    return await _period(call, id)


@tariff_periods.route("PATCH", "/tariff-recurring-periods/{id}", "update-tariff-recurring-periods", "tariffs:write")
async def patch_period(call: Call, id: int, body: TariffRecurringPeriodUpdateRequestDto) -> TariffRecurringPeriod:
    """Change a recurring period. What is not sent, or null, stays as it is."""
    await verbs.patch_period(call.database, id, given(body), asked_by=call.viewer, now=call.now)
    return await _period(call, id)


@tariff_periods.route(
    "DELETE", "/tariff-recurring-periods/{id}", "delete-tariff-recurring-period", "tariffs:delete",
    success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def delete_period(call: Call, id: int) -> None:
    """Take a recurring period away."""
    await verbs.delete_period(call.database, id, asked_by=call.viewer, now=call.now)


async def _group(call: Call, group_id: int) -> TariffPeriodGroup:
    async with call.database.read() as connection:
        return period_group_of(await period_group_by_id(connection, group_id, viewer=call.viewer))


async def _period(call: Call, period_id: int) -> TariffRecurringPeriod:
    async with call.database.read() as connection:
        return recurring_period_of(await period_by_id(connection, period_id, viewer=call.viewer))
