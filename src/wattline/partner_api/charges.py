"""Charges: asking for them, following them, ending them."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta

from wattline.domain.consumption import per_period
from wattline.domain.refusals import Invalid
from wattline.operations import charges as verbs
from wattline.partner_api.bodies import (
    ChargeAuthenticationType,
    ExternalId,
    Id,
    PageQuery,
    Unset,
    given,
)
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries.partner_charges import (
    ChargeFilter,
    charge_by_id,
    charges_by_ids,
    currency_decimals,
    find_charges,
)
from wattline.wire.partner.charges import Charge, GenericPaymentSession, kwh_per_time
from wattline.wire.partner.consumption import ChargeKwhConsumption
from wattline.wire.partner.entities import charges_of, energy_curves
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.shapes import Shape, Time

charges = Group("Charges")

# Either is enough: for one's own charge points, or for public ones.
CONTROL = ("control-charging:write", "control-public-charging:write")

STATES = (
    "paying", "reserved", "starting", "scheduled", "charging", "paused", "stopping", "stopped", "releasing", "released",
    "completed", "other", "suspended_ev", "suspended_evse",
)  # fmt: skip


class StartCharge(Shape, kw_only=True):
    """What to charge, where, and who pays. The first limit that is reached ends the charge."""

    paying_team_id: Id
    charge_point_id: Id
    reserve_charge: bool | None = False
    kwh_limit: Annotated[float, Meta(ge=1, le=500)] | None = None
    soc_limit: Annotated[float, Meta(ge=1, le=100)] | None = None
    price_limit: Annotated[float, Meta(ge=1, le=1_000_000)] | None = None
    price_group_id: Id | None = None
    generic_payment_session: GenericPaymentSession | None = None
    partner_external_id: ExternalId | None = None
    partner_custom_payload: Any = None


class PatchCharge(Shape, kw_only=True):
    """What may change on a charge, even on a completed one: the partner's own notes."""

    generic_payment_session: GenericPaymentSession | Unset | None = UNSET
    partner_external_id: ExternalId | Unset | None = UNSET
    partner_custom_payload: Any | Unset = UNSET


class ChargeQuery(PageQuery, kw_only=True):
    """Which charges. `state` takes several with commas between; `chargeAuthType` and `chargeAuthId` go together.

    `operatorRole` owner: charges at one's charge points; payer: charges one paid. `partnerExternalId` without a value
    finds charges that have none.
    """

    team_id: Id | None = None
    operator_id: Id | None = None
    charge_point_id: Id | None = None
    site_id: Id | None = None
    state: str | None = None
    from_date: Time | None = None
    to_date: Time | None = None
    from_updated_date: Time | None = None
    from_completed_date: Time | None = None
    to_completed_date: Time | None = None
    charge_auth_type: ChargeAuthenticationType | None = None
    charge_auth_id: str | None = None
    partner_external_id: str | None = None
    operator_role: Literal["owner", "payer"] = "owner"

    def as_filter(self) -> ChargeFilter:
        """Return it as the question takes it. Raises Invalid."""
        if (self.charge_auth_type is None) != (self.charge_auth_id is None):
            raise Invalid("chargeAuthId", "and chargeAuthType must come together.")
        return ChargeFilter(
            role=self.operator_role,
            operator_id=self.operator_id,
            team_id=self.team_id,
            connector_id=self.charge_point_id,
            site_id=self.site_id,
            states=_states(self.state),
            created_from=self.from_date,
            created_to=self.to_date,
            updated_from=self.from_updated_date,
            completed_from=self.from_completed_date,
            completed_to=self.to_completed_date,
            auth_type=self.charge_auth_type,
            auth_id=self.charge_auth_id.removeprefix("VID:") if self.charge_auth_id else self.charge_auth_id,
            partner_external_id=self.partner_external_id,
        )


class ConsumptionQuery(Shape):
    """The length of the periods, in seconds."""

    consumption_period_size_in_seconds: Literal[3600, 1800, 900, 600, 300] = 3600


@charges.route("GET", "/charges", "get-charges", "charge-transactions:read")
async def get_charges(call: Call, query: ChargeQuery) -> Page[Charge]:
    """List charges, the newest first. At most 20,000 are counted and shown; use dates to see older ones."""
    async with call.database.read() as connection:
        found = await find_charges(connection, query.as_filter(), query.window, viewer=call.viewer)
        shown = await charges_of(connection, await charges_by_ids(connection, found.ids))
    return page_of(shown, found, query.window)


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
    return await _shown(call, row.id)


@charges.route("GET", "/charges/{chargeId}", "get-charge", "charge-transactions:read")
async def get_charge(call: Call, charge_id: int) -> Charge:
    """Show one charge, as it is now. From state `completed` on it never changes again: bill from it."""
    return await _shown(call, charge_id)


@charges.route("PATCH", "/charges/{chargeId}", "patch-charge", "charges:write")
async def patch_charge(call: Call, charge_id: int, body: PatchCharge) -> Charge:
    """Change the partner's own notes on a charge. What is not sent, or null, stays as it is."""
    changes = given(body)
    if "generic_payment_session" in changes:
        changes["payment_session"] = _stored(changes.pop("generic_payment_session"))
    await verbs.patch_charge(call.database, charge_id, changes, asked_by=call.viewer, now=call.now)
    return await _shown(call, charge_id)


@charges.route("GET", "/charges/{chargeId}/stop", "stop-charge", *CONTROL)
@charges.route("POST", "/charges/{chargeId}/stop", "stop-charge-by-post", *CONTROL)
async def stop_charge(call: Call, charge_id: int) -> Charge:
    """End a charge, to be paid as usual. It is `stopping` until the charge point says that it has ended."""
    await verbs.stop_charge(call.database, charge_id, asked_by=call.viewer, source="api", now=call.now)
    return await _shown(call, charge_id)


@charges.route("GET", "/charges/{chargeId}/restart", "restart-charge", "control-charging:write")
@charges.route("POST", "/charges/{chargeId}/restart", "restart-charge-by-post", "control-charging:write")
async def restart_charge(call: Call, charge_id: int) -> Charge:
    """Begin a reserved charge, or ask the charge point again when a charge hangs in `starting` or `stopping`."""
    await verbs.restart_charge(call.database, charge_id, asked_by=call.viewer, now=call.now)
    return await _shown(call, charge_id)


@charges.route("GET", "/charges/{chargeId}/kwh-consumption", "get-charge-kwh-consumption", "charges:read")
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


async def _shown(call: Call, charge_id: int) -> Charge:
    async with call.database.read() as connection:
        row = await charge_by_id(connection, charge_id, viewer=call.viewer)
        (charge,) = await charges_of(connection, [row])
    return charge


async def _price_limit(call: Call, body: StartCharge) -> int | None:
    if body.price_limit is None:
        return None
    async with call.database.read() as connection:
        decimals = await currency_decimals(connection, body.charge_point_id)
    return int(Decimal(str(body.price_limit)).scaleb(decimals))


def _states(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    states = tuple(part.strip() for part in text.split(","))
    for state in states:
        if state not in STATES:
            raise Invalid("state", f"'{state}' is not a state. Known are: {', '.join(STATES)}.")
    return states


def _stored(session: GenericPaymentSession | None) -> dict[str, object] | None:
    if session is None:
        return None
    if session.amount is not None and session.amount < 0:
        raise Invalid("genericPaymentSession.amount", "must not be negative.")
    stored: dict[str, object] = msgspec.to_builtins(session)
    return stored
