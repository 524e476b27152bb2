"""Tariffs: prices per kWh by the hour."""

from http import HTTPStatus

from wattline.domain.usage import HOUR
from wattline.operations import tariffs as verbs
from wattline.operations.tariff_imports import import_hours
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.partner_api.tariff_bodies import (
    CreateTariffPricesRequest,
    CreateTariffRequest,
    HoursQuery,
    ImportTariffPricesRequest,
    TariffQuery,
    UpdateTariffRequest,
)
from wattline.queries.partner_tariffs import find_tariffs, tariff_by_id, tariff_hours
from wattline.wire.partner.tariffs import FullTariff, TariffDto, full_tariff_of, tariff_of

tariffs = Group("Tariffs")


@tariffs.route("GET", "/tariffs", "get-all-tariffs", "tariffs:read")
async def get_tariffs(call: Call, query: TariffQuery) -> list[TariffDto]:
    """List tariffs; this list has no pages."""
    async with call.database.read() as connection:
        return [tariff_of(row) for row in await find_tariffs(connection, query.as_filter(), viewer=call.viewer)]


@tariffs.route("POST", "/tariffs", "create-tariff", "tariffs:write", success=HTTPStatus.CREATED)
async def create_tariff(call: Call, body: CreateTariffRequest) -> TariffDto:
    """Add a tariff. Give it period groups and recurring periods next, then create its prices."""
    tariff_id = await verbs.create_tariff(call.database, body.as_draft(), asked_by=call.viewer, now=call.now)
    return await _shown(call, tariff_id)


@tariffs.route("GET", "/tariffs/{tariffId}", "get-tariff", "tariffs:read")
async def get_tariff(call: Call, tariff_id: int, query: HoursQuery) -> FullTariff:
    """Show a tariff with the price of every hour that was created, from `start` until `end`."""
    return await _in_full(call, tariff_id, query)


@tariffs.route("PUT", "/tariffs/{tariffId}", "update-tariff", "tariffs:write")
async def update_tariff(call: Call, tariff_id: int, body: UpdateTariffRequest) -> TariffDto:
    """Change what a tariff says of itself. Its prices change when they are created again."""
    await verbs.update_tariff(call.database, tariff_id, body.as_changes(), asked_by=call.viewer, now=call.now)
    return await _shown(call, tariff_id)


@tariffs.route(
    "POST", "/tariffs/{tariffId}/create-prices", "create-tariff-prices", "tariffs:write", success=HTTPStatus.CREATED
)
async def create_prices(call: Call, tariff_id: int, body: CreateTariffPricesRequest) -> FullTariff:
    """Make the periods count: create the price of every hour from the first day to the last, both included.

    An hour without a price is refused: it would not be free. New charges take the new prices; running ones keep theirs.
    """
    await verbs.create_prices(call.database, tariff_id, body.start, body.end, asked_by=call.viewer, now=call.now)
    return await _in_full(call, tariff_id, HoursQuery())


@tariffs.route("PUT", "/tariffs/{tariffId}/prices", "import-tariff-prices", "tariffs:write")
async def import_prices(call: Call, tariff_id: int, body: ImportTariffPricesRequest) -> FullTariff:
    """Publish hourly prices that come from outside, for a tariff of the type `DYNAMIC`. Not part of Monta's contract.

    Hours follow each other without a hole, and begin on the hour of the tariff's clocks. An hour that has begun keeps
    the price it has. The answer shows the hours that were sent.
    """
    steps = body.as_steps()
    await import_hours(call.database, tariff_id, steps, asked_by=call.viewer, now=call.now)
    return await _in_full(call, tariff_id, HoursQuery(start=steps[0].from_at, end=steps[-1].from_at + HOUR))


async def _shown(call: Call, tariff_id: int) -> TariffDto:
    async with call.database.read() as connection:
        return tariff_of(await tariff_by_id(connection, tariff_id, viewer=call.viewer))


async def _in_full(call: Call, tariff_id: int, query: HoursQuery) -> FullTariff:
    async with call.database.read() as connection:
        row = await tariff_by_id(connection, tariff_id, viewer=call.viewer)
        hours = await tariff_hours(connection, tariff_id, start=query.start, end=query.end)
    return full_tariff_of(row, hours)
