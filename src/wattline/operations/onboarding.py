"""Adding a charge point step by step, each step saved at once: where it stands, who may use it, from when it counts.

The step between, what stands there, is in onboarding_hardware.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.changes import update_row
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.naming import checked_name, connector_name, name_of_box
from wattline.domain.refusals import Invalid, NotReady, Unknown
from wattline.operations.charge_points import PATCHABLE, NewConnector, add_connector, end_public_hours, note_changed
from wattline.operations.sites import lock_site
from wattline.operations.team_checks import must_know_team


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a charge point stands, whose it is, and what people call it."""

    team_id: int
    name: str
    site_id: int | None = None


async def begin_charge_point(database: Database, place: Place, *, asked_by: Viewer, now: datetime) -> int:
    """Take the first step and return the id of the charge point's first connector. It is for testing and private."""
    new = NewConnector(team_id=place.team_id, name=checked_name(place.name), site_id=place.site_id, active=False)
    async with database.begin() as tx:
        return await add_connector(tx, new, asked_by=asked_by, now=now)


async def place_charge_point(
    database: Database, connector_id: int, place: Place, *, asked_by: Viewer, now: datetime
) -> None:
    """Give a charge point another name or site; another team too, as long as it has never connected."""
    name = checked_name(place.name)
    async with database.begin() as tx:
        connectors = await lock_whole(tx, connector_id, asked_by=asked_by)
        first = connectors[0]
        if place.team_id != first["team_id"]:
            await _change_team(tx, connectors, place.team_id, asked_by)
        if place.site_id is not None:
            await _must_fit(tx, place.site_id, first["operator_id"], asked_by)
        rename = name != name_of_box([each["name"] for each in connectors])
        for number, each in enumerate(connectors, start=1):
            changes: dict[str, object] = {"site_id": place.site_id}
            if rename:
                changes["name"] = connector_name(name, number, count=len(connectors))
            await update_row(tx, "connector", each["id"], changes, allowed=PATCHABLE)
            await note_changed(tx, each, "edit", asked_by, now, changes)


async def set_access(
    database: Database, connector_id: int, *, visibility: str, show_on_map: bool, asked_by: Viewer, now: datetime
) -> None:
    """Let everybody charge there (`public`), or only the team (`private`), at all connectors of the box."""
    if visibility not in ("private", "public"):
        raise Invalid("visibility", "must be private or public.")
    await _change_all(
        database, connector_id, {"visibility": visibility, "show_on_map": show_on_map}, "set-access", asked_by, now
    )


async def set_active(database: Database, connector_id: int, *, active: bool, asked_by: Viewer, now: datetime) -> None:
    """Make all connectors of the box count from now on, or leave them for testing: what begins then costs nothing."""
    deed = "activate" if active else "deactivate"
    await _change_all(database, connector_id, {"active_at": now if active else None}, deed, asked_by, now)


async def _change_all(
    database: Database, connector_id: int, changes: dict[str, object], deed: str, asked_by: Viewer, now: datetime
) -> None:
    async with database.begin() as tx:
        for each in await lock_whole(tx, connector_id, asked_by=asked_by):
            await update_row(tx, "connector", each["id"], changes, allowed=PATCHABLE)
            if "visibility" in changes:
                await end_public_hours(tx, each["id"])
            await note_changed(tx, each, deed, asked_by, now, changes)


async def lock_whole(tx: Transaction, connector_id: int, *, asked_by: Viewer) -> list[Record]:
    """Lock a charge point with all connectors of its box, in the order of their numbers. Raises Unknown."""
    rows = await tx.fetch(
        """select * from connector where deleted_at is null
             and (id = $1 or charge_point_id = (select charge_point_id from connector where id = $1))
           order by id for update""",
        connector_id,
    )
    if not any(row["id"] == connector_id and asked_by.sees(row["operator_id"], row["team_id"]) for row in rows):
        raise Unknown("charge point", connector_id)
    return sorted(rows, key=lambda row: row["number"] or 0)


async def _change_team(tx: Transaction, connectors: Sequence[Record], team_id: int, asked_by: Viewer) -> None:
    operator_id = await must_know_team(tx, team_id, asked_by=asked_by)
    first = connectors[0]
    if operator_id != first["operator_id"]:
        raise Unknown("team", team_id)
    box = await tx.fetchrow("select * from charge_point where id = $1 for update", first["charge_point_id"])
    if box is not None and box["connected_at"] is not None:
        raise NotReady("It has been connected under its team already, so it stays there.")
    ids = [each["id"] for each in connectors]
    await tx.execute("update connector set team_id = $2 where id = any($1)", ids, team_id)
    await tx.execute("update charge_point set team_id = $2 where id = $1", first["charge_point_id"], team_id)


async def _must_fit(tx: Transaction, site_id: int, operator_id: int, asked_by: Viewer) -> None:
    site = await lock_site(tx, site_id, asked_by=asked_by)
    if site["operator_id"] != operator_id:
        raise Unknown("site", site_id)
