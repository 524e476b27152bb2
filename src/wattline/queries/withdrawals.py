"""Withdrawals that wait for somebody to make the bank transfer."""

from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Connection
from wattline.domain.access import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingWithdrawal:
    """A bank transfer to be made. `iban_sealed` is opened with the server's pepper, only for whoever makes it."""

    id: int
    asked_at: datetime
    owner: str
    amount_minor: int
    currency: str
    decimals: int
    holder: str
    iban_sealed: bytes
    iban_end: str


async def pending_withdrawals(connection: Connection, *, viewer: Viewer) -> list[PendingWithdrawal]:
    """List what is to be paid, the oldest first. Who sees only some teams makes no transfers, and sees none."""
    if viewer.team_ids is not None:
        return []
    rows = await connection.fetch(PENDING, list(viewer.operator_ids))
    return [PendingWithdrawal(**row) for row in rows]


PENDING = """
select w.movement_id as id, w.asked_at, coalesce(t.name, u.display_name, o.name) as owner, w.amount_minor, w.currency,
  coalesce(x.decimals, 2) as decimals, w.bank_holder as holder, w.iban_sealed, w.iban_end
from withdrawal w
  join wallet p on p.id = w.wallet_id
  join operator o on o.id = w.operator_id
  left join team t on p.owner_type = 'team' and t.id = p.owner_id
  left join users u on p.owner_type = 'user' and u.id = p.owner_id
  left join currency x on x.identifier = upper(w.currency)
where w.operator_id = any($1) and w.state = 'pending' order by w.movement_id
"""
