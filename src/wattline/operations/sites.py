"""Sites: places where charge points stand together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from wattline.database import outbox
from wattline.database.changes import update_row
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.facts import ConnectorChanged, Fact, SiteChanged, SiteCreated, SiteDeleted
from wattline.domain.place import Address
from wattline.domain.refusals import Unknown
from wattline.operations import audit
from wattline.operations.team_checks import must_know_country, must_know_team
from wattline.operations.teams import ADDRESS_COLUMNS

PATCHABLE = frozenset({
    "name", "visibility", "note", "partner_external_id", "partner_custom_payload", "latitude", "longitude", "time_zone",
    *ADDRESS_COLUMNS,
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSite:
    """What a site begins with. `visibility` is private or public; degrees are WGS 84."""

    team_id: int
    name: str
    address: Address | None = None
    visibility: str = "private"
    note: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    time_zone: str = "Europe/Copenhagen"
    partner_external_id: str | None = None
    partner_custom_payload: Any = None


async def create_site(database: Database, new: NewSite, *, asked_by: Viewer, now: datetime) -> int:
    """Make a site and return its id."""
    async with database.begin() as tx:
        operator_id = await must_know_team(tx, new.team_id, asked_by=asked_by)
        await must_know_country(tx, new.address.country_id if new.address else None)
        site_id = await _insert(tx, new, operator_id, now)
        await outbox.add(tx, [_fact(SiteCreated, site_id, operator_id, new.team_id)], now=now)
        await audit.note(tx, asked_by, "create", "site", site_id, now=now)
    return site_id


async def patch_site(
    database: Database, site_id: int, changes: Mapping[str, Any], *, asked_by: Viewer, now: datetime
) -> None:
    """Change columns of a site (see PATCHABLE)."""
    async with database.begin() as tx:
        site = await lock_site(tx, site_id, asked_by=asked_by)
        await must_know_country(tx, changes.get("country_id"))
        await update_row(tx, "site", site_id, {**changes, "updated_at": now}, allowed=PATCHABLE | {"updated_at"})
        await outbox.add(tx, [_fact(SiteChanged, site_id, site["operator_id"], site["team_id"])], now=now)
        await audit.note(tx, asked_by, "edit", "site", site_id, now=now, detail=audit.changed(site, changes))


async def delete_site(database: Database, site_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Take a site away; its charge points stay, without a site."""
    async with database.begin() as tx:
        site = await lock_site(tx, site_id, asked_by=asked_by)
        await tx.execute("update site set deleted_at = $2, updated_at = $2 where id = $1", site_id, now)
        detached = await tx.fetch(
            """update connector set site_id = null, updated_at = $2
               where site_id = $1 returning id, operator_id, team_id""",
            site_id, now,
        )  # fmt: skip
        facts: list[Fact] = [_fact(SiteDeleted, site_id, site["operator_id"], site["team_id"])]
        facts += [_fact(ConnectorChanged, row["id"], row["operator_id"], row["team_id"]) for row in detached]
        await outbox.add(tx, facts, now=now)
        await audit.note(tx, asked_by, "delete", "site", site_id, now=now)


async def lock_site(tx: Transaction, site_id: int, *, asked_by: Viewer) -> Record:
    """Read a site for changing. Raises Unknown for somebody else's."""
    row = await tx.fetchrow("select * from site where id = $1 and deleted_at is null for update", site_id)
    if row is None or not asked_by.sees(row["operator_id"], row["team_id"]):
        raise Unknown("site", site_id)
    return row


async def _insert(tx: Transaction, new: NewSite, operator_id: int, now: datetime) -> int:
    address = [getattr(new.address, column, None) for column in ADDRESS_COLUMNS]
    site_id: int = await tx.fetchval(
        """insert into site (operator_id, team_id, name, visibility, note, latitude, longitude, time_zone,
             partner_external_id, partner_custom_payload, created_at, updated_at,
             address1, address2, address3, zip_code, city, country_id, country_area_id)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, $14, $15, $16, $17, $18)
           returning id""",
        operator_id, new.team_id, new.name, new.visibility, new.note, new.latitude, new.longitude, new.time_zone,
        new.partner_external_id, new.partner_custom_payload, now, *address,
    )  # fmt: skip
    return site_id


def _fact(kind: type[Fact], entity_id: int, operator_id: int, team_id: int) -> Fact:
    return kind(entity_id=entity_id, operator_ids=(operator_id,), team_ids=(team_id,))
