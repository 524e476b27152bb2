"""Whom we did not let in: kept, so that an owner who waits for a new charge point sees why it stays away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from wattline.database import outbox
from wattline.database.connection import Database
from wattline.domain.facts import HandshakeRefused

Reason = Literal["unknown", "password", "no-password", "subprotocol", "throttled", "malformed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedHandshake:
    """One attempt to connect. `box` is set when the identity is known here; the caller was not told that it is."""

    at: datetime
    identity: str
    identity_key: str
    address: str
    reason: Reason
    detail: str | None = None
    charge_point_id: int | None = None
    operator_id: int | None = None
    team_id: int | None = None


STORE = """
insert into refused_handshake (at, identity, identity_key, address, reason, detail, charge_point_id)
select * from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
"""

# Enough to see what a box tries; a box that calls every ten seconds with a wrong password fills no table.
KEPT_PER_IDENTITY = 50
FORGET = """
delete from refused_handshake using (
  select key, (select id from refused_handshake kept where kept.identity_key = key
               order by at desc, id desc offset $2 limit 1) as last_id
  from unnest($1::text[]) as key) as old
where identity_key = old.key and id <= old.last_id
"""


async def note_refused_handshakes(database: Database, refused: Sequence[RefusedHandshake], *, now: datetime) -> None:
    """Keep refused attempts, the last of each identity, and wake whoever watches for them."""
    async with database.begin() as tx:
        await tx.execute(
            STORE,
            [each.at for each in refused],
            [each.identity for each in refused],
            [each.identity_key for each in refused],
            [each.address for each in refused],
            [each.reason for each in refused],
            [each.detail for each in refused],
            [each.charge_point_id for each in refused],
        )
        await tx.execute(FORGET, sorted({each.identity_key for each in refused}), KEPT_PER_IDENTITY)
        await outbox.add(tx, [_fact(each) for each in refused], now=now)


def _fact(refused: RefusedHandshake) -> HandshakeRefused:
    # An unknown identity belongs to nobody; who waits for that very identity finds it by its key.
    return HandshakeRefused(
        entity_id=refused.charge_point_id or 0,
        operator_ids=() if refused.operator_id is None else (refused.operator_id,),
        team_ids=() if refused.team_id is None else (refused.team_id,),
        charge_point_id=refused.charge_point_id,
        detail={"identityKey": refused.identity_key, "reason": refused.reason},
    )
