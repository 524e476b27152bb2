"""The worker's part in orders for many charge points: one step of each order, once a second.

Every step leaves the rows as they then are, so a worker that is killed loses nothing: what a charge point was asked for
is a command row written together with the order's row, and what is written here is written with its row, or can be
written again without harm.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from asyncpg import Record

from wattline.database import commands
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.refusals import Invalid, Refusal
from wattline.operations import audit
from wattline.operations.charge_points import patch_connector
from wattline.operations.fleet_deeds import COMMANDS, IMPORT, CommandDeed
from wattline.operations.fleet_import import RowTools, write_row
from wattline.operations.price_application import Application, apply_price_group

# Asked at the same time: a network is done within minutes, and its gateways have room for everything else.
IN_FLIGHT_MAX = 200
# What a step writes in about a second.
ROWS_PER_STEP = 100
# Nobody else takes an order that somebody works on, unless they died.
CLAIMED_FOR = timedelta(seconds=30)
LOOK_AGAIN = timedelta(seconds=1)
# Some charge points are known to take half a minute to answer; and what waits that long is not sent any more.
ANSWERED_WITHIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What working takes. `random` makes so many bytes that nobody can guess."""

    database: Database
    pepper: bytes
    random: Callable[[int], bytes]


async def step(means: Means, *, now: datetime) -> bool:
    """Bring the order that has waited longest a step further. False when none is due."""
    async with means.database.begin() as tx:
        order = await tx.fetchrow(CLAIM, now, now + CLAIMED_FOR)
    if order is None:
        return False
    command = COMMANDS.get(order["deed"])
    if command is not None:
        await _ask_next(means.database, order, command, now)
    else:
        await _write_next(means, order, now)
    async with means.database.begin() as tx:
        await tx.execute(GO_ON, order["id"], now, now + LOOK_AGAIN)
    return True


async def _ask_next(database: Database, order: Record, deed: CommandDeed, now: datetime) -> None:
    viewer = viewer_of(order)
    async with database.begin() as tx:
        await tx.execute(SETTLE, order["id"], now)
        waiting: int = await tx.fetchval(IN_FLIGHT, order["id"])
        for row in await tx.fetch(NEXT_TO_ASK, order["id"], max(IN_FLIGHT_MAX - waiting, 0)):
            await _ask(tx, order, row, deed, viewer, now)
        # Those without contact have their answer already.
        await tx.execute(SETTLE, order["id"], now)


async def _ask(tx: Transaction, order: Record, row: Record, deed: CommandDeed, viewer: Viewer, now: datetime) -> None:
    if row["operator_id"] is None:
        await tx.execute(DONE, order["id"], row["place"], "gone", None, now)
        return
    command_id = await commands.add(
        tx, charge_point_id=row["charge_point_id"], operator_id=row["operator_id"], action=deed.action,
        payload=deed.payload(order["form"], row["number"]), purpose=deed.purpose, asked_by=viewer.name,
        deadline_at=now + ANSWERED_WITHIN, now=now,
    )  # fmt: skip
    await tx.execute(
        "update fleet_order_row set command_id = $3 where order_id = $1 and place = $2",
        order["id"], row["place"], command_id,
    )  # fmt: skip
    detail = {"command": command_id, "order": order["id"]}
    await audit.note(tx, viewer, deed.purpose, "box", row["charge_point_id"], now=now, detail=detail)


async def _write_next(means: Means, order: Record, now: datetime) -> None:
    tools = RowTools(means.database, means.pepper, means.random, viewer_of(order), now)
    async with means.database.read() as connection:
        rows = await connection.fetch(NEXT_TO_WRITE, order["id"], ROWS_PER_STEP)
    for row in rows:
        try:
            outcome, words = await _write(tools, order, row)
        except Invalid as refusal:
            outcome, words = "refused", refusal.problem
        except Refusal as refusal:
            outcome, words = "refused", str(refusal)
        async with means.database.begin() as tx:
            await tx.execute(DONE, order["id"], row["place"], outcome, words, now)


async def _write(tools: RowTools, order: Record, row: Record) -> tuple[str, str | None]:
    if order["deed"] == IMPORT:
        await write_row(tools, row)
        return "done", row["words"]
    ids = await _connectors_of(tools, row)
    if not ids:
        return "gone", None
    if order["deed"] == "price-group":
        to = Application(connector_ids=ids)
        await apply_price_group(
            tools.database, order["form"]["price_group_id"], to, asked_by=tools.asked_by, now=tools.now
        )
    else:
        for connector_id in ids:
            changes = {"site_id": order["form"]["site_id"]}
            await patch_connector(tools.database, connector_id, changes, asked_by=tools.asked_by, now=tools.now)
    return "done", None


async def _connectors_of(tools: RowTools, row: Record) -> tuple[int, ...]:
    async with tools.database.read() as connection:
        rows = await connection.fetch(
            "select id from connector where deleted_at is null and (charge_point_id = $1 or id = $2) order by id",
            row["charge_point_id"], row["connector_id"],
        )  # fmt: skip
    return tuple(each["id"] for each in rows)


def viewer_of(order: Record) -> Viewer:
    """Be who asked, with what they saw then; whether they may was asked then, too."""
    return Viewer(
        name=order["asked_by"],
        operator_id=order["operator_id"],
        operator_ids=tuple(order["operator_ids"]),
        team_ids=None if order["team_ids"] is None else tuple(order["team_ids"]),
        user_id=order["user_id"],
    )


CLAIM = """
update fleet_order set due_at = $2
where id = (select id from fleet_order where due_at <= $1 order by due_at, id limit 1 for update skip locked)
returning *
"""

SETTLE = """
update fleet_order_row r set outcome = c.outcome, done_at = coalesce(c.answered_at, $2)
from command c where r.order_id = $1 and r.outcome is null and c.id = r.command_id and c.outcome is not null
"""

IN_FLIGHT = "select count(*) from fleet_order_row where order_id = $1 and outcome is null and command_id is not null"

# A charge point that was deleted meanwhile has no operator here.
NEXT_TO_ASK = """
select r.*, b.operator_id from fleet_order_row r
  left join charge_point b on b.id = r.charge_point_id and b.deleted_at is null
where r.order_id = $1 and r.outcome is null and r.command_id is null order by r.place limit $2
"""

NEXT_TO_WRITE = "select * from fleet_order_row where order_id = $1 and outcome is null order by place limit $2"

DONE = """
update fleet_order_row set outcome = $3, words = coalesce($4, words), done_at = $5
where order_id = $1 and place = $2 and outcome is null
"""

# Called off meanwhile, it stays so.
GO_ON = """
update fleet_order o set due_at = case when still then $3::timestamptz end,
  state = case when still then state else 'done' end,
  done_at = case when still then null else $2::timestamptz end
from (select exists (select from fleet_order_row where order_id = $1 and outcome is null) as still) s
where o.id = $1 and o.state = 'running'
"""
