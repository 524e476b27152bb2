"""Charge points as the Partner API and people mean them: one connector, which one car plugs into.

The hardware behind it, the box with its identity, is bound to it in integrations.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from wattline.database import outbox
from wattline.database.changes import update_row
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.facts import ConnectorChanged, ConnectorCreated, ConnectorDeleted, Fact
from wattline.domain.refusals import ConnectorBusy, Unknown
from wattline.domain.values import ConnectorState
from wattline.operations import audit
from wattline.operations.connector_details import evse_id_of, known_types, model_of, types_of
from wattline.operations.sites import lock_site
from wattline.operations.team_checks import must_know_team

PATCHABLE = frozenset({
    "site_id", "name", "max_power_w", "visibility", "current_kind", "active_at", "show_on_map", "connector_types",
    "note", "operator_note", "partner_external_id", "partner_custom_payload", "meter_id", "roaming", "model_id",
    "reservation_time_minutes", "release_detection", "latitude", "longitude",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConnector:
    """What a charge point begins with. `connector_types` None means those of the model."""

    team_id: int
    name: str
    site_id: int | None = None
    model_id: int | None = None
    connector_types: Sequence[int] | None = None
    current_kind: str | None = None
    max_power_w: int | None = None
    visibility: str = "private"
    show_on_map: bool = True
    active: bool = True
    note: str | None = None
    partner_external_id: str | None = None
    partner_custom_payload: Any = None


async def create_connector(database: Database, new: NewConnector, *, asked_by: Viewer, now: datetime) -> int:
    """Make a charge point and return its id. It is passive until hardware is bound to it."""
    async with database.begin() as tx:
        return await add_connector(tx, new, asked_by=asked_by, now=now)


async def add_connector(tx: Transaction, new: NewConnector, *, asked_by: Viewer, now: datetime) -> int:
    """Make a charge point within a larger step."""
    operator_id = await must_know_team(tx, new.team_id, asked_by=asked_by)
    if new.site_id is not None:
        await site_must_fit(tx, new.site_id, operator_id, asked_by)
    model = await model_of(tx, new.model_id)
    types = await known_types(tx, types_of(model) if new.connector_types is None else new.connector_types)
    connector_id: int = await tx.fetchval("select nextval(pg_get_serial_sequence('connector', 'id'))")
    await tx.execute(
        """insert into connector (id, operator_id, team_id, site_id, name, model_id, connector_types, current_kind,
             max_power_w, visibility, show_on_map, active_at, note, evse_id, partner_external_id,
             partner_custom_payload, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17)""",
        connector_id, operator_id, new.team_id, new.site_id, new.name, new.model_id, types,
        new.current_kind or (model and model["current_kind"]),
        new.max_power_w or (model and model["max_power_w"]), new.visibility,
        new.show_on_map, now if new.active else None, new.note,
        await evse_id_of(tx, connector_id, operator_id, new.site_id),
        new.partner_external_id, new.partner_custom_payload, now,
    )  # fmt: skip
    await tx.execute(
        """insert into connector_live (connector_id, operator_id, state, state_since, updated_at)
           values ($1, $2, $3, $4, $4)""",
        connector_id, operator_id, ConnectorState.PASSIVE, now,
    )  # fmt: skip
    await outbox.add(tx, [_fact(ConnectorCreated, connector_id, operator_id, new.team_id)], now=now)
    await audit.note(tx, asked_by, "create", "charge-point", connector_id, now=now)
    return connector_id


async def patch_connector(
    database: Database, connector_id: int, changes: Mapping[str, Any], *, asked_by: Viewer, now: datetime
) -> None:
    """Change columns of a charge point (see PATCHABLE). `connector_types` None means those of its model again."""
    async with database.begin() as tx:
        connector = await lock_connector(tx, connector_id, asked_by=asked_by)
        checked = dict(changes)
        if checked.get("site_id") is not None:
            await site_must_fit(tx, checked["site_id"], connector["operator_id"], asked_by)
        if "connector_types" in checked:
            model = await model_of(tx, checked.get("model_id", connector["model_id"]))
            wanted = checked["connector_types"]
            checked["connector_types"] = await known_types(tx, types_of(model) if wanted is None else wanted)
        await update_row(tx, "connector", connector_id, checked, allowed=PATCHABLE)
        if "visibility" in checked:
            await end_public_hours(tx, connector_id)
        await note_changed(tx, connector, "edit", asked_by, now, checked)


async def delete_connector(database: Database, connector_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Take a charge point away, and its box too when it was the box's last one. Refused while a charge runs."""
    async with database.begin() as tx:
        connector = await lock_connector(tx, connector_id, asked_by=asked_by)
        await must_be_free(tx, connector_id)
        await tx.execute(
            "update integration set deleted_at = $2, updated_at = $2 where connector_id = $1 and deleted_at is null",
            connector_id, now,
        )  # fmt: skip
        await tx.execute("update connector set deleted_at = $2, updated_at = $2 where id = $1", connector_id, now)
        await forget_empty_box(tx, connector["charge_point_id"], now=now)
        fact = _fact(ConnectorDeleted, connector_id, connector["operator_id"], connector["team_id"])
        await outbox.add(tx, [fact], now=now)
        await audit.note(tx, asked_by, "delete", "charge-point", connector_id, now=now)


