"""What a charge costs, piece by piece."""

from wattline.database.connection import Connection
from wattline.domain.price import PricedCharge
from wattline.operations import charge_payments, charge_store
from wattline.operations.charge_settlements import price_of
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries.charge_prices import settled_price
from wattline.queries.partner_charges import charge_by_id
from wattline.queries.partner_price_group_tags import tags_by_ids
from wattline.wire.partner.breakdowns import ChargeBreakdown, breakdown_of
from wattline.wire.partner.charges import currency_of
from wattline.wire.partner.price_groups import price_group_tag_of

charge_breakdown = Group("Charges")


@charge_breakdown.route("GET", "/charges/{chargeId}/breakdown", "get-charge-breakdown", "charges:read", beta=True)
async def get_breakdown(call: Call, charge_id: int) -> ChargeBreakdown:
    """Tell what a charge costs, hour by hour, with fees and adjustments, in minor units of the currency.

    While the charge runs it is what it costs so far. Charges without a price have no pieces.
    """
    async with call.database.read() as connection:
        row = await charge_by_id(connection, charge_id, viewer=call.viewer)
        priced = await settled_price(connection, charge_id) or await _so_far(connection, call, charge_id)
        tag_ids = {line.tag_id for line in priced.lines if line.tag_id} if priced else set()
        tags = await tags_by_ids(connection, list(tag_ids))
    shown = {tag["id"]: price_group_tag_of(tag) for tag in tags}
    return ChargeBreakdown(charge_id, breakdown_of(priced, currency_of(row), shown), None)


async def _so_far(connection: Connection, call: Call, charge_id: int) -> PricedCharge | None:
    payment = await charge_payments.find(connection, charge_id)
    charge = await charge_store.find(connection, charge_id)
    if payment is None or payment.terms is None or payment.state == "voided" or charge is None or not charge.begun:
        return None
    return await price_of(connection, charge, payment.terms, now=call.now)
