"""Hardware: boxes with their identities and passwords, made with all their sockets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.identity import checked_identity
from wattline.domain.refusals import Invalid, Unknown
from wattline.operations import audit
from wattline.operations.box_rows import find_box, identity_taken, insert_box, must_know_model
from wattline.operations.charge_points import (
    NewConnector,
    add_connector,
    lock_connector,
)
from wattline.operations.integrations import bind
from wattline.operations.secrets import box_password_hmac
from wattline.operations.team_checks import must_know_team


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
