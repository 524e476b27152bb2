"""What programs send about charge points."""

from typing import Annotated, Any

from msgspec import UNSET, Meta

from wattline.domain.refusals import Invalid
from wattline.partner_api.bodies import (
    ElectricCurrentType,
    ExternalId,
    Id,
    Name,
    Text,
    Unset,
    Visibility,
)
from wattline.wire.partner.shapes import Shape, to_json

PAYLOAD_LENGTH_MAX = 1000

Kw = Annotated[float, Meta(gt=0, le=10_000)]


class CreateChargePoint(Shape, kw_only=True):
    """A new charge point. `connectorIds` are kinds of plug; without them it has those of its model."""

    team_id: Id
    site_id: Id
    charge_point_model_id: Id
    name: Name
    max_kw: Kw
    visibility: Visibility
    type: ElectricCurrentType
    active: bool | None = True
    show_on_map: bool | None = True
    connector_ids: list[Id] | None = None
    note: Text | None = None
    partner_external_id: ExternalId | None = None
    partner_custom_payload: Any = None


class PatchChargePoint(Shape, kw_only=True):
    """What changes. A null clears note, partnerExternalId, partnerCustomPayload and connectorIds."""

    site_id: Id | Unset | None = UNSET
    name: Name | Unset | None = UNSET
    max_kw: Kw | Unset | None = UNSET
    visibility: Visibility | Unset | None = UNSET
    type: ElectricCurrentType | Unset | None = UNSET
    active: bool | Unset | None = UNSET
    show_on_map: bool | Unset | None = UNSET
    connector_ids: list[Id] | Unset | None = UNSET
    note: Text | Unset | None = UNSET
    partner_external_id: ExternalId | Unset | None = UNSET
    partner_custom_payload: Any | Unset = UNSET
    meter_id: Name | Unset | None = UNSET
    roaming: bool | Unset | None = UNSET
    roaming_price_group_id: Id | Unset | None = UNSET


CLEARABLE = frozenset({"note", "partner_external_id", "partner_custom_payload", "connector_ids"})
COLUMNS = {"type": "current_kind", "connector_ids": "connector_types"}


def watts(kw: float) -> int:
    """Tell kW as W."""
    return round(kw * 1000)


def check_payload(payload: Any) -> None:
    """Raise Invalid when a payload is longer than the contract allows."""
    if payload is not None and len(to_json(payload)) > PAYLOAD_LENGTH_MAX:
        raise Invalid("partnerCustomPayload", f"must have at most {PAYLOAD_LENGTH_MAX} characters.")
