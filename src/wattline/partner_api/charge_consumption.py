"""The energy of a charge over time."""

from datetime import timedelta
from typing import Literal

from wattline.domain.consumption import per_period
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries.partner_charges import (
    charge_by_id,
)
from wattline.wire.partner.charges import kwh_per_time
from wattline.wire.partner.consumption import ChargeKwhConsumption
from wattline.wire.partner.entities import energy_curves
from wattline.wire.partner.shapes import Shape

charge_consumption = Group("Charges")


class ConsumptionQuery(Shape):
    """The length of the periods, in seconds."""

    consumption_period_size_in_seconds: Literal[3600, 1800, 900, 600, 300] = 3600


@charge_consumption.route("GET", "/charges/{chargeId}/kwh-consumption", "get-charge-kwh-consumption", "charges:read")
async def get_kwh_consumption(call: Call, charge_id: int, query: ConsumptionQuery) -> ChargeKwhConsumption:
    """Tell how much energy a charge took in each period of the clock."""
    size = query.consumption_period_size_in_seconds
    async with call.database.read() as connection:
        row = await charge_by_id(connection, charge_id, viewer=call.viewer)
        curves = await energy_curves(connection, [row])
    periods = per_period(curves[charge_id], period=timedelta(seconds=size)) if charge_id in curves else []
    return ChargeKwhConsumption(
        charge_id=charge_id, consumption_period_size_in_seconds=size, kwh_consumption=kwh_per_time(periods)
    )
