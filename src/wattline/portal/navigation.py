"""The rooms of the Portal, and who finds which in the navigation."""

from dataclasses import dataclass

from wattline.domain.access import Right, Viewer, may
from wattline.queries.portal_frame import RoomCounts
from wattline.web.pages import Room


@dataclass(frozen=True, slots=True)
class Door:
    """One entry of the navigation: what it leads to, and the right without which it is not shown."""

    group: str
    right: Right
    key: str
    href: str
    icon: str
    label: str


DOORS = (
    Door("", Right.SEE_CHARGE_POINTS, "overview", "/", "chart-line", "Overview"),
    Door("", Right.SEE_CHARGE_POINTS, "charge-points", "/charge-points", "charging-pile", "Charge points"),
    Door("", Right.SEE_CHARGES, "charges", "/charges", "bolt", "Charges"),
    Door("", Right.SEE_SITES, "sites", "/sites", "map-pin", "Sites"),
    Door("", Right.SET_UP_CHARGE_POINTS, "alerts", "/alerts", "bell", "Alerts"),
    Door("People", Right.SEE_TEAMS, "teams", "/teams", "home", "Teams"),
    Door("People", Right.SEE_MEMBERS, "members", "/members", "user-circle", "Members"),
    Door("People", Right.SEE_CHARGE_KEYS, "charge-keys", "/charge-keys", "key", "Charge keys"),
    Door("People", Right.SEE_OPERATOR, "operators", "/operators", "building", "Operator"),
    Door("People", Right.ANSWER_SUPPORT, "support", "/support", "lifebuoy", "Support"),
    Door("Money", Right.SEE_WALLETS, "wallets", "/wallets", "wallet", "Wallets"),
    Door("Money", Right.SEE_WALLETS, "cards", "/cards", "nfc", "Cards"),
    Door("Money", Right.SEE_PRICES, "prices", "/prices", "tag", "Prices"),
    Door("Connections", Right.SEE_PROGRAMS, "api", "/api-and-webhooks", "webhook", "API and webhooks"),
    Door("Connections", Right.MANAGE_OPERATOR, "log-in", "/settings/log-in", "shield-check", "Logging in"),
    Door("Connections", Right.SEE_AUDIT_LOG, "audit-log", "/audit-log", "history", "Who did what"),
    Door("Connections", Right.READ_MAIL, "mailbox", "/mailbox", "mail", "Mailbox"),
    Door("Connections", Right.SET_UP_CHARGE_POINTS, "emulator", "/emulator", "robot", "Emulator"),
)
OWN_WALLET = Door("Money", Right.HAVE_AN_ACCOUNT, "wallets", "/my-wallet", "wallet", "My wallet")


def rooms(viewer: Viewer, counts: RoomCounts, *, has_emulator: bool) -> list[tuple[str, list[Room]]]:
    """List the rooms that are open to somebody, in groups with a heading."""
    grouped: dict[str, list[Room]] = {}
    for door in DOORS:
        if may(viewer, door.right) and (has_emulator or door.key != "emulator"):
            grouped.setdefault(door.group, []).append(_room(door, counts))
    if not may(viewer, Right.SEE_WALLETS) and may(viewer, OWN_WALLET.right):
        grouped.setdefault(OWN_WALLET.group, []).insert(0, _room(OWN_WALLET, counts))
    return list(grouped.items())


def first_room(viewer: Viewer) -> str:
    """Tell where somebody's work begins."""
    return next((door.href for door in DOORS if may(viewer, door.right)), "/invitations")


def _room(door: Door, counts: RoomCounts) -> Room:
    if door.key == "charge-points":
        return Room(door.key, door.href, door.icon, door.label, counts.trouble, bad=True)
    if door.key == "charges":
        return Room(door.key, door.href, door.icon, door.label, counts.running)
    return Room(door.key, door.href, door.icon, door.label)
