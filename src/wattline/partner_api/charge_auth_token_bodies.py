"""What programs send about charge auth tokens."""

from typing import Annotated, Any

from msgspec import UNSET, Meta

from wattline.partner_api.bodies import ChargeAuthenticationType, ExternalId, Id, Name, PageQuery, Unset
from wattline.wire.partner.shapes import Shape, Time

Identifier = Annotated[
    str, Meta(min_length=1, max_length=100, pattern=r"^(?!VID:)", description="Without the prefix `VID:`.")
]


class TokenQuery(PageQuery, kw_only=True):
    """Which tokens. `partnerExternalId` without a value finds tokens that have none."""

    team_id: Id | None = None
    partner_external_id: str | None = None


class CreateChargeAuthToken(Shape, kw_only=True):
    """A new token. An RFID identifier has 8, 14 or 20 hexadecimal characters; a vehicle id comes without `VID:`."""

    team_id: Id
    user_id: Id | None = None
    identifier: Identifier
    type: ChargeAuthenticationType
    name: Name | None = None
    monta_network: bool | None = True
    roaming_network: bool | None = True
    operator_network: bool | None = True
    active_until: Time | None = None
    blocked_at: Time | None = None
    partner_external_id: ExternalId | None = None
    partner_custom_payload: Any = None


class PatchChargeAuthToken(Shape, kw_only=True):
    """What changes; null leaves a field as it is. Blocking goes through /block and /unblock."""

    team_id: Id | Unset | None = UNSET
    user_id: Id | Unset | None = UNSET
    name: Name | Unset | None = UNSET
    monta_network: bool | Unset | None = UNSET
    roaming_network: bool | Unset | None = UNSET
    operator_network: bool | Unset | None = UNSET
    active_until: Time | Unset | None = UNSET
    partner_external_id: ExternalId | Unset | None = UNSET
    partner_custom_payload: Any | Unset = UNSET
