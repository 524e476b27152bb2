"""Which hardware a remote action is meant for."""

from dataclasses import dataclass
from typing import Any

from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.refusals import NotConnectedToHardware, Unknown


@dataclass(frozen=True, slots=True)
class Box:
    """A whole box, by its own id."""

    charge_point_id: int


@dataclass(frozen=True, slots=True)
class Socket:
    """What one car plugs into, by the id that the Partner API calls a charge point."""

    connector_id: int


Where = Box | Socket


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A box, and for a socket its OCPP number; `number` is None when the whole box is meant."""

    charge_point_id: int
    operator_id: int
    number: int | None


async def find_target(database: Database, where: Where, *, asked_by: Viewer) -> Target:
    """Find the hardware. Raises Unknown (also for somebody else's) and NotConnectedToHardware."""
    row: Any
    async with database.read() as connection:
        if isinstance(where, Box):
            row = await connection.fetchrow(
                "select id as charge_point_id, operator_id, team_id, null::int as number "
                "from charge_point where id = $1 and deleted_at is null",
                where.charge_point_id,
            )
        else:
            row = await connection.fetchrow(
                "select charge_point_id, operator_id, team_id, number from connector "
                "where id = $1 and deleted_at is null",
                where.connector_id,
            )
    if row is None or not asked_by.sees(row["operator_id"], row["team_id"]):
        raise Unknown("charge point", where.charge_point_id if isinstance(where, Box) else where.connector_id)
    if row["charge_point_id"] is None:
        raise NotConnectedToHardware
    return Target(charge_point_id=row["charge_point_id"], operator_id=row["operator_id"], number=row["number"])
