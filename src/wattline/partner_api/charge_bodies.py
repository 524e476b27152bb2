"""What programs send about charges."""

from typing import Annotated, Any

from msgspec import UNSET, Meta

from wattline.partner_api.bodies import (
    ExternalId,
    Id,
    Unset,
)
from wattline.wire.partner.charges import GenericPaymentSession
from wattline.wire.partner.shapes import Shape


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
