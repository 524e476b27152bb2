"""Deeplinks: short addresses for stickers and letters that lead to a page or a charge point, and count who came by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from asyncpg import Record

from wattline.database.changes import update_row
from wattline.database.connection import Connection, Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.refusals import Invalid, NotAllowed, Unknown
from wattline.operations import audit

URL_LENGTH_MAX, COMMENT_LENGTH_MAX = 2_000, 1_000
CHARGE_POINT = "charge-point"
CHANGED = frozenset({"destination_type", "url", "resource_type", "resource_id", "comment", "updated_at"})


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a link leads: a web address, or a thing of ours by kind and id."""

    url: str | None = None
    resource_type: str | None = None
    resource_id: int | None = None

    @property
    def type(self) -> str:
        """The contract's word for which of both it is."""
        return "LINK" if self.url is not None else "RESOURCE"


async def create_deeplink(
    database: Database,
    destination: Destination,
    *,
    comment: str | None,
    operator_id: int | None,
    code: str,
    asked_by: Viewer,
    now: datetime,
) -> int:
    """Make a link under a random `code`; return its id. Raises Invalid, Unknown, NotAllowed for keys of some teams."""
    operator_id = asked_by.operator_id if operator_id is None else operator_id
    if operator_id not in asked_by.operator_ids:
        raise Unknown("operator", operator_id)
    if asked_by.team_ids is not None:
        raise NotAllowed(needed="to make links of the whole operator")
    _must_be_short(comment)
    async with database.begin() as tx:
        await _must_lead_somewhere(tx, destination, asked_by)
        link_id: int = await tx.fetchval(
            """insert into deeplink (operator_id, code, destination_type, url, resource_type, resource_id, comment,
                 created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $8) returning id""",
            operator_id, code, destination.type, destination.url, destination.resource_type, destination.resource_id,
            comment, now,
        )  # fmt: skip
        detail = {"to": destination.url or f"{destination.resource_type} {destination.resource_id}"}
        await audit.note(tx, asked_by, "create", "deeplink", link_id, now=now, detail=detail)
    return link_id


async def edit_deeplink(
    database: Database,
    link_id: int,
    destination: Destination | None,
    comment: str | None,
    *,
    asked_by: Viewer,
    now: datetime,
) -> None:
    """Lead somewhere else, or say something else about it; None leaves either as it is."""
    _must_be_short(comment)
    async with database.begin() as tx:
        before = await _lock(tx, link_id, asked_by)
        changes: dict[str, Any] = {} if comment is None else {"comment": comment}
        if destination is not None:
            await _must_lead_somewhere(tx, destination, asked_by)
            changes |= {
                "destination_type": destination.type, "url": destination.url,
                "resource_type": destination.resource_type, "resource_id": destination.resource_id,
            }  # fmt: skip
        await update_row(tx, "deeplink", link_id, {**changes, "updated_at": now}, allowed=CHANGED)
        detail = audit.changed(dict(before), changes)
        await audit.note(tx, asked_by, "edit", "deeplink", link_id, now=now, detail=detail)


async def delete_deeplink(database: Database, link_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """End a link: whoever opens it is told that there is nothing. Raises Unknown."""
    async with database.begin() as tx:
        await _lock(tx, link_id, asked_by)
        await tx.execute("update deeplink set deleted_at = $2, updated_at = $2 where id = $1", link_id, now)
        await audit.note(tx, asked_by, "delete", "deeplink", link_id, now=now)


async def visit(database: Database, code: str) -> str:
    """Count somebody who opens a link; return where it leads. Raises Unknown, also for a charge point that is gone."""
    async with database.begin() as tx:
        row = await tx.fetchrow(
            "update deeplink set visits = visits + 1 where code = $1 and deleted_at is null returning *", code
        )
        if row is None:
            raise Unknown("link", code)
        if row["url"] is not None:
            return str(row["url"])
        if not await _stands(tx, row["resource_id"]):
            raise Unknown("link", code)
        return f"/c/{row['resource_id']}"


def destination_of(kind: str, told: Mapping[str, Any]) -> Destination:
    """Read a destination as programs send it. Raises Invalid."""
    if kind == "LINK":
        return Destination(url=_address(told.get("url")))
    resource_id = told.get("resourceId")
    if told.get("resourceType") != CHARGE_POINT:
        raise Invalid("destination.resourceType", f"must be {CHARGE_POINT}.")
    if not isinstance(resource_id, int) or isinstance(resource_id, bool) or not 0 < resource_id < 2**63:
        raise Invalid("destination.resourceId", "must be the id of a charge point.")
    return Destination(resource_type=CHARGE_POINT, resource_id=resource_id)


def _address(url: object) -> str:
    if not isinstance(url, str) or not 0 < len(url) <= URL_LENGTH_MAX or not url.isprintable():
        raise Invalid("destination.url", f"must be an address with at most {URL_LENGTH_MAX} characters.")
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise Invalid("destination.url", "must be an address that begins with https:// or http://.")
    return url


def _must_be_short(comment: str | None) -> None:
    if comment is not None and len(comment) > COMMENT_LENGTH_MAX:
        raise Invalid("comment", f"must have at most {COMMENT_LENGTH_MAX} characters.")


async def _must_lead_somewhere(tx: Transaction, destination: Destination, asked_by: Viewer) -> None:
    if destination.resource_id is None:
        return
    row = await tx.fetchrow(
        "select operator_id, team_id from connector where id = $1 and deleted_at is null", destination.resource_id
    )
    if row is None or not asked_by.sees(row["operator_id"], row["team_id"]):
        raise Unknown("charge point", destination.resource_id)


async def _stands(connection: Connection, connector_id: int) -> bool:
    return bool(
        await connection.fetchval(
            "select exists (select from connector where id = $1 and deleted_at is null)", connector_id
        )
    )


async def _lock(tx: Transaction, link_id: int, asked_by: Viewer) -> Record:
    row = await tx.fetchrow("select * from deeplink where id = $1 and deleted_at is null for update", link_id)
    if row is None or row["operator_id"] not in asked_by.operator_ids or asked_by.team_ids is not None:
        raise Unknown("deeplink", link_id)
    return row
