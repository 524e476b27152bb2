"""Charge points that are stuck are restarted by themselves, where their operator wants that."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from asyncpg import Record

from wattline.database import commands, outbox
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Place, Right, Viewer, must
from wattline.domain.log_lines import LogLine
from wattline.domain.self_heal import STUCK_AFTER, TRIES_COUNTED, Patient, why_restart
from wattline.operations import audit, logs

# A box that is not reached within this time is not restarted later, when somebody may be charging.
SENT_WITHIN = timedelta(minutes=1)
AT_ONCE = 50
LOG_KIND = "SelfHeal"


async def set_self_heal(database: Database, operator_id: int, *, wanted: bool, asked_by: Viewer, now: datetime) -> None:
    """Switch restarts on or off for an operator's charge points."""
    must(asked_by, Right.MANAGE_OPERATOR, Place(operator_id))
    async with database.begin() as tx:
        await tx.execute(
            """insert into health_rules (operator_id, self_heal, updated_at) values ($1, $2, $3)
               on conflict (operator_id) do update set self_heal = $2, updated_at = $3""",
            operator_id, wanted, now,
        )  # fmt: skip
        await audit.note(tx, asked_by, "self-heal", "operator", operator_id, now=now, detail={"on": wanted})


async def heal(database: Database, *, now: datetime) -> list[int]:
    """Restart the boxes that need it; return their ids. Each try is a row and a line of the box's log."""
    async with database.begin() as tx:
        rows = await tx.fetch(CANDIDATES, now - STUCK_AFTER, now - TRIES_COUNTED, AT_ONCE)
        healed = []
        for row in rows:
            because = why_restart(_patient(row), now=now)
            if because is not None:
                await _restart(tx, row, because, now=now)
                healed.append(row["id"])
        return healed


async def _restart(tx: Transaction, row: Record, because: str, *, now: datetime) -> None:
    command_id = await commands.add(
        tx, charge_point_id=row["id"], operator_id=row["operator_id"], action="Reset", payload={"type": "Hard"},
        purpose="self-heal", asked_by="self-heal", deadline_at=now + SENT_WITHIN, now=now,
    )  # fmt: skip
    await tx.execute(
        """insert into self_heal_attempt (operator_id, charge_point_id, at, because, command_id)
           values ($1, $2, $3, $4, $5)""",
        row["operator_id"], row["id"], now, because, command_id,
    )  # fmt: skip
    line = LogLine(
        operator_id=row["operator_id"],
        charge_point_id=row["id"],
        kind=LOG_KIND,
        at=now,
        detail={"because": because, "try": len(row["tried_at"]) + 1},
    )
    await outbox.add(tx, await logs.write(tx, [line]), now=now)


def _patient(row: Record) -> Patient:
    return Patient(
        connected=row["connected"],
        switched_on=True,
        charging=row["charging"],
        out_of_service_by_people=row["by_people"],
        box_status=row["status"],
        box_status_at=row["status_at"],
        connector_statuses=_statuses(row),
        last_heard_at=row["last_heard_at"],
        tried_at=row["tried_at"],
    )


def _statuses(row: Record) -> Sequence[tuple[str | None, datetime | None]]:
    return list(zip(row["statuses"], row["status_ats"], strict=True))


# Boxes are locked in the order of their ids, as connections.py does. A repeated status is no new one: how long a fault
# has lasted is told by the connectors' states, which only change when something changed.
CANDIDATES = """
select b.id, b.operator_id, b.connected, b.status, b.last_heard_at,
  case b.status when 'Faulted' then coalesce((select max(l.state_since) from connector k
    join connector_live l on l.connector_id = k.id where k.charge_point_id = b.id and l.state = 'error'), b.status_at)
    else b.status_at end as status_at,
  exists (select from charge c join connector k on k.id = c.connector_id
    where k.charge_point_id = b.id and c.completed_at is null and c.stopped_at is null)
    or exists (select from connector k join connector_live l on l.connector_id = k.id
      where k.charge_point_id = b.id and k.deleted_at is null
        and l.ocpp_status in ('Charging', 'SuspendedEV', 'SuspendedEVSE', 'Preparing')) as charging,
  exists (select from connector k where k.charge_point_id = b.id and k.deleted_at is null
      and k.maintenance_at is not null)
    or coalesce((select m.payload ->> 'type' = 'Inoperative' from command m where m.charge_point_id = b.id
      and m.action = 'ChangeAvailability' and m.outcome = 'accepted' order by m.id desc limit 1), false) as by_people,
  array(select l.ocpp_status from connector k join connector_live l on l.connector_id = k.id
    where k.charge_point_id = b.id and k.deleted_at is null order by k.number) as statuses,
  array(select l.state_since from connector k join connector_live l on l.connector_id = k.id
    where k.charge_point_id = b.id and k.deleted_at is null order by k.number) as status_ats,
  array(select a.at from self_heal_attempt a where a.charge_point_id = b.id and a.at >= $2 order by a.at) as tried_at
from health_rules r join charge_point b on b.operator_id = r.operator_id
where r.self_heal and b.connected and b.deleted_at is null
  and (b.last_heard_at <= $1 or b.status in ('Faulted', 'Unavailable') or exists (
    select from connector k join connector_live l on l.connector_id = k.id
    where k.charge_point_id = b.id and k.deleted_at is null and l.ocpp_status in ('Faulted', 'Unavailable')))
  and not exists (select from self_heal_attempt a where a.charge_point_id = b.id and a.at > $1)
order by b.id limit $3
for no key update of b skip locked
"""
