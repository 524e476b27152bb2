"""Learning a charge key from a reader: somebody waits at a charge point, and the next key we do not know is theirs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wattline.database import outbox
from wattline.database.connection import Connection, Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.facts import UnknownKeyTapped
from wattline.domain.refusals import Unknown
from wattline.operations import audit

# Long enough to walk to the charge point, short enough that nobody else's card is taken for the new one.
WAIT_LASTS = timedelta(minutes=5)
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Somebody's wait at a reader; `tag` is what was held to it."""

    id: int
    charge_point_id: int
    began_at: datetime
    ends_at: datetime
    tag: str | None


async def begin_wait(database: Database, charge_point_id: int, *, asked_by: Viewer, now: datetime) -> int:
    """Wait for the next unknown key at a charge point, and end one's other waits there; return the wait's id.

    Waits of a day ago are forgotten with their tags. Raises Unknown for somebody else's charge point.
    """
    async with database.begin() as tx:
        box = await tx.fetchrow(
            "select operator_id, team_id from charge_point where id = $1 and deleted_at is null", charge_point_id
        )
        if box is None or not asked_by.sees(box["operator_id"], box["team_id"]):
            raise Unknown("charge point", charge_point_id)
        await tx.execute("delete from reader_wait where began_at < $1", now - KEPT)
        await tx.execute(
            """update reader_wait set ends_at = $3
               where charge_point_id = $1 and user_id is not distinct from $2 and tag is null and ends_at > $3""",
            charge_point_id, asked_by.user_id, now,
        )  # fmt: skip
        wait_id: int = await tx.fetchval(
            """insert into reader_wait (operator_id, charge_point_id, user_id, began_at, ends_at)
               values ($1, $2, $3, $4, $5) returning id""",
            box["operator_id"], charge_point_id, asked_by.user_id, now, now + WAIT_LASTS,
        )  # fmt: skip
        await audit.note(tx, asked_by, "wait-for-key", "box", charge_point_id, now=now)
    return wait_id


async def wait_of(connection: Connection, wait_id: int, *, asked_by: Viewer) -> Wait:
    """Load one's own wait. Raises Unknown: a tag lets somebody charge, so nobody else reads it."""
    row = await connection.fetchrow(
        """select id, charge_point_id, began_at, ends_at, tag from reader_wait
           where id = $1 and operator_id = any($2) and user_id is not distinct from $3""",
        wait_id, asked_by.operator_ids, asked_by.user_id,
    )  # fmt: skip
    if row is None:
        raise Unknown("wait at a reader", wait_id)
    return Wait(**dict(row))


async def note_unknown_tap(tx: Transaction, charge_point_id: int, id_tag: str, *, now: datetime) -> None:
    """Hand a tag that is no key to whoever waits at this reader; it is kept for nobody else."""
    rows = await tx.fetch(
        """update reader_wait set tag = $2, tapped_at = $3
           where charge_point_id = $1 and tag is null and ends_at > $3 returning operator_id""",
        charge_point_id, id_tag.strip(), now,
    )  # fmt: skip
    if rows:
        tapped = UnknownKeyTapped(
            entity_id=charge_point_id, operator_ids=(rows[0]["operator_id"],), team_ids=(),
            charge_point_id=charge_point_id,
        )  # fmt: skip
        await outbox.add(tx, [tapped], now=now)
