"""What members are let do, and who may let them (product rules section 7)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from wattline.domain.access import Viewer
from wattline.domain.member import WalletUse
from wattline.domain.refusals import Invalid, NotAllowed
from wattline.domain.roles import FOR_ADMINS, TEAM_ROLES, Role, Switch

# Long enough for a holiday, short enough that a forgotten letter opens nothing.
INVITATION_LASTS = timedelta(days=14)

ROLES = ("user", "admin")
NOTE_LENGTH_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a member or a member group is let do.

    No countries listed means all of them; `connector_ids` None is access to every charge point of the team.
    """

    role: str = "user"
    switches: frozenset[Switch] = frozenset()
    wallet_use: WalletUse = WalletUse.NONE
    country_ids: tuple[int, ...] = ()
    connector_ids: tuple[int, ...] | None = None
    price_group_id: int | None = None
    cost_group_id: int | None = None


PLAIN = Terms()


def must_be_possible(role: str, switches: Collection[Switch]) -> None:
    """Raise Invalid for a role there is not, or what a plain member cannot be let do."""
    if role not in ROLES:
        raise Invalid("role", f"'{role}' is none. A member is user or admin.")
    if role == "user" and (too_much := FOR_ADMINS.intersection(switches)):
        words = ", ".join(sorted(switch.replace("_", " ") for switch in too_much))
        raise Invalid("role", f"must be admin to {words}.")


def must_be_givable(giver: Viewer, role: str, switches: Collection[Switch]) -> None:
    """Raise NotAllowed when somebody of the team lets others do what they themselves may not."""
    if giver.role not in TEAM_ROLES or giver.role is Role.TEAM_OWNER:
        return
    if role == "admin" and giver.role is not Role.TEAM_ADMIN:
        raise NotAllowed(needed="to be a team admin, before you make others one")
    if beyond := set(switches) - giver.switches:
        words = ", ".join(sorted(switch.replace("_", " ") for switch in beyond))
        raise NotAllowed(needed=f"to {words}, before you give it to others")
