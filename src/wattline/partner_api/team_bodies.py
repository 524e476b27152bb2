"""What programs send about teams, and which they want to see."""

from typing import Any, Literal

from msgspec import UNSET

from wattline.domain.refusals import Invalid
from wattline.partner_api.bodies import Email, ExternalId, Id, Name, NewAddress, PageQuery, Text, Unset
from wattline.queries.partner_teams import TeamFilter
from wattline.wire.partner.shapes import Shape, Time

PaymentMethod = Literal["invoice", "operator_transaction", "source"]


class TeamQuery(PageQuery, kw_only=True):
    """Which teams. `ids` are numbers with commas between. No team has a feature group yet."""

    partner_external_id: str | None = None
    operator_id: Id | None = None
    feature_group_id: Id | None = None
    from_updated_at: Time | None = None
    include_deleted: bool = False
    ids: str | None = None

    def as_filter(self) -> TeamFilter:
        """Return it as the question takes it. Raises Invalid."""
        return TeamFilter(
            operator_id=self.operator_id,
            ids=[] if self.feature_group_id is not None else ids_of(self.ids),
            partner_external_id=self.partner_external_id,
            updated_from=self.from_updated_at,
            include_deleted=self.include_deleted,
        )


class CreateTeam(Shape, kw_only=True):
    """A new team. `userId` or `userEmail` names its owner. To pay by invoice takes vatNumber and financeEmail."""

    user_id: Id | None = None
    user_email: Email | None = None
    operator_id: Id | None = None
    name: Name
    contact_email: Email
    type: Literal["private", "professional", "operator"]
    address: NewAddress
    company_name: Name | None = None
    vat_number: Name | None = None
    company_registration_number: Name | None = None
    finance_email: Email | None = None
    partner_external_id: ExternalId | None = None
    partner_custom_payload: Any = None
    payment_method: PaymentMethod | None = None


class PatchTeam(Shape, kw_only=True):
    """What changes; null leaves a field as it is."""

    user_id: Id | Unset | None = UNSET
    user_email: Email | Unset | None = UNSET
    finance_email: Email | Unset | None = UNSET
    name: Name | Unset | None = UNSET
    contact_email: Email | Unset | None = UNSET
    address: NewAddress | Unset | None = UNSET
    company_name: Name | Unset | None = UNSET
    vat_number: Name | Unset | None = UNSET
    company_registration_number: Name | Unset | None = UNSET
    partner_external_id: ExternalId | Unset | None = UNSET
    partner_custom_payload: Any | Unset = UNSET
    payment_method: PaymentMethod | Unset | None = UNSET


class UpdateTeamState(Shape, kw_only=True):
    """Why."""

    reason: Text | None = None


def ids_of(text: str | None) -> list[int] | None:
    """Read numbers with commas between them. Raises Invalid."""
    if text is None:
        return None
    parts: list[Any] = text.split(",")
    if not all(part.strip().isdecimal() and len(part.strip()) < 19 for part in parts):
        raise Invalid("ids", "must be whole numbers with commas between them.")
    return [int(part) for part in parts]
