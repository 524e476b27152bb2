"""Charges: asking for them, following them, ending them."""

from decimal import Decimal

import msgspec

from wattline.domain.refusals import Invalid
from wattline.operations import charges as verbs
from wattline.partner_api.bodies import (
    given,
)
from wattline.partner_api.call import Call
from wattline.partner_api.charge_bodies import PatchCharge, StartCharge
from wattline.partner_api.charge_control import CONTROL
from wattline.partner_api.charge_filters import ChargeQuery
from wattline.partner_api.charge_view import shown
from wattline.partner_api.routing import Group
from wattline.queries.partner_charge_list import find_charges
from wattline.queries.partner_charges import charges_by_ids, currency_decimals
from wattline.wire.partner.charges import Charge, GenericPaymentSession
from wattline.wire.partner.entities import charges_of
from wattline.wire.partner.pages import Page, page_of

charges = Group("Charges")

# No card has more, in any currency.
RESERVED_MAX = 10**9


@charges.route("GET", "/charges", "get-charges", "charge-transactions:read")
async def get_charges(call: Call, query: ChargeQuery) -> Page[Charge]:
    """List charges, the newest first. At most 20,000 are counted and shown; use dates to see older ones."""
    async with call.database.read() as connection:
        found = await find_charges(connection, query.as_filter(), query.window, viewer=call.viewer)
        rows = await charges_by_ids(connection, found.ids)
        listed = await charges_of(connection, rows, viewer=call.viewer)
    return page_of(listed, found, query.window)


@charges.route("POST", "/charges", "start-charge", *CONTROL)
async def start_charge(call: Call, body: StartCharge) -> Charge:
    """Start a charge, or reserve a charge point for one.

    The answer is the charge in state `starting`, or `reserved`; follow it by webhook or with `GET /charges/{chargeId}`.
    Give every charge a `partnerExternalId`: when the answer gets lost, it finds the charge again. The driver has five
    minutes to plug in.
    """
    request = verbs.StartRequest(
        connector_id=body.charge_point_id,
        paying_team_id=body.paying_team_id,
        reserve=bool(body.reserve_charge),
        energy_limit_wh=None if body.kwh_limit is None else round(body.kwh_limit * 1000),
        soc_limit_percent=None if body.soc_limit is None else Decimal(str(body.soc_limit)),
        price_limit_minor=await _price_limit(call, body),
        price_group_id=body.price_group_id,
        payment_session=_stored(body.generic_payment_session),
        partner_external_id=body.partner_external_id,
        partner_custom_payload=body.partner_custom_payload,
        start_source="server-api",
        api_key_id=call.viewer.api_key_id,
    )
    row = await verbs.request_charge(call.database, request, asked_by=call.viewer, chance=call.chance, now=call.now)
    return await shown(call, row.id)


@charges.route("GET", "/charges/{chargeId}", "get-charge", "charge-transactions:read")
async def get_charge(call: Call, charge_id: int) -> Charge:
    """Show one charge, as it is now. From state `completed` on it never changes again: bill from it."""
    return await shown(call, charge_id)


@charges.route("PATCH", "/charges/{chargeId}", "patch-charge", "charges:write")
async def patch_charge(call: Call, charge_id: int, body: PatchCharge) -> Charge:
    """Change the partner's own notes on a charge. What is not sent, or null, stays as it is."""
    changes = given(body)
    if "generic_payment_session" in changes:
        changes["payment_session"] = _stored(changes.pop("generic_payment_session"))
    await verbs.patch_charge(call.database, charge_id, changes, asked_by=call.viewer, now=call.now)
    return await shown(call, charge_id)


async def _price_limit(call: Call, body: StartCharge) -> int | None:
    if body.price_limit is None:
        return None
    async with call.database.read() as connection:
        decimals = await currency_decimals(connection, body.charge_point_id)
    return int(Decimal(str(body.price_limit)).scaleb(decimals))


def _stored(session: GenericPaymentSession | None) -> dict[str, object] | None:
    if session is None:
        return None
    stored: dict[str, object] = msgspec.to_builtins(session)
    if session.amount is not None:
        if not session.amount.is_finite() or not 0 <= session.amount <= RESERVED_MAX:
            raise Invalid("genericPaymentSession.amount", f"must be from 0 to {RESERVED_MAX}.")
        # A number, as it came: what a terminal reserved is the most that is held (domain/hold.py).
        stored["amount"] = float(session.amount)
    return stored
