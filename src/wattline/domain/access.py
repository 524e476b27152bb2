"""Who is asking, what they may see and what they may do. `MAY` is the one table of who may do what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType

from wattline.domain.refusals import NotAllowed
from wattline.domain.roles import FOR_ADMINS, OPERATOR_ROLES, Role, Switch

ADMIN, MANAGER, BOOKS, SUPPORT = OPERATOR_ROLES
OWNER, TEAM_ADMIN, MEMBER, DRIVER = Role.TEAM_OWNER, Role.TEAM_ADMIN, Role.TEAM_MEMBER, Role.DRIVER


class Permission(IntEnum):
    """What a scope lets a program do; each includes the lower ones."""

    READ = 1
    WRITE = 2
    DELETE = 3


class Right(StrEnum):
    """Something that can be done here; the value goes on after "may" in a sentence."""

    HAVE_AN_ACCOUNT = "have an account"
    SEE_CHARGE_POINTS = "see charge points"
    CONTROL_CHARGE_POINTS = "control charge points"
    SET_UP_CHARGE_POINTS = "set up charge points"
    SEE_CHARGES = "see charges"
    CONTROL_CHARGES = "stop charges"
    SEE_CHARGE_KEYS = "see charge keys"
    MANAGE_CHARGE_KEYS = "manage charge keys"
    SEE_SITES = "see sites"
    CHANGE_SITES = "change sites"
    SEE_PRICES = "see prices"
    CHANGE_PRICES = "change prices"
    SEE_WALLETS = "see wallets"
    MOVE_MONEY = "deposit and withdraw money"
    REFUND = "give money back"
    SEE_TEAMS = "see teams"
    MAKE_TEAMS = "make teams"
    CHANGE_TEAM = "change a team"
    FREEZE_TEAM = "freeze teams"
    DELETE_TEAM = "delete teams"
    NEST_TEAMS = "nest teams"
    SEE_MEMBERS = "see members"
    MANAGE_MEMBERS = "manage members"
    SEE_OPERATOR = "see who works for the operator"
    MANAGE_OPERATOR = "manage the operator"
    SEE_PROGRAMS = "see API keys"
    MANAGE_PROGRAMS = "manage API keys"
    READ_MAIL = "read the mailbox"
    ANSWER_SUPPORT = "answer questions to support"
    SEE_AUDIT_LOG = "see who did what"


@dataclass(frozen=True, slots=True)
class Grant:
    """Who has a right: programs by a scope, people by what they are, some of them only with a switch.

    `scope` empty: no program has it.
    """

    scope: str
    roles: frozenset[Role]
    switch: Switch | None = None
    with_switch: frozenset[Role] = frozenset()


def _row(scope: str, *roles: Role, switch: Switch | None = None) -> Grant:
    if switch is None:
        return Grant(scope, frozenset(roles))
    switched = {TEAM_ADMIN} if switch in FOR_ADMINS else {TEAM_ADMIN, MEMBER}
    return Grant(scope, frozenset(roles), switch, frozenset(switched))


_STAFF = (ADMIN, MANAGER, BOOKS, SUPPORT)
_LEADERS = (OWNER, TEAM_ADMIN)

# Main accounts hold their roles in every sub-operator too: that is a matter of what they see (`Viewer.operator_ids`).
MAY: Mapping[Right, Grant] = MappingProxyType(
    {
        Right.HAVE_AN_ACCOUNT: _row("", *Role),
        Right.SEE_CHARGE_POINTS: _row("charge-points:read", *_STAFF, *_LEADERS, MEMBER),
        Right.CONTROL_CHARGE_POINTS: _row("control-charging:write", ADMIN, MANAGER, *_LEADERS),
        Right.SET_UP_CHARGE_POINTS: _row(
            "charge-points:write", ADMIN, MANAGER, OWNER, switch=Switch.CONFIGURE_CHARGE_POINTS
        ),
        Right.SEE_CHARGES: _row("charge-transactions:read", *_STAFF, *_LEADERS),
        Right.CONTROL_CHARGES: _row("control-charging:write", ADMIN, MANAGER, *_LEADERS),
        Right.SEE_CHARGE_KEYS: _row("charge-auth-tokens:read", *_STAFF, OWNER, switch=Switch.MANAGE_CHARGE_KEYS),
        Right.MANAGE_CHARGE_KEYS: _row(
            "charge-auth-tokens:write", ADMIN, MANAGER, OWNER, switch=Switch.MANAGE_CHARGE_KEYS
        ),
        Right.SEE_SITES: _row("charge-points:read", *_STAFF, *_LEADERS, MEMBER),
        Right.CHANGE_SITES: _row("charge-points:write", ADMIN, MANAGER, *_LEADERS),
        Right.SEE_PRICES: _row("price-groups:read", *_STAFF, *_LEADERS),
        Right.CHANGE_PRICES: _row("price-groups:write", ADMIN, MANAGER, *_LEADERS),
        Right.SEE_WALLETS: _row("wallet-transactions:read", *_STAFF, OWNER, switch=Switch.MANAGE_TEAM_WALLET),
        Right.MOVE_MONEY: _row("wallet-transactions:write", ADMIN, BOOKS, OWNER, switch=Switch.MANAGE_TEAM_WALLET),
        Right.REFUND: _row("wallet-transactions:write", ADMIN, MANAGER, BOOKS, OWNER),
        Right.SEE_TEAMS: _row("teams:read", *_STAFF, *_LEADERS, MEMBER),
        Right.MAKE_TEAMS: _row("teams:write", ADMIN, MANAGER),
        Right.CHANGE_TEAM: _row("teams:write", ADMIN, MANAGER, OWNER),
        Right.FREEZE_TEAM: _row("teams:write", ADMIN, MANAGER),
        Right.DELETE_TEAM: _row("teams:delete", ADMIN),
        Right.NEST_TEAMS: _row("team-members:write", ADMIN, MANAGER, OWNER),
        Right.SEE_MEMBERS: _row("team-members:read", *_STAFF, OWNER, switch=Switch.MANAGE_TEAM_MEMBERS),
        Right.MANAGE_MEMBERS: _row("team-members:write", ADMIN, MANAGER, OWNER, switch=Switch.MANAGE_TEAM_MEMBERS),
        Right.SEE_OPERATOR: _row("operators:read", ADMIN, MANAGER),
        Right.MANAGE_OPERATOR: _row("", ADMIN),
        Right.SEE_PROGRAMS: _row("", *_STAFF),
        Right.MANAGE_PROGRAMS: _row("", ADMIN),
        # Letters hold links that let somebody in: who reads them could become anybody.
        Right.READ_MAIL: _row("", ADMIN),
        Right.ANSWER_SUPPORT: _row("", ADMIN, MANAGER, SUPPORT),
        Right.SEE_AUDIT_LOG: _row("audit-log:read", ADMIN),
    }
)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks: a person in the Portal or a program with an API key.

    `operator_ids` are the home operator and its sub-operators; `team_ids` limits the view to those teams, None means
    every team. Questions and verbs filter by both, so a foreign id reads as unknown. A person has a `role` at the place
    where they work just now, and perhaps `switches`; a program has `scopes` instead and no role.
    """

    name: str
    operator_id: int
    operator_ids: tuple[int, ...]
    team_ids: tuple[int, ...] | None = None
    scopes: frozenset[str] = frozenset({"all:delete"})
    user_id: int | None = None
    api_key_id: int | None = None
    role: Role | None = None
    switches: frozenset[Switch] = frozenset()

    def sees(self, operator_id: int, team_id: int) -> bool:
        """Tell whether something of this operator and team exists for this viewer."""
        return operator_id in self.operator_ids and (self.team_ids is None or team_id in self.team_ids)

    def must_hold(self, *entities: str, permission: Permission) -> None:
        """Refuse unless one of the entities' scopes (or `all`) is held at this permission or above."""
        if not _holds(self.scopes, entities, permission):
            raise NotAllowed(needed=f"{entities[0]}:{permission.name.lower()}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is to be done: in a team, or in an operator as a whole."""

    operator_id: int
    team_id: int | None = None


def may(viewer: Viewer, right: Right, place: Place | None = None) -> bool:
    """Tell whether somebody has a right, at a place when one is named."""
    grant = MAY[right]
    if place is not None and not _reaches(viewer, place):
        return False
    if viewer.role is None:
        return _has_scope(viewer.scopes, grant.scope)
    return viewer.role in grant.roles or (viewer.role in grant.with_switch and grant.switch in viewer.switches)


def must(viewer: Viewer, right: Right, place: Place | None = None) -> None:
    """Raise NotAllowed unless somebody has a right, at a place when one is named."""
    if not may(viewer, right, place):
        raise NotAllowed(needed=f"to {right}" if viewer.role is not None else MAY[right].scope or f"to {right}")


def rights_of(viewer: Viewer) -> frozenset[Right]:
    """List what somebody may do, for menus and buttons."""
    return frozenset(right for right in Right if may(viewer, right))


def _reaches(viewer: Viewer, place: Place) -> bool:
    if place.team_id is None:
        return place.operator_id in viewer.operator_ids and viewer.team_ids is None
    return viewer.sees(place.operator_id, place.team_id)


def _has_scope(scopes: frozenset[str], scope: str) -> bool:
    # The command line and our own work hold everything, also what no program can be given.
    if not scope:
        return "all:delete" in scopes
    entity, _, level = scope.partition(":")
    return _holds(scopes, (entity,), Permission[level.upper()])


def _holds(scopes: frozenset[str], entities: Iterable[str], permission: Permission) -> bool:
    wanted = {_singular(entity) for entity in entities} | {"all"}
    return any(_grants(scope, wanted, permission) for scope in scopes)


def _grants(scope: str, entities: set[str], permission: Permission) -> bool:
    entity, _, level = scope.partition(":")
    return (
        _singular(entity) in entities
        and level.upper() in Permission.__members__
        and (Permission[level.upper()] >= permission)
    )


def _singular(entity: str) -> str:
    # The published contract writes some scopes in both numbers (`tariff:read`, `tariffs:read`): they are one scope.
    return entity.removesuffix("s")
