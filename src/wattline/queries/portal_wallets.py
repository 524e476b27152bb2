"""Wallets in the Portal: whose there are, and what came in and went out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.operations.wallets import Contents, Wallet, contents_of
from wattline.queries.portal_charge_money import owner_name

# Enough for every team of a big operator on a page that one can search in the browser.
WALLETS_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletLine:
    """A wallet with its owner's name, what is in it, and how many payments keep money of it aside."""

    wallet: Wallet
    owner: str
    payment_method: str
    credit_limit_minor: int
    holds: int
    contents: Contents

    @property
    def free_minor(self) -> int:
        """Money that is not kept aside; credit does not count, it can only be spent on charging."""
        return self.contents.amount_minor - self.contents.held_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfMoney:
    """What came in and went out on one day of the viewer's calendar, in minor units."""

    day: date
    in_minor: int
    out_minor: int


async def list_wallets(connection: Connection, viewer: Viewer) -> Sequence[WalletLine]:
    """List the wallets of the viewer's operators and teams, operators first."""
    rows = await connection.fetch(f"{SEEN} {ORDER}", viewer.operator_ids, viewer.team_ids, None, WALLETS_MAX)
    wallets = [Wallet(**{name: row[name] for name in Wallet.__dataclass_fields__}) for row in rows]
    contents = await contents_of(connection, wallets)
    return [
        WalletLine(
            wallet=wallet, owner=row["owner"] or "", payment_method=row["payment_method"] or "source",
            credit_limit_minor=row["credit_limit_minor"] or 0, holds=row["holds"], contents=contents[wallet.id],
        )
        for wallet, row in zip(wallets, rows, strict=True)
    ]  # fmt: skip


async def wallet_line(connection: Connection, viewer: Viewer, wallet_id: int) -> WalletLine:
    """Load one wallet. Raises Unknown for those that the viewer may not see."""
    rows = await connection.fetch(f"{SEEN} {ORDER}", viewer.operator_ids, viewer.team_ids, wallet_id, 1)
    if not rows:
        raise Unknown("wallet", wallet_id)
    row = rows[0]
    wallet = Wallet(**{name: row[name] for name in Wallet.__dataclass_fields__})
    return WalletLine(
        wallet=wallet,
        owner=row["owner"] or "",
        payment_method=row["payment_method"] or "source",
        credit_limit_minor=row["credit_limit_minor"] or 0,
        holds=row["holds"],
        contents=(await contents_of(connection, [wallet]))[wallet.id],
    )


async def days_of_money(
    connection: Connection, wallet_id: int, *, start: datetime, zone: str
) -> Mapping[date, DayOfMoney]:
    """Add up what came in and went out per day since `start`. The caller has checked who may see it."""
    rows = await connection.fetch(DAYS, wallet_id, start, zone)
    return {row["day"]: DayOfMoney(**dict(row)) for row in rows}


SEEN = f"""
select w.*, {owner_name("w")} as owner, t.payment_method, t.credit_limit_minor,
  (select count(*) from wallet_transaction h where h.from_wallet_id = w.id and h.state = 'reserved') as holds
from wallet w left join team t on w.owner_type = 'team' and t.id = w.owner_id
where w.operator_id = any($1) and ($3::bigint is null or w.id = $3)
  and (w.owner_type = 'team' and ($2::bigint[] is null or w.owner_id = any($2))
    or w.owner_type = 'operator' and $2::bigint[] is null)
"""
ORDER = "order by w.owner_type, owner, w.currency limit $4"

DAYS = """
select (at at time zone $3)::date as day, coalesce(sum(came), 0)::bigint as in_minor,
  coalesce(sum(went), 0)::bigint as out_minor
from (
  select coalesce(completed_at, created_at) as at, to_amount_minor as came, 0 as went from wallet_transaction
  where to_wallet_id = $1 and state = 'complete' and from_wallet_id is distinct from $1
    and created_at >= $2::timestamptz - interval '8 days'
  union all
  select coalesce(completed_at, created_at), 0, from_amount_minor from wallet_transaction
  where from_wallet_id = $1 and state = 'complete' and to_wallet_id is distinct from $1
    and created_at >= $2::timestamptz - interval '8 days'
) as moved
where at >= $2 group by 1 order by 1
"""
