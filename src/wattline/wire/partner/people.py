"""Members of teams, member groups, nested teams, users and operators, in JSON."""

from typing import Any, Literal

from wattline.wire.partner.places import Address, Operator, operator_of
from wattline.wire.partner.shapes import Shape, Time

TeamMemberRole = Literal["admin", "user", "other"]
TeamMemberAccess = Literal["all", "selected", "other"]
TeamMemberState = Literal["requested", "invited", "rejected", "accepted", "blocked", "expired", "other"]
# `team` is ours: the contract names the other four.
WalletPayment = Literal["none", "team", "operator", "partner", "all"]
NestedTeamState = Literal["requested", "invited", "accepted", "rejected_at", "blocked", "expired"]
NestedTeamAccess = Literal["all", "selected"]

_SWITCHES = (
    "can_configure_charge_points", "can_pay_with_team_wallet", "can_manage_team_wallet", "can_request_sponsoring",
    "can_manage_team_members",
)  # fmt: skip


class TeamMember(Shape, kw_only=True):
    """Somebody of a team, or invited to it. `chargePointIds` count when `access` is selected."""

    id: int
    team_id: int
    display_name: str | None
    operator: Operator | None
    partner_external_team_id: str | None
    user_id: int | None
    email: str | None
    phone: str | None
    role: TeamMemberRole
    access: TeamMemberAccess
    state: TeamMemberState
    note: str | None
    invited_at: Time | None
    invited_by: str | None
    accepted_at: Time | None
    accepted_by: str | None
    rejected_at: Time | None
    created_at: Time | None
    updated_at: Time | None
    deleted_at: Time | None
    charge_point_ids: list[int]
    price_group_id: int | None
    cost_group_id: int | None
    team_member_profile_id: int | None
    can_configure_charge_points: bool
    can_pay_with_team_wallet: bool
    can_manage_team_wallet: bool
    can_request_sponsoring: bool
    can_manage_team_members: bool
    can_pay_for_charges_country_ids: list[int]
    team_wallet_charge_payment_type: WalletPayment
    partner_external_id: str | None
    partner_custom_payload: Any


class TeamMemberProfile(Shape, kw_only=True):
    """A member group: whoever is in it has what it has."""

    id: int
    team_id: int
    name: str
    description: str | None
    role: TeamMemberRole
    price_group_id: int | None
    cost_group_id: int | None
    can_pay_with_team_wallet: bool
    can_manage_team_wallet: bool
    can_request_sponsoring: bool
    can_manage_team_members: bool
    can_configure_charge_points: bool
    team_wallet_charge_payment_type: WalletPayment
    can_pay_for_charges_country_ids: list[int] | None
    operator: Operator | None
    created_at: Time | None
    updated_at: Time | None
    deleted_at: Time | None


class PublicTeam(Shape):
    """A team as others may know it."""

    id: int
    public_name: str | None
    member_count: int | None


class PublicUserFull(Shape):
    id: int
    first_name: str | None
    last_name: str | None
    display_name: str | None


class PriceGroupRef(Shape):
    id: int
    name: str


class NestedTeam(Shape, kw_only=True):
    """A team whose members may charge at another team's charge points."""

    id: int
    parent_team: PublicTeam
    nested_team: PublicTeam | None
    price_group: PriceGroupRef | None
    invited_by_user: PublicUserFull | None
    user_role: Literal["user"] = "user"
    access: NestedTeamAccess
    state: NestedTeamState
    selected_charge_point_ids: list[int] | None
    note: str | None
    created_at: Time
    updated_at: Time | None
    invited_at: Time | None


class User(Shape, kw_only=True):
    """Somebody with an account."""

    id: int
    first_name: str | None
    last_name: str | None
    email: str | None
    legal_email: str | None = None
    phone: str | None = None
    profile_image_url: str | None = None
    address: Address | None = None
    language: str | None
    terms_read_at: Time | None = None
    tax_identification_number: str | None = None
    vat_number: str | None = None
    recipient_code: str | None = None
    created_at: Time | None
    updated_at: Time | None
    deleted_at: Time | None = None
    email_verified_at: Time | None
    phone_verified_at: Time | None = None
    marketing_emails_accepted_at: Time | None = None
    default_team_id: int | None


def team_member_of(row: Any) -> TeamMember:
    """Make a member of a row of queries/partner_people.py."""
    names = (
        "id", "team_id", "display_name", "user_id", "email", "phone", "role", "access", "note", "invited_at",
        "invited_by", "accepted_at", "accepted_by", "rejected_at", "created_at", "updated_at", "deleted_at",
        "price_group_id", "cost_group_id", "partner_external_id", "partner_custom_payload", "partner_external_team_id",
    )  # fmt: skip
    return TeamMember(
        **{name: row[name] for name in (*names, *_SWITCHES)},
        operator=operator_of(row),
        state=row["shown_state"],
        charge_point_ids=row["connector_ids"],
        team_member_profile_id=row["member_group_id"],
        can_pay_for_charges_country_ids=row["country_ids"],
        team_wallet_charge_payment_type=row["wallet_use"],
    )


def team_member_profile_of(row: Any) -> TeamMemberProfile:
    """Make a member group of a row of queries/partner_people.py."""
    names = ("id", "team_id", "name", "description", "role", "price_group_id", "cost_group_id", "created_at",
             "updated_at", "deleted_at")  # fmt: skip
    return TeamMemberProfile(
        **{name: row[name] for name in (*names, *_SWITCHES)},
        operator=operator_of(row),
        can_pay_for_charges_country_ids=row["country_ids"],
        team_wallet_charge_payment_type=row["wallet_use"],
    )


def nested_team_of(row: Any) -> NestedTeam:
    """Make a nested team of a row of queries/partner_people.py."""
    price = PriceGroupRef(row["price_group_id"], row["price_group"]) if row["price_group"] else None
    by = PublicUserFull(row["user_id"], *names_of(row["user"]), row["user"]) if row["user_id"] else None
    return NestedTeam(
        id=row["id"],
        parent_team=PublicTeam(row["parent_team_id"], row["parent"], row["parent_members"]),
        nested_team=PublicTeam(row["nested_team_id"], row["nested"], row["nested_members"]),
        price_group=price,
        invited_by_user=by,
        access=row["access"],
        state=row["state"],
        selected_charge_point_ids=row["connector_ids"] if row["access"] == "selected" else None,
        note=row["note"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        invited_at=row["invited_at"],
    )


def user_of(row: Any) -> User:
    """Make a user of a row of queries/partner_people.py."""
    first, last = names_of(row["display_name"])
    return User(
        id=row["id"],
        first_name=first,
        last_name=last,
        email=row["email"],
        language=row["locale"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        email_verified_at=row["email_verified_at"],
        default_team_id=row["default_team_id"],
    )


def names_of(display_name: str) -> tuple[str | None, str | None]:
    """Part a name in what stands before its last blank, and the rest: we keep one name, partners know two."""
    first, _, last = display_name.strip().rpartition(" ")
    return (first or last or None), (last if first else None)
