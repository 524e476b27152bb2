"""A charge key, which partners know as a charge auth token, in JSON."""

from datetime import datetime
from typing import Any

from wattline.wire.partner.places import Operator, operator_of
from wattline.wire.partner.shapes import Shape


class ChargeAuthToken(Shape):
    """An RFID card, or a car's own id."""

    id: int
    identifier: str
    type: str
    team_id: int
    user_id: int | None
    partner_external_id: str | None
    partner_custom_payload: object
    name: str | None
    operator: Operator | None
    monta_network: bool
    roaming_network: bool
    operator_network: bool
    active_until: datetime | None
    blocked_at: datetime | None
    created_at: datetime
    updated_at: datetime
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
