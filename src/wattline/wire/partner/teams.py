"""A team, in JSON."""

from typing import Any, Literal

from wattline.wire.partner.charges import Currency, currency_of
from wattline.wire.partner.places import Operator, operator_of
from wattline.wire.partner.shapes import Shape, Time


class TeamAddress(Shape, kw_only=True):
    """The address of a team; charge points and sites have another shape."""

    address1: str | None
    address2: str | None
    address3: str | None
    city: str | None
    province: str | None = None
    zip_code: str | None
    country_id: int


class TeamCategory(Shape):
    identifier: str
    name: str


class InvoiceRequest(Shape):
    """Where a team's wish to pay by invoice stands."""

    id: int
    status: Literal["pending", "approved", "rejected"]
    requested_at: Time
    approved_at: Time | None
    rejected_at: Time | None
    rejection_reason: str | None
    updated_at: Time | None


class Team(Shape, kw_only=True):
    """Who owns charge points and pays for charges."""

    id: int
    name: str
    legal_email: str | None
    external_id: str | None = None
    partner_external_id: str | None
    partner_custom_payload: Any
    join_code: str
    recipient_code: str | None = None
    company_name: str | None
    tax_identification_number: str | None = None
    vat_number: str | None
    company_registration_number: str | None
    operator: Operator | None
    address: TeamAddress
    currency: Currency
    type: Literal["personal", "private", "professional", "operator"]
    category: TeamCategory | None = None
    operator_id: int | None
    user_id: int
    is_frozen: bool
    frozen_reason: str | None
    feature_group_id: int | None = None
    frozen_at: Time | None
    blocked_at: Time | None
    created_at: Time
    updated_at: Time
    deleted_at: Time | None
    payment_method: Literal["invoice", "operator_transaction", "source", "unknown"]
    invoice_request: InvoiceRequest | None = None


_AS_STORED = (
    "id", "name", "partner_external_id", "partner_custom_payload", "join_code", "company_name", "vat_number",
    "company_registration_number", "type", "operator_id", "frozen_reason", "frozen_at", "blocked_at", "created_at",
    "updated_at", "deleted_at", "payment_method",
)  # fmt: skip


def team_of(row: Any) -> Team:
    """Make a team of a row of queries/partner_teams.py."""
    address = TeamAddress(
        address1=row["address1"],
        address2=row["address2"],
        address3=row["address3"],
        city=row["city"],
        zip_code=row["zip_code"],
        # The contract has no null here; 0 is no country's id.
        country_id=row["country_id"] or 0,
    )
    return Team(
        **{column: row[column] for column in _AS_STORED},
        legal_email=row["contact_email"],
        operator=operator_of(row),
        address=address,
        currency=currency_of(row),
        # Nor here; 0 is no person's id.
        user_id=row["owner_user_id"] or 0,
        is_frozen=row["frozen_at"] is not None,
    )
