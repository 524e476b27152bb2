"""Correcting the identity of a box that has never called: the sticker said something else than what was typed."""

from datetime import datetime

from wattline.database import outbox
from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.facts import ConnectorChanged
from wattline.domain.identity import checked_identity, identity_key
from wattline.domain.refusals import AlreadyTaken, NotReady, Unknown
from wattline.operations import audit


async def correct_identity(
    database: Database, charge_point_id: int, identity: str, *, asked_by: Viewer, now: datetime
) -> None:
    """Give a box the identity it really calls with; its password stays.

    Raises Unknown, AlreadyTaken, and NotReady once it has been in contact: then the identity is what it is.
    """
    identity = checked_identity(identity, field="identity")
    async with database.begin() as tx:
        box = await tx.fetchrow(
            "select * from charge_point where id = $1 and deleted_at is null for update", charge_point_id
        )
        if box is None or not asked_by.sees(box["operator_id"], box["team_id"]):
            raise Unknown("charge point", charge_point_id)
        if box["connected_at"] is not None:
            raise NotReady("It has been in contact with this identity already. Remove its integration and add it anew.")
        taken = await tx.fetchval(
            "select id from charge_point where identity_key = $1 and deleted_at is null and id <> $2",
            identity_key(identity), charge_point_id,
        )  # fmt: skip
        if taken is not None:
            raise AlreadyTaken("This identity is in use already.")
        await tx.execute(
            "update charge_point set identity = $2, identity_key = $3, updated_at = $4 where id = $1",
            charge_point_id, identity, identity_key(identity), now,
        )  # fmt: skip
        rows = await tx.fetch(
            """update integration set serial_number = $2, updated_at = $3 where charge_point_id = $1 and deleted_at is null
               returning connector_id""",
            charge_point_id, identity, now,
        )  # fmt: skip
        facts = [
            ConnectorChanged(
                entity_id=row["connector_id"],
                operator_ids=(box["operator_id"],),
                team_ids=(box["team_id"],),
                charge_point_id=charge_point_id,
            )
            for row in rows
        ]
        await outbox.add(tx, facts, now=now)
        await audit.note(tx, asked_by, "correct-identity", "box", charge_point_id, now=now, detail={"to": identity})
