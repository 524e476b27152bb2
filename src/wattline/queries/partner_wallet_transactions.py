"""Transactions of wallets as the Partner API tells of them: found through the wallets they touch, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.paging import CHARGES_MAX, Conditions, Found, Window
from wattline.queries.partner_wallets import must_see_operator, must_see_team

BY_IDS = """
select t.*, fx.name as from_currency_name, fx.decimals as from_currency_decimals,
  tx.name as to_currency_name, tx.decimals as to_currency_decimals,
  fo.name as from_operator_name, fo.identifier as from_operator_identifier, fo.vat_number as from_operator_vat_number,
  oo.name as to_operator_name, oo.identifier as to_operator_identifier, oo.vat_number as to_operator_vat_number,
  ft.name as from_team_name, tt.name as to_team_name
from wallet_transaction t
  left join currency fx on fx.identifier = upper(t.from_currency)
  left join currency tx on tx.identifier = upper(t.to_currency)
  left join operator fo on fo.id = t.from_operator_id
  left join operator oo on oo.id = t.to_operator_id
  left join team ft on ft.id = t.from_team_id
  left join team tt on tt.id = t.to_team_id
where t.id = any($1)
"""

# What most rows of a busy wallet are not has indexes of its own: the few are not looked for among millions.
RARE = "(t.\"group\" <> 'charge' or t.reference_type <> 'CHARGE' or t.state <> 'complete')"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionFilter:
    """Which transactions somebody wants; None means any. Dates are closed below and open above.

    Without a team they are the operators' own; those of one thing (`reference_id`, or the `transfer_id` that an
    adjustment was asked for with) are all that the viewer sees.
    """

    operator_id: int | None = None
    team_id: int | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    reference_id: str | None = None
    transfer_id: UUID | None = None
    reference_type: str | None = None
    state: str | None = None
    group: str | None = None

    @property
    def about_one_thing(self) -> bool:
        """Tell whether few rows can fit, which are found by what they are about."""
        return self.reference_id is not None or self.transfer_id is not None


async def transactions_by_ids(connection: Connection, ids: Sequence[int]) -> list[Record]:
    """Return what the shape of a transaction is made of, in the order of the ids."""
    rows = {row["id"]: row for row in await connection.fetch(BY_IDS, ids)}
    return [rows[one] for one in ids if one in rows]


async def transaction_by_id(connection: Connection, transaction_id: int, *, viewer: Viewer) -> Record:
    """Return one transaction from or to a wallet that the viewer sees. Raises Unknown."""
    rows = await transactions_by_ids(connection, [transaction_id])
    if not rows or not (_sees(viewer, rows[0], "from") or _sees(viewer, rows[0], "to")):
        raise Unknown("transaction", transaction_id)
    return rows[0]


async def find_transactions(
    connection: Connection, wanted: TransactionFilter, window: Window, *, viewer: Viewer
) -> Found:
    """Find a page of transactions, newest first; at most 20,000 are counted and shown. Raises Unknown."""
    await _must_see(connection, wanted, viewer)
    conditions = Conditions()
    wallets = _wallets(conditions, wanted, viewer)
    _add_filters(conditions, wanted)
    purse = f"with purse as materialized (select id from wallet w where {wallets})"
    newest_first = "order by t.created_at desc, t.id desc limit"
    counted = _source(wanted, conditions.where, order=f"{newest_first} {CHARGES_MAX}")
    # What moved between two of the wallets stands at both: twice as many rows are surely enough to count from.
    total: int = await connection.fetchval(
        f"""{purse} select least(count(distinct id), {CHARGES_MAX})
            from (select id from ({counted}) as every limit {2 * CHARGES_MAX}) as bounded""",
        *conditions.values,
    )
    if window.offset >= total:
        return Found([], total)
    # The newest of all wallets are among the newest of each: no wallet is read further than the page reaches.
    reach, limit = window.offset + window.per_page, min(window.per_page, total - window.offset)
    order = f"{newest_first} {conditions.bind(reach)}"
    rows = await connection.fetch(
        f"""{purse} select distinct created_at, id from ({_source(wanted, conditions.where, order=order)}) as newest
            order by created_at desc, id desc offset {conditions.bind(window.offset)} limit {conditions.bind(limit)}""",
        *conditions.values,
    )
    return Found([row["id"] for row in rows], total)


async def _must_see(connection: Connection, wanted: TransactionFilter, viewer: Viewer) -> None:
    if wanted.team_id is not None:
        await must_see_team(connection, wanted.team_id, operator_id=wanted.operator_id, viewer=viewer)
    elif wanted.operator_id is not None:
        must_see_operator(wanted.operator_id, viewer=viewer)


def _wallets(conditions: Conditions, wanted: TransactionFilter, viewer: Viewer) -> str:
    """Write whose wallets are looked at."""
    operators = conditions.bind([one for one in viewer.operator_ids if wanted.operator_id in (None, one)])
    mine = f"w.operator_id = any({operators}::bigint[])"
    if wanted.team_id is not None:
        return f"{mine} and w.owner_type = 'team' and w.owner_id = {conditions.bind(wanted.team_id)}"
    if viewer.team_ids is not None:
        return f"{mine} and w.owner_type = 'team' and w.owner_id = any({conditions.bind(list(viewer.team_ids))})"
    return mine if wanted.about_one_thing else f"{mine} and w.owner_type = 'operator'"


def _source(wanted: TransactionFilter, where: str, *, order: str) -> str:
    """Write the query over what is found, each wallet in an order of its own."""
    if wanted.about_one_thing:
        return f"""(select t.id, t.created_at from wallet_transaction t where {where}
          and (t.from_wallet_id in (select id from purse) or t.to_wallet_id in (select id from purse)) {order})"""
    return " union all ".join(
        f"""(select f.id, f.created_at from purse cross join lateral (
              select t.id, t.created_at from wallet_transaction t where t.{side}_wallet_id = purse.id and {where}
              {order}) as f)"""
        for side in ("from", "to")
    )


def _add_filters(conditions: Conditions, wanted: TransactionFilter) -> None:
    plain = {
        "t.created_at >= {}": wanted.created_from,
        "t.created_at < {}": wanted.created_to,
        "t.reference_id = {}": wanted.reference_id,
        "t.transfer_id = {}": wanted.transfer_id,
        "t.reference_type = {}": wanted.reference_type,
        "t.state = {}": wanted.state,
        't."group" = {}': wanted.group,
    }
    for text, value in plain.items():
        if value is not None:
            conditions.add(text, value)
    wants_rare = (
        wanted.group not in (None, "charge")
        or wanted.reference_type not in (None, "CHARGE")
        or wanted.state not in (None, "complete")
    )
    if wants_rare and not wanted.about_one_thing:
        conditions.add(RARE)


def _sees(viewer: Viewer, row: Record, side: str) -> bool:
    if row[f"{side}_operator_id"] not in viewer.operator_ids:
        return False
    return viewer.team_ids is None or row[f"{side}_team_id"] in viewer.team_ids
