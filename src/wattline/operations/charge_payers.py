"""Who pays for a charge: a team somebody named, the team or person behind a charge key, a card at a terminal."""

from collections.abc import Mapping
from typing import Any

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.hold import PayerKind
from wattline.domain.member import Member, Whose, may_pay_with_team_wallet
from wattline.operations.charge_holds import Payer
from wattline.operations.members import member_of


def payer_named(*, paying_team_id: int, owner_team_id: int, session: Mapping[str, Any] | None) -> Payer:
    """Say who pays for a charge that a program or the Portal asked for.

    A payment terminal has the driver's card: its provider owes the owner, whatever team is named beside.
    """
    if session and session.get("provider"):
        return Payer(kind=PayerKind.TERMINAL, provider=str(session["provider"]))
    if paying_team_id == owner_team_id:
        return Payer(kind=PayerKind.OWN)
    return Payer(kind=PayerKind.WALLET, owner_type="team", owner_id=paying_team_id)


async def payer_of_key(connection: Connection, key: Record, connector_id: int) -> tuple[Payer, Member | None]:
    """Say who pays for a charge that a tapped key began, and as which member of the key's team.

    The team pays for keys that belong to nobody in particular, and for its members where it lets them; elsewhere the
    member's own wallet pays, as it does for keys that were tied to it.
    """
    place = await connection.fetchrow(PLACE, connector_id)
    assert place is not None
    if key["user_id"] is None:
        return _team(key["team_id"], place), None
    member = await member_of(connection, team_id=key["team_id"], user_id=key["user_id"])
    if (
        member is not None
        and not key["own_wallet"]
        and may_pay_with_team_wallet(member, whose=_whose(key, place), country_id=place["country_id"])
    ):
        return _team(key["team_id"], place), member
    return Payer(kind=PayerKind.WALLET, owner_type="user", owner_id=key["user_id"]), member


def _team(team_id: int, place: Record) -> Payer:
    if team_id == place["team_id"]:
        return Payer(kind=PayerKind.OWN)
    return Payer(kind=PayerKind.WALLET, owner_type="team", owner_id=team_id)


def _whose(key: Record, place: Record) -> Whose:
    if key["team_id"] == place["team_id"]:
        return Whose.TEAM
    return Whose.OPERATOR if key["operator_id"] == place["operator_id"] else Whose.PARTNER


PLACE = """
select k.team_id, k.operator_id, coalesce(site.country_id, team.country_id) as country_id
from connector k join team on team.id = k.team_id left join site on site.id = k.site_id
where k.id = $1
"""
