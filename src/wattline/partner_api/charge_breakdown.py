"""What a charge costs, piece by piece."""

from collections.abc import Mapping, Sequence

from wattline.database.connection import Connection
from wattline.domain.price import PricedCharge
from wattline.operations import charge_payments, charge_store
from wattline.operations.charge_settlements import price_of
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries.charge_prices import settled_costs, settled_price
from wattline.queries.partner_charges import charge_by_id, owns_charge
from wattline.queries.partner_price_group_tags import tags_by_ids
from wattline.wire.partner.breakdowns import ChargeBreakdown, breakdown_of
from wattline.wire.partner.charges import currency_of
from wattline.wire.partner.price_groups import PriceGroupTag, price_group_tag_of

charge_breakdown = Group("Charges")


@charge_breakdown.route("GET", "/charges/{chargeId}/breakdown", "get-charge-breakdown", "charges:read", beta=True)
async def get_breakdown(call: Call, charge_id: int) -> ChargeBreakdown:
    """Tell what a charge costs, hour by hour, with fees and adjustments, in minor units of the currency.

    While the charge runs it is what it costs so far. Charges without a price have no pieces. What the energy cost is
    told to the owner of the charge point, once the charge is completed and a cost price group says so.
    """
    async with call.database.read() as connection:
        row = await charge_by_id(connection, charge_id, viewer=call.viewer)
        priced = await settled_price(connection, charge_id) or await _so_far(connection, call, charge_id)
        costs = await settled_costs(connection, [charge_id] if owns_charge(call.viewer, row) else [])
        shown = await _tags(connection, [each for each in (priced, *costs.values()) if each])
    currency = currency_of(row)
    cost = breakdown_of(costs[charge_id], currency, shown) if costs else None
    return ChargeBreakdown(charge_id, breakdown_of(priced, currency, shown), cost)


async def _tags(connection: Connection, priced: Sequence[PricedCharge]) -> Mapping[int, PriceGroupTag]:
    tag_ids = {line.tag_id for each in priced for line in each.lines if line.tag_id}
    return {tag["id"]: price_group_tag_of(tag) for tag in await tags_by_ids(connection, list(tag_ids))}


async def _so_far(connection: Connection, call: Call, charge_id: int) -> PricedCharge | None:
    payment = await charge_payments.find(connection, charge_id)
    charge = await charge_store.find(connection, charge_id)
    if payment is None or payment.terms is None or payment.state == "voided" or charge is None or not charge.begun:
        return None
    return await price_of(connection, charge, payment.terms, now=call.now)
