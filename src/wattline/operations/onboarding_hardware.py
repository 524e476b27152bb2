"""The hardware behind a new charge point: made, and corrected as long as nothing has called."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from asyncpg import Record

from wattline.database import outbox
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.facts import ConnectorDeleted
from wattline.domain.identity import checked_identity, identity_key
from wattline.domain.naming import connector_name, name_of_box
from wattline.domain.refusals import Invalid, NotReady
from wattline.operations import audit
from wattline.operations.box_rows import find_box, identity_taken, insert_box, must_know_model
from wattline.operations.charge_points import NewConnector, add_connector, note_changed
from wattline.operations.integrations import bind
from wattline.operations.onboarding import lock_whole

# The largest cabinets we know of feed this many outlets through one OCPP identity.
CONNECTORS_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """What stands there: the name it will call with, its model, and how many cars it can serve at once."""

    identity: str
    model_id: int
    connectors: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """The box behind the charge point. `new` tells that the password given is now the box's, to be shown once."""

    charge_point_id: int
    new: bool


async def set_hardware(
    database: Database,
    connector_id: int,
    hardware: Hardware,
    *,
    password: str,
    pepper: bytes,
    asked_by: Viewer,
    now: datetime,
) -> SetUp:
    """Say what stands there, or correct it. `password` becomes that of a new box; one that is there keeps its own.

    Raises AlreadyTaken when the identity is in use, and NotReady for what cannot change any more once the box has
    connected: its identity, and a connector fewer.
    """
    identity = checked_identity(hardware.identity, field="identity")
    if not 1 <= hardware.connectors <= CONNECTORS_MAX:
        raise Invalid("connectors", f"must be 1 to {CONNECTORS_MAX}.")
    async with database.begin() as tx:
        connectors = await lock_whole(tx, connector_id, asked_by=asked_by)
        first = connectors[0]
        await must_know_model(tx, hardware.model_id)
        found = await find_box(tx, identity)
        if found is not None and found["id"] != first["charge_point_id"]:
            raise await identity_taken(tx, found, asked_by)
        box_id: int
        if is_new := first["charge_point_id"] is None:
            box_id = await insert_box(
                tx, identity, password, first["operator_id"], first["team_id"], hardware.model_id, False, pepper, now
            )
        else:
            box_id = first["charge_point_id"]
            await _correct_box(tx, box_id, identity, hardware, len(connectors), now)
        connectors = await _fit_count(tx, connectors, hardware.connectors, asked_by, now)
        for number, each in _numbered(connectors):
            if each["charge_point_id"] is None:
                await bind(tx, each, box_id, identity, number, True, asked_by, now)
            await note_changed(tx, each, "set-hardware", asked_by, now)
        await tx.execute(FIT_MODEL, [each["id"] for each in connectors], hardware.model_id)
    return SetUp(charge_point_id=box_id, new=is_new)


async def _correct_box(
    tx: Transaction, box_id: int, identity: str, hardware: Hardware, connectors: int, now: datetime
) -> None:
    box = await tx.fetchrow("select * from charge_point where id = $1 for update", box_id)
    assert box is not None
    if box["connected_at"] is not None and identity_key(identity) != box["identity_key"]:
        raise NotReady(f"It has connected as {box['identity']} already. Add the other one as one of its own.")
    if box["connected_at"] is not None and hardware.connectors < connectors:
        raise NotReady(f"It has connected with {connectors} connectors already. Delete the one that is too many.")
    await tx.execute(
        "update charge_point set identity = $2, identity_key = $3, model_id = $4, updated_at = $5 where id = $1",
        box_id, identity, identity_key(identity), hardware.model_id, now,
    )  # fmt: skip
    await tx.execute(
        "update integration set serial_number = $2, updated_at = $3 where charge_point_id = $1 and deleted_at is null",
        box_id, identity, now,
    )  # fmt: skip


async def _fit_count(
    tx: Transaction, connectors: Sequence[Record], wanted: int, asked_by: Viewer, now: datetime
) -> list[Record]:
    """Add connectors like the first, or take the last away, until there are so many; name them anew when it changes."""
    kept, surplus = list(connectors[:wanted]), connectors[wanted:]
    first, name = kept[0], name_of_box([each["name"] for each in connectors])
    for each in surplus:
        await _take_away(tx, each, asked_by, now)
    for _ in range(wanted - len(kept)):
        new = NewConnector(
            team_id=first["team_id"], name=name, site_id=first["site_id"], visibility=first["visibility"],
            show_on_map=first["show_on_map"], active=first["active_at"] is not None,
        )  # fmt: skip
        added = await add_connector(tx, new, asked_by=asked_by, now=now)
        kept += await tx.fetch("select * from connector where id = $1", added)
    if len(kept) != len(connectors):
        names = [connector_name(name, number, count=wanted) for number in range(1, wanted + 1)]
        named = [(each["id"], own) for each, own in zip(kept, names, strict=True)]
        await tx.executemany("update connector set name = $2 where id = $1", named)
    return kept


def _numbered(connectors: Sequence[Record]) -> Iterator[tuple[int, Record]]:
    """Give each connector its number: those that have one keep it, the others get the lowest that are free."""
    taken = {each["number"] for each in connectors}
    free = (number for number in count(1) if number not in taken)
    return ((each["number"] or next(free), each) for each in connectors)


async def _take_away(tx: Transaction, connector: Record, asked_by: Viewer, now: datetime) -> None:
    await tx.execute(
        "update integration set deleted_at = $2, updated_at = $2 where connector_id = $1 and deleted_at is null",
        connector["id"], now,
    )  # fmt: skip
    await tx.execute("update connector set deleted_at = $2, updated_at = $2 where id = $1", connector["id"], now)
    fact = ConnectorDeleted(
        entity_id=connector["id"], operator_ids=(connector["operator_id"],), team_ids=(connector["team_id"],)
    )
    await outbox.add(tx, [fact], now=now)
    await audit.note(tx, asked_by, "delete", "charge-point", connector["id"], now=now)


FIT_MODEL = """
update connector set model_id = m.id, connector_types = m.connector_types, current_kind = m.current_kind,
  max_power_w = m.max_power_w
from model m where m.id = $2 and connector.id = any($1) and connector.model_id is distinct from m.id
"""
