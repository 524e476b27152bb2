"""A charge key, which partners know as a charge auth token, in JSON."""

from typing import Any, Literal

from wattline.wire.partner.places import Operator, operator_of
from wattline.wire.partner.shapes import Shape, Time


class ChargeAuthToken(Shape):
    """An RFID card, or a car's own id."""

    id: int
    identifier: str
    type: Literal["vehicleId", "rfid"]
    team_id: int
    user_id: int | None
    partner_external_id: str | None
    partner_custom_payload: Any
    name: str | None
    operator: Operator | None
    monta_network: bool
    roaming_network: bool
    operator_network: bool
    active_until: Time | None
    blocked_at: Time | None
    created_at: Time
    updated_at: Time
    deleted: bool


_AS_STORED = (
    "id", "identifier", "type", "team_id", "user_id", "partner_external_id", "partner_custom_payload", "name",
    "roaming_network", "operator_network", "active_until", "blocked_at", "created_at", "updated_at",
)  # fmt: skip


def charge_auth_token_of(row: Any) -> ChargeAuthToken:
    """Make a token of a row of queries/partner_charge_keys.py."""
    return ChargeAuthToken(
        **{column: row[column] for column in _AS_STORED},
        operator=operator_of(row),
        monta_network=row["own_network"],
        deleted=row["deleted_at"] is not None,
    )
