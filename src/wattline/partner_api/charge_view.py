"""A charge, as answers show it."""

from wattline.partner_api.call import Call
from wattline.queries.partner_charges import charge_by_id
from wattline.wire.partner.charges import Charge
from wattline.wire.partner.entities import charges_of


async def shown(call: Call, charge_id: int) -> Charge:
    """Show a charge of the caller's. Raises Unknown."""
    async with call.database.read() as connection:
        row = await charge_by_id(connection, charge_id, viewer=call.viewer)
        (charge,) = await charges_of(connection, [row], viewer=call.viewer)
    return charge
