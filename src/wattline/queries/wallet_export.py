"""Everything that moved on a wallet in a period, oldest first, some rows at a time: for files of any length."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from asyncpg import Record

from wattline.database.connection import Connection

AT_ONCE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedMovement:
    """A movement as one wallet sees it: what comes in is above 0, what goes out below. Amounts in minor units.

    `counterpart` is the other side's name; None is the world outside, or a person.
    """

    id: int
    at: datetime
    completed_at: datetime | None
    state: str
    group: str
    kind: str
    counterpart: str | None
    reference_type: str
    reference_id: str
    energy_wh: int | None
    gross_minor: int
    vat_minor: int
    vat_percent: Decimal
    currency: str
    decimals: int
    note: str | None

    @property
    def net_minor(self) -> int:
        """What it is without VAT."""
        return self.gross_minor - self.vat_minor


async def movements_in(
    connection: Connection, wallet_id: int, *, since: datetime, until: datetime
) -> AsyncIterator[ExportedMovement]:
    """Read what moved from `since` on and before `until`; whoever asks has been let in already."""
    after: tuple[datetime, int] = (since, 0)
    while rows := await connection.fetch(NEXT, wallet_id, *after, until, AT_ONCE):
        for row in rows:
            yield _movement(row, wallet_id)
        after = (rows[-1]["created_at"], rows[-1]["id"])


def _movement(row: Record, wallet_id: int) -> ExportedMovement:
    comes_in = row["to_wallet_id"] == wallet_id
    mine, other, sign = ("to", "from", 1) if comes_in else ("from", "to", -1)
    return ExportedMovement(
        id=row["id"],
        at=row["created_at"],
        completed_at=row["completed_at"],
        state=row["state"],
        group=row["group"],
        kind=row["kind"],
        counterpart=row[f"{other}_name"],
        reference_type=row["reference_type"],
        reference_id=row["reference_id"],
        energy_wh=row["energy_wh"],
        gross_minor=sign * row[f"{mine}_amount_minor"],
        vat_minor=sign * row[f"{mine}_vat_minor"],
        vat_percent=row["vat_percent"],
        currency=row[f"{mine}_currency"],
        decimals=row["decimals"],
        note=row["note"],
    )


# Each side has an index in this order, so that no step reads more than it hands out.
_SIDE = """
(select t.* from wallet_transaction t
 where t.{side}_wallet_id = $1 and (t.created_at, t.id) > ($2, $3) and t.created_at < $4
 order by t.created_at, t.id limit $5)
"""

NEXT = f"""
select t.*, coalesce(x.decimals, 2) as decimals,
  case t.from_type when 'team' then gt.name when 'operator' then go.name end as from_name,
  case t.to_type when 'team' then tt.name when 'operator' then tto.name end as to_name
from ({_SIDE.format(side="from")} union all {_SIDE.format(side="to")}) as t
  left join currency x on x.identifier = upper(t.from_currency)
  left join team gt on gt.id = t.from_team_id left join operator go on go.id = t.from_operator_id
  left join team tt on tt.id = t.to_team_id left join operator tto on tto.id = t.to_operator_id
order by t.created_at, t.id limit $5
"""
