"""Finding boxes by their identity, and adding one."""

from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Transaction
from wattline.domain.access import Viewer
from wattline.domain.identity import identity_key
from wattline.domain.refusals import AlreadyTaken, Unknown
from wattline.operations.secrets import box_password_hmac


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
