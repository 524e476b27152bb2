"""What is known around a charge, or around a connector where none begins: the facts for domain/causes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from wattline.database.connection import Connection
from wattline.domain.causes.facts import Asked, Charge, Facts, Line, Place, Power, Price
from wattline.queries.portal_charge import ChargeMove, ChargePage
from wattline.queries.portal_power import PowerPoint

# The log this long before and after a charge belongs to its story.
AROUND = timedelta(minutes=10)
# How long ago somebody tried in vain, when they ask now.
LATELY = timedelta(hours=24)
LINES_MAX = 300
# Charges to compare a slow one with.
COMPARED = 5


async def facts_of_charge(
    connection: Connection, charge: ChargePage, moves: Sequence[ChargeMove], points: Sequence[PowerPoint], now: datetime
) -> Facts:
    """Gather what is known of a charge. The caller has checked who may see it; the log is for the owner's eyes only."""
    start, end = charge.created_at - AROUND, (charge.stopped_at or now) + AROUND
    seen = charge.box_id if charge.own else None
    return Facts(
        now=now,
        place=await _place(connection, charge.connector_id),
        charge=_charge(charge, moves, await _neighbours(connection, charge, now)),
        lines=await _lines(connection, seen, charge.connector_number, start, end),
        asked=await _asked(connection, charge.id, seen, start, end),
        power=[Power(at=point.at, watts=point.power_w) for point in points],
        price=await _price(connection, charge),
    )


async def facts_of_place(
    connection: Connection, connector_id: int, box_id: int, number: int | None, now: datetime
) -> Facts:
    """Gather what is known of a connector. The caller has checked who may see it."""
    return Facts(
        now=now,
        place=await _place(connection, connector_id),
        lines=await _lines(connection, box_id, number, now - LATELY, now),
        asked=await _asked(connection, 0, box_id, now - LATELY, now),
    )


async def best_of_others(connection: Connection, connector_id: int, charge_id: int) -> tuple[int | None, int]:
    """Return the most power that the charges before drew at a connector, in watts, and how many these were."""
    row = await connection.fetchrow(BEST, connector_id, charge_id, COMPARED)
    return (row["best_w"], row["earlier"]) if row else (None, 0)


def _charge(charge: ChargePage, moves: Sequence[ChargeMove], neighbours: int) -> Charge:
    return Charge(
        state=charge.state,
        raw_state=charge.raw_state,
        by_key=charge.key_tail is not None,
        created_at=charge.created_at,
        started_at=charge.started_at,
        cable_in_at=charge.cable_plugged_in_at,
        stop_asked_at=charge.stop_asked_at,
        stopped_at=charge.stopped_at,
        released_at=charge.released_at,
        failed_at=charge.failed_at,
        failure_code=charge.failure_code or "",
        failure_words=charge.failure_reason or "",
        stop_reason=(charge.stop_reason or "").removeprefix("ChargePoint"),
        forced_at=charge.forced_at,
        forced_by=charge.forced_by or "",
        force_reason=charge.force_reason or "",
        energy_wh=charge.energy_wh,
        meter_start_wh=charge.meter_start_wh,
        meter_last_wh=charge.meter_last_wh,
        soc_percent=_float(charge.soc_percent),
        soc_limit_percent=_float(charge.soc_limit_percent),
        moves=[(move.at, move.cause) for move in moves],
        neighbours=neighbours,
    )


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


async def _place(connection: Connection, connector_id: int) -> Place:
    row = await connection.fetchrow(PLACE, connector_id)
    return Place(**dict(row)) if row else Place()


async def _neighbours(connection: Connection, charge: ChargePage, now: datetime) -> int:
    if charge.started_at is None:
        return 0
    end = charge.stopped_at or now
    return int(await connection.fetchval(NEIGHBOURS, charge.connector_id, charge.id, charge.started_at, end) or 0)


async def _lines(
    connection: Connection, box_id: int | None, number: int | None, start: datetime, end: datetime
) -> list[Line]:
    if box_id is None:
        return []
    rows = await connection.fetch(LINES, box_id, number, start, end, LINES_MAX)
    return [Line(at=row["at"], kind=row["kind"], detail=row["detail"]) for row in reversed(rows)]


async def _asked(
    connection: Connection, charge_id: int, box_id: int | None, start: datetime, end: datetime
) -> list[Asked]:
    rows = await connection.fetch(ASKED, charge_id, box_id, start, end)
    return [
        Asked(at=row["at"], action=row["action"], outcome=row["outcome"], status=_status(row["answer"])) for row in rows
    ]


def _status(answer: Mapping[str, Any] | None) -> str:
    status = (answer or {}).get("status")
    return status if isinstance(status, str) else ""


async def _price(connection: Connection, charge: ChargePage) -> Price | None:
    row = await connection.fetchrow(PRICE, charge.id)
    if row is None:
        return None
    return Price(**dict(row) | {"changed_by": row["changed_by"] if charge.own else ""})


PLACE = """
select coalesce(b.connected, false) as connected, b.disconnected_at as contact_lost_at, l.ocpp_status as status,
  l.status_at, l.error_code, coalesce(l.cable_plugged_in, false) as cable_in, k.maintenance_at is null as in_service,
  k.max_power_w as power_w_max, coalesce(k.current_kind = 'dc', false) as direct_current,
  l.charge_id is not null as has_charge
from connector k left join charge_point b on b.id = k.charge_point_id
  left join connector_live l on l.connector_id = k.id
where k.id = $1
"""

# Those that share a grid connection with it, as far as we know: the same charge point or site.
NEIGHBOURS = """
select count(*) from connector k
  join connector n on n.id <> k.id and n.operator_id = k.operator_id and n.deleted_at is null
    and (n.charge_point_id = k.charge_point_id or n.site_id = k.site_id)
  join charge c on c.connector_id = n.id
    and c.created_at between $3::timestamptz - interval '2 days' and $4::timestamptz
where k.id = $1 and c.id <> $2 and c.started_at < $4 and (c.stopped_at is null or c.stopped_at > $3)
"""

LINES = """
select at, kind, detail from log_line
where charge_point_id = $1 and at between $3 and $4
  and ($2::int is null or connector_number is null or connector_number in (0, $2))
order by at desc, id desc limit $5
"""

ASKED = """
select coalesce(sent_at, created_at) as at, action, outcome, answer, id from command where charge_id = $1
union
select coalesce(sent_at, created_at), action, outcome, answer, id from command
where charge_point_id = $2 and charge_id is null and created_at between $3 and $4
  and action in ('SetChargingProfile', 'UnlockConnector', 'Reset')
order by id
"""

PRICE = """
select coalesce(p.terms ->> 'name', '') as group, coalesce(p.terms ->> 'chosen_by', '') as chosen_by, p.owed_minor,
  h.at as changed_at, coalesce(h.who, '') as changed_by
from charge_payment p
left join lateral (
  select at, who from price_history where entity_type = 'price-group'
    and entity_id = (p.terms ->> 'price_group_id')::bigint order by id desc limit 1
) h on true
where p.charge_id = $1 and p.terms is not null
"""

BEST = """
select max(r.power_w) as best_w, count(distinct r.charge_id)::int as earlier from reading r
where r.charge_id in (select id from charge where connector_id = $1 and id <> $2 and energy_wh > 0
  order by created_at desc, id desc limit $3) and r.power_w is not null
"""
