"""What is wrong with which charge point: found again and again, opened once, closed when it has been well a while."""

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec

from wattline.database.connection import Database, Transaction
from wattline.database.rows import rows_text
from wattline.domain.alerts import NO_ENERGY_AFTER, SETTLED_AFTER, SUCCESS_OVER, ProblemKind
from wattline.domain.success_rate import is_low, success_percent


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is wrong at this moment."""

    operator_id: int
    team_id: int
    charge_point_id: int
    connector_id: int
    kind: str
    since: datetime
    detail: Mapping[str, object]


async def look_at_states(database: Database, *, now: datetime) -> None:
    """Find charge points without contact, with a fault, and with a charge whose meter stands still."""
    async with database.begin() as tx:
        rows = await tx.fetch(STATES, now - NO_ENERGY_AFTER)
        found = [Found(**dict(row)) for row in rows]
        kinds = (ProblemKind.DISCONNECTED, ProblemKind.FAULTED, ProblemKind.NO_ENERGY)
        await _note(tx, found, kinds, now=now)


async def look_at_starts(database: Database, *, now: datetime) -> None:
    """Find charge points at which too many starts fail."""
    async with database.begin() as tx:
        rows = await tx.fetch(STARTS, now - SUCCESS_OVER)
        found = [
            Found(
                **{name: row[name] for name in ("operator_id", "team_id", "charge_point_id", "connector_id")},
                kind=ProblemKind.LOW_SUCCESS,
                since=row["since"],
                detail={
                    "tried": row["tried"],
                    "worked": row["worked"],
                    "percent": success_percent(tried=row["tried"], worked=row["worked"]),
                },
            )
            for row in rows
            if is_low(tried=row["tried"], worked=row["worked"])
        ]
        await _note(tx, found, (ProblemKind.LOW_SUCCESS,), now=now)


async def _note(tx: Transaction, found: Collection[Found], kinds: Collection[ProblemKind], *, now: datetime) -> None:
    """Open what is new, and see which of these kinds got better. Two workers at once take turns."""
    await tx.execute("select pg_advisory_xact_lock(hashtext('problems'))")
    await tx.execute(OPEN, rows_text(list(found)), now)
    await tx.execute(BETTER, rows_text(list(found)), [str(kind) for kind in kinds], now)
    await tx.execute(
        "update problem set closed_at = $1 where closed_at is null and better_at <= $2", now, now - SETTLED_AFTER
    )


# One problem of a kind per box; the connector that has it longest stands for it. A box that never called is no problem
# but work to be done, and maintenance is no state of these.
STATES = """
select distinct on (charge_point_id, kind) * from (
  select k.operator_id, k.team_id, k.charge_point_id, k.id as connector_id,
    case l.state when 'error' then 'faulted' else 'disconnected' end as kind,
    case l.state when 'error' then l.state_since else coalesce(b.disconnected_at, l.state_since) end as since,
    jsonb_strip_nulls(jsonb_build_object('connector', k.number,
      'error', case l.state when 'error' then l.error_code end,
      'info', case l.state when 'error' then left(l.error_info, 200) end)) as detail
  from operator o join connector_live l on l.operator_id = o.id and l.state in ('error', 'disconnected')
    join connector k on k.id = l.connector_id and k.deleted_at is null
    join charge_point b on b.id = k.charge_point_id and b.connected_at is not null and b.deleted_at is null
  union all
  select c.operator_id, k.team_id, k.charge_point_id, k.id, 'no-energy', c.started_at,
    jsonb_build_object('connector', k.number, 'charge', c.id, 'chargeNumber', c.human_readable_id)
  from operator o join charge c on c.operator_id = o.id and c.state = 'charging' and c.completed_at is null
    join connector k on k.id = c.connector_id and k.deleted_at is null and k.charge_point_id is not null
  where c.energy_wh = 0 and c.started_at <= $1
) found
order by charge_point_id, kind, since
"""

STARTS = """
select k.operator_id, k.team_id, k.charge_point_id, min(k.id) as connector_id, min(c.created_at) as since,
  count(*)::int as tried, (count(*) filter (where c.energy_wh > 0 and c.failed_at is null))::int as worked
from operator o cross join lateral (
    select connector_id, energy_wh, failed_at, created_at from charge
    where operator_id = o.id and created_at >= $1 and (energy_wh > 0 or failed_at is not null) offset 0) c
  join connector k on k.id = c.connector_id and k.deleted_at is null and k.charge_point_id is not null
group by k.operator_id, k.team_id, k.charge_point_id
"""

FOUND = """
json_to_recordset($1::text::json) as found (operator_id bigint, team_id bigint, charge_point_id bigint,
  connector_id bigint, kind text, since timestamptz, detail jsonb)
"""

# A problem that was thought to be over and is back within minutes is the same one; its beginning stays.
OPEN = f"""
insert into problem (operator_id, team_id, charge_point_id, connector_id, kind, since, noticed_at, detail)
select operator_id, team_id, charge_point_id, connector_id, kind, since, $2, detail from {FOUND}
on conflict (charge_point_id, kind) where closed_at is null do update set better_at = null, team_id = excluded.team_id,
  connector_id = excluded.connector_id, detail = excluded.detail
where problem.better_at is not null or problem.detail <> excluded.detail or problem.team_id <> excluded.team_id
"""

BETTER = f"""
update problem set better_at = $3
where closed_at is null and better_at is null and kind = any($2) and not exists (
  select from {FOUND} where found.charge_point_id = problem.charge_point_id and found.kind = problem.kind)
"""
