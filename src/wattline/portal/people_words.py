"""Roles, switches and states of people, in words."""

from collections.abc import Mapping
from types import MappingProxyType

from wattline.domain.roles import Role, Switch

ROLE_WORDS: Mapping[Role, str] = MappingProxyType(
    {
        Role.ADMIN: "Admin",
        Role.OPERATIONS_MANAGER: "Operations manager",
        Role.BOOKKEEPER: "Bookkeeper",
        Role.SUPPORT_AGENT: "Support agent",
        Role.TEAM_OWNER: "Owner",
        Role.TEAM_ADMIN: "Team admin",
        Role.TEAM_MEMBER: "Member",
        Role.DRIVER: "Driver",
    }
)

# What each role of an operator is for.
ROLE_LINES = (
    (Role.ADMIN, "Everything, also people, API keys and money."),
    (Role.OPERATIONS_MANAGER, "All teams, charge points and prices. No deposits, no withdrawals."),
    (Role.BOOKKEEPER, "Wallets, receipts, withdrawals and refunds."),
    (Role.SUPPORT_AGENT, "Looks at everything, changes nothing."),
)

SWITCH_WORDS: Mapping[Switch, tuple[str, str]] = MappingProxyType(
    {
        Switch.PAY_WITH_TEAM_WALLET: ("Charge on the team’s wallet", "Where, is chosen below."),
        Switch.MANAGE_TEAM_WALLET: ("Manage the team’s wallet", "Deposit and withdraw. Team admins only."),
        Switch.MANAGE_CHARGE_KEYS: ("Manage charge keys", "Add, block and hand out keys of the team."),
        Switch.CONFIGURE_CHARGE_POINTS: (
            "Set up charge points",
            "Add hardware and change its settings. Team admins only.",
        ),
        Switch.REQUEST_SPONSORING: ("Ask for sponsoring", "That somebody else pays for a charge point at home."),
        Switch.MANAGE_TEAM_MEMBERS: ("See and manage members", "Invite, change and remove others."),
    }
)

WALLET_USES = (
    ("none", "Nowhere"),
    ("team", "At the team’s own charge points"),
    ("operator", "At all charge points of the operator"),
    ("partner", "At other operators here too"),
    ("all", "Everywhere, also in other networks"),
)

# Glyph and word.
STATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "accepted": ("completed", "Member"),
        "invited": ("pending", "Invited"),
        "requested": ("pending", "Asks to join"),
        "rejected": ("failed", "Refused"),
        "blocked": ("failed", "Blocked"),
        "expired": ("failed", "Invitation expired"),
    }
)
TEAM_TYPES = (
    ("professional", "Professional", "A company, a housing association, a hotel, a car park."),
    ("private", "Private", "One private customer of yours."),
    ("operator", "Operator", "Your own: what it earns goes to the operator’s wallet."),
)
PAYMENTS = (
    ("source", "Prepaid: from its wallet"),
    ("invoice", "By invoice"),
    ("operator_transaction", "Through the operator"),
)
