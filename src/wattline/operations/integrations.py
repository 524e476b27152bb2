"""Binding charge points to hardware: a box with its identity and password, and which of its sockets is meant."""

from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database import outbox
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.facts import ConnectorChanged
from wattline.domain.identity import checked_identity
from wattline.domain.refusals import AlreadyTaken, Unknown
from wattline.operations import audit, connector_states
from wattline.operations.box_rows import find_box, identity_taken, insert_box, must_know_model
from wattline.operations.charge_points import (
    forget_empty_box,
    lock_connector,
    must_be_free,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrated:
    """A charge point was bound. `new_box` tells that the password given is now the box's, to be shown once."""

    integration_id: int
    charge_point_id: int
    new_box: bool


async def integrate_connector(
    database: Database,
    connector_id: int,
    *,
    identity: str,
    number: int,
    model_id: int | None = None,
    password: str,
    auto_connect: bool = True,
    pepper: bytes,
    asked_by: Viewer,
    now: datetime,
) -> Integrated:
    """Bind a charge point to socket `number` of the box with this identity; the box is made when it is new.

    `password` becomes that of a new box; a box we know keeps its own. Binding the same again changes nothing but the
    model. Raises AlreadyTaken when another team has the identity or another charge point has the socket, and
    ConnectorBusy when the charge point moves to other hardware while it charges.
    """
    identity = checked_identity(identity, field="serialNumber")
    async with database.begin() as tx:
        connector = await lock_connector(tx, connector_id, asked_by=asked_by)
        await must_know_model(tx, model_id)
        box = await find_box(tx, identity)
        if box is not None and (box["operator_id"], box["team_id"]) != (connector["operator_id"], connector["team_id"]):
            raise await identity_taken(tx, box, asked_by)
        box_id: int = (
            box["id"]
            if box is not None
            else await insert_box(
                tx, identity, password, connector["operator_id"], connector["team_id"], model_id, False, pepper, now
            )
        )
        integration_id = await bind(tx, connector, box_id, identity, number, auto_connect, asked_by, now)
        if model_id is not None:
            await tx.execute("update connector set model_id = $2 where id = $1", connector_id, model_id)
    return Integrated(integration_id=integration_id, charge_point_id=box_id, new_box=box is None)


async def delete_integration(database: Database, integration_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Unbind a charge point from its hardware; it is passive again. Refused while a charge runs."""
    async with database.begin() as tx:
        connector_id = await tx.fetchval(
            "select connector_id from integration where id = $1 and deleted_at is null", integration_id
        )
        if connector_id is None:
            raise Unknown("integration", integration_id)
        try:
            connector = await lock_connector(tx, connector_id, asked_by=asked_by)
        except Unknown:
            raise Unknown("integration", integration_id) from None
        await must_be_free(tx, connector_id)
        await _unbind(tx, connector, now)
        await _bound_differently(tx, connector, "delete-integration", asked_by, now)


async def bind(
    tx: Transaction,
    connector: Record,
    box_id: int,
    identity: str,
    number: int,
    auto_connect: bool,
    asked_by: Viewer,
    now: datetime,
) -> int:
    """Bind a locked charge point to socket `number` of a box and return the integration's id. Raises AlreadyTaken."""
    current = await tx.fetchrow(
        "select * from integration where connector_id = $1 and deleted_at is null", connector["id"]
    )
    if current is not None and (current["charge_point_id"], current["number"]) == (box_id, number):
        integration_id: int = current["id"]
        return integration_id
    if current is not None:
        await must_be_free(tx, connector["id"])
        await _unbind(tx, connector, now)
    other = await tx.fetchval(
        "select id from connector where charge_point_id = $1 and number = $2 and deleted_at is null", box_id, number
    )
    if other is not None:
        raise AlreadyTaken(f"Connector {number} of {identity} belongs to charge point {other} already.")
    await tx.execute(
        "update connector set charge_point_id = $2, number = $3 where id = $1", connector["id"], box_id, number
    )
    new_id: int = await tx.fetchval(
        """insert into integration (operator_id, connector_id, charge_point_id, number, serial_number, auto_connect,
             active_at, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $7, $7) returning id""",
        connector["operator_id"], connector["id"], box_id, number, identity, auto_connect, now,
    )  # fmt: skip
    await _bound_differently(tx, connector, "integrate", asked_by, now)
    return new_id


async def _unbind(tx: Transaction, connector: Record, now: datetime) -> None:
    await tx.execute(
        "update integration set deleted_at = $2, updated_at = $2 where connector_id = $1 and deleted_at is null",
        connector["id"], now,
    )  # fmt: skip
    await tx.execute("update connector set charge_point_id = null, number = null where id = $1", connector["id"])
    await forget_empty_box(tx, connector["charge_point_id"], now=now)


async def _bound_differently(tx: Transaction, connector: Record, deed: str, asked_by: Viewer, now: datetime) -> None:
    await tx.execute("update connector set updated_at = $2 where id = $1", connector["id"], now)
    facts = list(await connector_states.refresh(tx, [connector["id"]], now=now))
    facts.append(
        ConnectorChanged(
            entity_id=connector["id"], operator_ids=(connector["operator_id"],), team_ids=(connector["team_id"],)
        )
    )
    await outbox.add(tx, facts, now=now)
    await audit.note(tx, asked_by, deed, "charge-point", connector["id"], now=now)
