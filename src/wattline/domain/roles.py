"""What people are, in an operator or in a team (product rules section 7)."""

from enum import StrEnum


class Role(StrEnum):
    """What somebody is at one place. The first four are of an operator, the next three of a team."""

    ADMIN = "Admin"
    OPERATIONS_MANAGER = "OperationsManager"
    BOOKKEEPER = "Bookkeeper"
    SUPPORT_AGENT = "SupportAgent"
    TEAM_OWNER = "TeamOwner"
    TEAM_ADMIN = "TeamAdmin"
    TEAM_MEMBER = "TeamMember"
    # Somebody with an account and no place yet, or who only charges.
    DRIVER = "Driver"


OPERATOR_ROLES = (Role.ADMIN, Role.OPERATIONS_MANAGER, Role.BOOKKEEPER, Role.SUPPORT_AGENT)
TEAM_ROLES = (Role.TEAM_OWNER, Role.TEAM_ADMIN, Role.TEAM_MEMBER)


class Switch(StrEnum):
    """What a member of a team is let do beyond the role; all are off to begin with."""

    PAY_WITH_TEAM_WALLET = "pay_with_team_wallet"
    MANAGE_TEAM_WALLET = "manage_team_wallet"
    MANAGE_CHARGE_KEYS = "manage_charge_keys"
    CONFIGURE_CHARGE_POINTS = "configure_charge_points"
    REQUEST_SPONSORING = "request_sponsoring"
    MANAGE_TEAM_MEMBERS = "manage_team_members"

    @property
    def column(self) -> str:
        """The column of members and member groups that keeps it."""
        return f"can_{self.value}"


# Money and hardware are nothing for plain members, whatever their switches say.
FOR_ADMINS = frozenset({Switch.MANAGE_TEAM_WALLET, Switch.CONFIGURE_CHARGE_POINTS})


def team_role(role: str, *, is_owner: bool) -> Role:
    """Tell what a member is: `role` as the Partner API writes it, admin or user. A team has one owner."""
    if is_owner:
        return Role.TEAM_OWNER
    return Role.TEAM_ADMIN if role == "admin" else Role.TEAM_MEMBER
