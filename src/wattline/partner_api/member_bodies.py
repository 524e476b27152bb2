"""What programs send about members and member groups, and which they want to see."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct

from wattline.domain.member import WalletUse
from wattline.domain.member_terms import Terms
from wattline.domain.refusals import Invalid
from wattline.domain.roles import Switch
from wattline.operations.member_rows import SWITCH_COLUMNS
from wattline.partner_api.bodies import Email, ExternalId, Id, Name, PageQuery, Text, Unset, given
from wattline.queries.partner_people import MemberFilter
from wattline.wire.partner.people import TeamMemberRole, TeamMemberState, WalletPayment
from wattline.wire.partner.shapes import Shape

Phone = Annotated[str, Meta(pattern=r"^\+[1-9]\d{1,14}$")]
CountryIds = Annotated[list[Id], Meta(max_length=300)]
ConnectorIds = Annotated[list[Id], Meta(max_length=10_000)]


class MemberQuery(PageQuery, kw_only=True):
    """Which members."""

    team_id: Id | None = None
    include_deleted: bool = False
    role: TeamMemberRole | None = None
    state: TeamMemberState | None = None
    user_id: Id | None = None
    email: Email | None = None
    phone: str | None = None
    partner_external_team_id: str | None = None
    partner_external_id: str | None = None

    def as_filter(self) -> MemberFilter:
        """Return it as the question takes it."""
        return MemberFilter(
            team_id=self.team_id, role=self.role, state=self.state, user_id=self.user_id, email=self.email,
            phone=self.phone, partner_external_team_id=self.partner_external_team_id,
            partner_external_id=self.partner_external_id, include_deleted=self.include_deleted,
        )  # fmt: skip


class CreateTeamMember(Shape, kw_only=True):
    """Whom to invite: exactly one of `userId` and `email`. A profile counts before the switches."""

    team_id: Id | Unset = UNSET
    user_id: Id | None = None
    email: Email | None = None
    phone: Phone | None = None
    role: TeamMemberRole
    price_group_id: Id | None = None
    cost_group_id: Id | None = None
    team_member_profile_id: Id | None = None
    can_configure_charge_points: bool = False
    can_pay_with_team_wallet: bool = False
    can_request_sponsoring: bool = False
    can_manage_team_members: bool = False
    team_wallet_charge_payment_type: WalletPayment | None = None
    can_manage_team_wallet: bool = False
    can_pay_for_charges_country_ids: CountryIds | None = None
    note: Text | None = None
    charge_point_ids: ConnectorIds | None = None
    partner_external_id: ExternalId | None = None
    partner_custom_payload: Any = None


class PatchTeamMember(Shape, kw_only=True):
    """What changes; null leaves a field as it is."""

    charge_point_ids: ConnectorIds | Unset | None = UNSET
    role: TeamMemberRole | Unset | None = UNSET
    price_group_id: Id | Unset | None = UNSET
    cost_group_id: Id | Unset | None = UNSET
    team_member_profile_id: Id | Unset | None = UNSET
    can_configure_charge_points: bool | Unset | None = UNSET
    can_pay_with_team_wallet: bool | Unset | None = UNSET
    can_manage_team_wallet: bool | Unset | None = UNSET
    can_request_sponsoring: bool | Unset | None = UNSET
    can_manage_team_members: bool | Unset | None = UNSET
    team_wallet_charge_payment_type: WalletPayment | Unset | None = UNSET
    can_pay_for_charges_country_ids: CountryIds | Unset | None = UNSET
    note: Text | Unset | None = UNSET
    partner_external_id: ExternalId | Unset | None = UNSET
    partner_custom_payload: Any | Unset = UNSET


class ProfileQuery(PageQuery, kw_only=True):
    """Which member groups; `name` is a part of it."""

    team_id: Id | None = None
    name: str | None = None


class CreateTeamMemberProfile(Shape, kw_only=True):
    """A new member group."""

    team_id: Id | Unset = UNSET
    name: Name
    description: Text
    role: TeamMemberRole
    price_group_id: Id | None = None
    cost_group_id: Id | None = None
    can_configure_charge_points: bool = False
    can_pay_with_team_wallet: bool = False
    can_request_sponsoring: bool = False
    can_manage_team_members: bool = False
    team_wallet_charge_payment_type: WalletPayment
    can_manage_team_wallet: bool = False
    can_pay_for_charges_country_ids: CountryIds


class PatchTeamMemberProfile(Shape, kw_only=True):
    """What changes, for the group and everybody in it; null leaves a field as it is."""

    name: Name | Unset | None = UNSET
    description: Text | Unset | None = UNSET
    role: TeamMemberRole | Unset | None = UNSET
    price_group_id: Id | Unset | None = UNSET
    cost_group_id: Id | Unset | None = UNSET
    can_pay_with_team_wallet: bool | Unset | None = UNSET
    can_manage_team_wallet: bool | Unset | None = UNSET
    can_request_sponsoring: bool | Unset | None = UNSET
    can_manage_team_members: bool | Unset | None = UNSET
    team_wallet_charge_payment_type: WalletPayment | Unset | None = UNSET
    can_configure_charge_points: bool | Unset | None = UNSET
    can_pay_for_charges_country_ids: CountryIds | Unset | None = UNSET


class NestedQuery(PageQuery, kw_only=True):
    """Which nested teams."""

    state: Literal["requested", "invited", "accepted", "rejected_at", "blocked", "expired"] | None = None
    include_deleted: bool = False


class NestedTeamInvite(Shape, kw_only=True):
    """Which team may charge where, and at what price."""

    parent_team_id: Id
    nested_team_id: Id
    price_group_id: Id
    access: Literal["all", "selected"]
    selected_charge_point_ids: ConnectorIds | None = None
    selected_site_ids: Annotated[list[Id], Meta(max_length=1000)] | None = None


class PatchNestedTeam(Shape, kw_only=True):
    """What changes; null leaves a field as it is."""

    price_group_id: Id | Unset | None = UNSET
    note: Annotated[str, Meta(max_length=255)] | Unset | None = UNSET
    selected_charge_point_ids: ConnectorIds | Unset | None = UNSET


def terms_of(body: CreateTeamMember | CreateTeamMemberProfile) -> Terms:
    """Read what somebody is to be let do."""
    connectors = getattr(body, "charge_point_ids", None)
    return Terms(
        role=body.role,
        switches=frozenset(switch for switch in Switch if getattr(body, switch.column, False)),
        wallet_use=WalletUse(body.team_wallet_charge_payment_type or "none"),
        country_ids=tuple(body.can_pay_for_charges_country_ids or ()),
        connector_ids=None if connectors is None else tuple(connectors),
        price_group_id=body.price_group_id,
        cost_group_id=body.cost_group_id,
    )


def changes_of(body: Struct) -> dict[str, Any]:
    """Write a PATCH body as columns."""
    changes = given(body)
    for field, column in (("team_wallet_charge_payment_type", "wallet_use"), ("charge_point_ids", "connector_ids"),
                          ("can_pay_for_charges_country_ids", "country_ids"),
                          ("selected_charge_point_ids", "connector_ids"),
                          ("team_member_profile_id", "member_group_id")):  # fmt: skip
        if field in changes:
            changes[column] = changes.pop(field)
    if "connector_ids" in changes:
        changes["access"] = "selected"
    return changes


def team_named(team_id: int | Unset) -> int:
    """Return the team a body names. Raises Invalid: the contract lets it be missing, and we cannot guess it."""
    if not isinstance(team_id, int):
        raise Invalid("teamId", "is missing.")
    return team_id


# Our own switch has no name in the contract.
assert set(SWITCH_COLUMNS) - set(CreateTeamMember.__struct_fields__) == {Switch.MANAGE_CHARGE_KEYS.column}