async def end_public_hours(tx: Transaction, connector_id: int) -> None:
    """Forget at which hours a connector is public: somebody has said public or private for good."""
    await tx.execute("delete from public_hours where connector_id = $1", connector_id)


async def lock_connector(tx: Transaction, connector_id: int, *, asked_by: Viewer) -> Record:
    """Read a charge point for changing. Raises Unknown for somebody else's."""
    row = await tx.fetchrow("select * from connector where id = $1 and deleted_at is null for update", connector_id)
    if row is None or not asked_by.sees(row["operator_id"], row["team_id"]):
        raise Unknown("charge point", connector_id)
    return row


async def must_be_free(tx: Transaction, connector_id: int) -> None:
    """Raise ConnectorBusy while a charge is not over."""
    charge_id = await tx.fetchval(
        """select id from charge where connector_id = $1 and completed_at is null
             and state not in ('stopped', 'releasing', 'released') limit 1""",
        connector_id,
    )
    if charge_id is not None:
        raise ConnectorBusy(charge_id)


async def forget_empty_box(tx: Transaction, charge_point_id: int | None, *, now: datetime) -> None:
    """Take a box away when no charge point is bound to it any more; its identity is free again."""
    await tx.execute(
        """update charge_point set deleted_at = $2, updated_at = $2
           where id = $1 and deleted_at is null
             and not exists (select from connector where charge_point_id = $1 and deleted_at is null)""",
        charge_point_id, now,
    )  # fmt: skip


async def note_changed(
    tx: Transaction,
    connector: Record,
    deed: str,
    asked_by: Viewer,
    now: datetime,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Date the change, tell of it, and keep who made it; `connector` is as it was before `changes`."""
    await tx.execute("update connector set updated_at = $2 where id = $1", connector["id"], now)
    fact = _fact(ConnectorChanged, connector["id"], connector["operator_id"], connector["team_id"])
    await outbox.add(tx, [fact], now=now)
    detail = audit.changed(connector, changes) if changes else None
    await audit.note(tx, asked_by, deed, "charge-point", connector["id"], now=now, detail=detail)


async def site_must_fit(tx: Transaction, site_id: int, operator_id: int, asked_by: Viewer) -> None:
    """Raise Unknown unless a site is of the operator that a charge point there is of."""
    site = await lock_site(tx, site_id, asked_by=asked_by)
    if site["operator_id"] != operator_id:
        raise Unknown("site", site_id)


def _fact(kind: type[Fact], connector_id: int, operator_id: int, team_id: int) -> Fact:
    return kind(entity_id=connector_id, operator_ids=(operator_id,), team_ids=(team_id,))
