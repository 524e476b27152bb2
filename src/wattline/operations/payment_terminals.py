"""Payment terminals beside charge points: which there are, and whom they serve."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.refusals import AlreadyTaken, Invalid, NotReady, Unknown
from wattline.operations import audit

TYPES = ("payter", "nayax", "cpi", "local", "other")
# Whose makers let somebody else say which charge points they serve (Partner API 3.17).
ASSIGNABLE = frozenset({"payter", "nayax", "cpi"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTerminal:
    """A terminal to be added. `serial` is what its maker calls it."""

    team_id: int
    type: str
    serial: str
    name: str


async def add_terminal(database: Database, new: NewTerminal, *, asked_by: Viewer, now: datetime) -> str:
    """Add a terminal; return its id on the wire. Raises Invalid, Unknown and AlreadyTaken."""
    if new.type not in TYPES:
        raise Invalid("type", f"must be one of {', '.join(TYPES)}.")
    if not new.serial.strip() or not new.name.strip():
        raise Invalid("serial", "and name must not be empty.")
    async with database.begin() as tx:
        operator_id = await tx.fetchval("select operator_id from team where id = $1", new.team_id)
        if operator_id is None or not asked_by.sees(operator_id, new.team_id):
            raise Unknown("team", new.team_id)
        terminal_id = await tx.fetchval(
            "insert into payment_terminal (operator_id, team_id, type, serial, name, created_at) "
            "values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning id",
            operator_id, new.team_id, new.type, new.serial.strip(), new.name.strip(), now,
        )  # fmt: skip
        if terminal_id is None:
            raise AlreadyTaken(f"A {new.type} terminal with the serial number {new.serial} is there already.")
        await audit.note(tx, asked_by, "add", "payment-terminal", terminal_id, now=now)
    return f"{new.type}_{terminal_id}"


async def assign_charge_points(
    database: Database, terminal_id: int, charge_point_ids: Sequence[int], *, asked_by: Viewer, now: datetime
) -> None:
    """Say anew which charge points a terminal serves; none is possible. Raises Unknown and NotReady."""
    async with database.begin() as tx:
        row = await tx.fetchrow(
            "select * from payment_terminal where id = $1 and deleted_at is null for update", terminal_id
        )
        if row is None or not asked_by.sees(row["operator_id"], row["team_id"]):
            raise Unknown("payment terminal", terminal_id)
        if row["type"] not in ASSIGNABLE:
            raise NotReady(f"Charge points cannot be assigned to terminals of type {row['type']}.")
        await _must_be_of_team(tx, row["team_id"], charge_point_ids)
        await tx.execute("delete from payment_terminal_connector where payment_terminal_id = $1", terminal_id)
        await tx.execute(
            "insert into payment_terminal_connector select $1, unnest($2::bigint[]) on conflict do nothing",
            terminal_id, list(charge_point_ids),
        )  # fmt: skip
        await tx.execute("update payment_terminal set updated_at = $2 where id = $1", terminal_id, now)
        detail = {"chargePoints": list(charge_point_ids)}
        await audit.note(tx, asked_by, "assign", "payment-terminal", terminal_id, now=now, detail=detail)


async def _must_be_of_team(tx: Transaction, team_id: int, charge_point_ids: Sequence[int]) -> None:
    rows = await tx.fetch(
        "select id from connector where id = any($1) and team_id = $2 and deleted_at is null",
        list(charge_point_ids), team_id,
    )  # fmt: skip
    known = {row["id"] for row in rows}
    for charge_point_id in charge_point_ids:
        if charge_point_id not in known:
            raise Unknown("charge point", charge_point_id)
