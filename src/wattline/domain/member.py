"""What a member of a team may do with the team's wallet, and where (product rules section 7)."""

from dataclasses import dataclass
from enum import StrEnum


class WalletUse(StrEnum):
    """Where a member's charges are paid from the team's wallet; elsewhere the member pays.

    `team`: the team's own charge points; `operator`: those of its operator too; `partner`: those of other operators
    on this platform too; `all`: also those of other networks.
    """

    NONE = "none"
    TEAM = "team"
    OPERATOR = "operator"
    PARTNER = "partner"
    ALL = "all"


class Whose(StrEnum):
    """Whose charge point it is, seen from the member's team."""

    TEAM = "team"
    OPERATOR = "operator"
    PARTNER = "partner"
    ROAMING = "roaming"


_REACH = {
    WalletUse.NONE: frozenset[Whose](),
    WalletUse.TEAM: frozenset({Whose.TEAM}),
    WalletUse.OPERATOR: frozenset({Whose.TEAM, Whose.OPERATOR}),
    WalletUse.PARTNER: frozenset({Whose.TEAM, Whose.OPERATOR, Whose.PARTNER}),
    WalletUse.ALL: frozenset(Whose),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody of a team, with the switches that matter for paying. No countries listed means all of them."""

    id: int
    team_id: int
    user_id: int | None
    accepted: bool
    can_pay_with_team_wallet: bool
    wallet_use: WalletUse
    country_ids: frozenset[int]
    connector_ids: frozenset[int] | None
    price_group_id: int | None


def may_pay_with_team_wallet(member: Member, *, whose: Whose, country_id: int | None) -> bool:
    """Tell whether the team pays for what this member charges there."""
    country_fits = not member.country_ids or country_id in member.country_ids
    return member.accepted and member.can_pay_with_team_wallet and whose in _REACH[member.wallet_use] and country_fits


def may_charge_at(member: Member, connector_id: int) -> bool:
    """Tell whether the member has access to a charge point of the team: to all of them, or to those named."""
    return member.accepted and (member.connector_ids is None or connector_id in member.connector_ids)
