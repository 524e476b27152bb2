"""Charge points from a file: what each row would do, found out for all of them at once, and then done row by row."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Right, Viewer, must
from wattline.domain.fleet_file import FleetFile
from wattline.domain.refusals import Invalid, Unknown
from wattline.operations.box_rows import find_box, identity_taken, insert_box
from wattline.operations.charge_points import NewConnector, add_connector, lock_connector, patch_connector
from wattline.operations.fleet_deeds import IMPORT
from wattline.operations.fleet_orders import insert_order
from wattline.operations.fleet_plans import Known, plan_row
from wattline.operations.integrations import bind
from wattline.operations.secrets import BOX_PASSWORD_BYTES, NONCE_BYTES, box_password, seal


@dataclass(frozen=True, slots=True)
class RowTools:
    """What writing a row takes. `random` makes so many bytes that nobody can guess."""

    database: Database
    pepper: bytes
    random: Callable[[int], bytes]
    asked_by: Viewer
    now: datetime


async def draft_import(database: Database, file: FleetFile, *, asked_by: Viewer, now: datetime) -> int:
    """Keep a file with what each of its rows would do, and change nothing yet; return the order's id.

    Raises NotAllowed, TooManyOrders, and Invalid for a file without rows.
    """
    must(asked_by, Right.SET_UP_CHARGE_POINTS)
    if not file.rows and not file.problems:
        raise Invalid("file", "has no rows below its first line.")
    async with database.begin() as tx:
        known = await Known.of(tx, file.rows, asked_by)
        planned = [plan_row(row, known) for row in file.rows]
        wrong = [
            {"place": each.line, "name": each.value or f"Line {each.line}", "plan": "problem", "words": each.problem,
             "outcome": "left-out"}
            for each in file.problems
        ]  # fmt: skip
        rows = [*planned, *wrong]
        return await insert_order(tx, IMPORT, {"unread": file.unread}, rows, state="draft", asked_by=asked_by, now=now)


async def write_row(tools: RowTools, row: Record) -> None:
    """Do what a row of a file was said to do. Raises every refusal of the verbs it calls.

    A row is made in the transaction that marks it as done, so nothing is made twice.
    """
    data: dict[str, Any] = row["data"]
    if row["plan"] == "update":
        changes = dict(data)
        if "active" in changes:
            changes["active_at"] = tools.now if changes.pop("active") else None
        await patch_connector(tools.database, row["connector_id"], changes, asked_by=tools.asked_by, now=tools.now)
        return
    async with tools.database.begin() as tx:
        # Whoever else works on this order finds it done.
        if await tx.fetchval(WAITS, row["order_id"], row["place"]) is None:
            return
        connector_id = await add_connector(tx, NewConnector(**data), asked_by=tools.asked_by, now=tools.now)
        box_id, sealed = await _bind(tools, tx, row, connector_id)
        await tx.execute(MADE, row["order_id"], row["place"], box_id, connector_id, sealed, tools.now)


async def _bind(tools: RowTools, tx: Transaction, row: Record, connector_id: int) -> tuple[int | None, bytes | None]:
    """Bind to the box of the row's identity; a new one has a password, which comes back sealed."""
    if row["identity"] is None:
        return None, None
    connector = await lock_connector(tx, connector_id, asked_by=tools.asked_by)
    owner = (connector["operator_id"], connector["team_id"])
    box = await find_box(tx, row["identity"])
    if box is not None and (box["operator_id"], box["team_id"]) != owner:
        raise await identity_taken(tx, box, tools.asked_by)
    sealed, box_id = None, box["id"] if box is not None else None
    if box_id is None:
        password = box_password(tools.random(BOX_PASSWORD_BYTES))
        sealed = seal(password, pepper=tools.pepper, nonce=tools.random(NONCE_BYTES))
        box_id = await insert_box(tx, row["identity"], password, *owner, None, False, tools.pepper, tools.now)
    await bind(tx, connector, box_id, row["identity"], row["number"] or 1, True, tools.asked_by, tools.now)
    return box_id, sealed


async def take_passwords(database: Database, order_id: int, *, asked_by: Viewer) -> list[tuple[str, str, bytes]]:
    """Hand out name, identity and sealed password of the charge points that a file made; each is there only once.

    Raises Unknown for files of others, also of colleagues.
    """
    must(asked_by, Right.SET_UP_CHARGE_POINTS)
    async with database.begin() as tx:
        mine = await tx.fetchval(MINE, order_id, asked_by.user_id, list(asked_by.operator_ids))
        if mine is None:
            raise Unknown("bulk action", order_id)
        rows = await tx.fetch(TAKE, order_id)
        await tx.execute("update fleet_order_row set password_sealed = null where order_id = $1", order_id)
    return [(row["name"], row["identity"], row["password_sealed"]) for row in rows]


WAITS = "select place from fleet_order_row where order_id = $1 and place = $2 and outcome is null for update"
MADE = """
update fleet_order_row set outcome = 'done', done_at = $6, charge_point_id = $3, connector_id = $4, password_sealed = $5
where order_id = $1 and place = $2
"""
MINE = (
    "select id from fleet_order where id = $1 and user_id = $2 and operator_id = any($3) and deed = 'import' for update"
)
TAKE = """
select name, identity, password_sealed from fleet_order_row
where order_id = $1 and password_sealed is not null order by place
"""
