"""Binding charge points to hardware: a box with its identity and password, and which of its sockets is meant."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from asyncpg import Record

from wattline.database import outbox
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.facts import ConnectorChanged
from wattline.domain.identity import checked_identity, identity_key
from wattline.domain.refusals import AlreadyTaken, Invalid, Unknown
from wattline.operations import audit, connector_states
from wattline.operations.charge_points import (
    NewConnector,
    add_connector,
    forget_empty_box,
    lock_connector,
    must_be_free,
)
from wattline.operations.secrets import box_password_hmac
from wattline.operations.teams import must_know_team


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBox:
    """Hardware with all its sockets: one NewConnector each, numbered from 1. All belong to one team."""

    identity: str
    password: str
    connectors: Sequence[NewConnector] = field(default_factory=tuple)
    model_id: int | None = None
    emulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedBox:
    """What became of a NewBox. `connector_ids` in the order of their numbers."""

    id: int
    identity: str
    password: str
    connector_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrated:
    """A charge point was bound. `new_box` tells that the password given is now the box's, to be shown once."""

    integration_id: int
    charge_point_id: int
    new_box: bool


async def create_boxes(
    database: Database, boxes: Sequence[NewBox], *, pepper: bytes, asked_by: Viewer, now: datetime
) -> list[CreatedBox]:
    """Make boxes with their charge points, all or none. Raises AlreadyTaken when an identity is in use."""
    async with database.begin() as tx:
        return [await _create_box(tx, box, pepper, asked_by, now) for box in boxes]


async def create_box_with_connectors(
    database: Database, box: NewBox, *, pepper: bytes, asked_by: Viewer, now: datetime
) -> CreatedBox:
    """Make one box with its charge points. Raises AlreadyTaken when the identity is in use."""
    (created,) = await create_boxes(database, [box], pepper=pepper, asked_by=asked_by, now=now)
    return created


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


async def renew_box_password(
    database: Database, charge_point_id: int, *, password: str, pepper: bytes, asked_by: Viewer, now: datetime
) -> None:
    """Give a box another password, for instance when the first was lost. Its open connection stays."""
    async with database.begin() as tx:
        box = await tx.fetchrow(
            "select * from charge_point where id = $1 and deleted_at is null for update", charge_point_id
        )
        if box is None or not asked_by.sees(box["operator_id"], box["team_id"]):
            raise Unknown("charge point", charge_point_id)
        await tx.execute(
            "update charge_point set password_hmac = $2, updated_at = $3 where id = $1",
            charge_point_id, box_password_hmac(password.encode(), pepper), now,
        )  # fmt: skip
        await audit.note(tx, asked_by, "renew-password", "box", charge_point_id, now=now)


async def _create_box(tx: Transaction, box: NewBox, pepper: bytes, asked_by: Viewer, now: datetime) -> CreatedBox:
    identity = checked_identity(box.identity, field="identity")
    team_ids = {connector.team_id for connector in box.connectors}
    if len(team_ids) != 1:
        raise Invalid("connectors", "must be at least one, and all of one team.")
    (team_id,) = team_ids
    operator_id = await must_know_team(tx, team_id, asked_by=asked_by)
    await must_know_model(tx, box.model_id)
    taken = await find_box(tx, identity)
    if taken is not None:
        raise await identity_taken(tx, taken, asked_by)
    box_id = await insert_box(tx, identity, box.password, operator_id, team_id, box.model_id, box.emulated, pepper, now)
    connector_ids = [await add_connector(tx, connector, asked_by=asked_by, now=now) for connector in box.connectors]
    for number, connector_id in enumerate(connector_ids, start=1):
        connector = await lock_connector(tx, connector_id, asked_by=asked_by)
        await bind(tx, connector, box_id, identity, number, True, asked_by, now)
    return CreatedBox(id=box_id, identity=identity, password=box.password, connector_ids=tuple(connector_ids))


async def find_box(tx: Transaction, identity: str) -> Record | None:
    """Lock the box that has this identity, whoever owns it; None when nobody has it."""
    return await tx.fetchrow(
        "select * from charge_point where identity_key = $1 and deleted_at is null for update", identity_key(identity)
    )


async def insert_box(
    tx: Transaction,
    identity: str,
    password: str,
    operator_id: int,
    team_id: int,
    model_id: int | None,
    emulated: bool,
    pepper: bytes,
    now: datetime,
) -> int:
    """Make a box without connectors and return its id. Raises AlreadyTaken when somebody else was faster."""
    box_id: int | None = await tx.fetchval(
        """insert into charge_point (operator_id, team_id, identity, identity_key, password_hmac, model_id, emulated,
             created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
           on conflict (identity_key) where deleted_at is null do nothing returning id""",
        operator_id, team_id, identity, identity_key(identity), box_password_hmac(password.encode(), pepper),
        model_id, emulated, now,
    )  # fmt: skip
    if box_id is None:
        raise AlreadyTaken(f"The identity {identity} was taken a moment ago.")
    return box_id


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


async def must_know_model(tx: Transaction, model_id: int | None) -> None:
    """Raise Unknown for a model that is not in the catalogue; None is no model."""
    if model_id is not None and not await tx.fetchval("select exists (select from model where id = $1)", model_id):
        raise Unknown("charge point model", model_id)


async def identity_taken(tx: Transaction, box: Record, asked_by: Viewer) -> AlreadyTaken:
    """Say that an identity is in use: by whom, only to those who may see that team."""
    if not asked_by.sees(box["operator_id"], box["team_id"]):
        return AlreadyTaken("This serial number is in use by another team.")
    team_name = await tx.fetchval("select name from team where id = $1", box["team_id"])
    return AlreadyTaken(f"This serial number is in use by: {team_name}.")
