"""API keys: the credentials of partners' programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.refusals import Invalid, Unknown
from wattline.domain.scopes import checked_scopes
from wattline.operations import audit
from wattline.operations.secrets import secret_hash

# Partner API 2.6: 1,000 requests in 600 seconds unless somebody allows more.
RATE_LIMIT = 1000
RATE_LIMIT_INTERVAL_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiKey:
    """What a key may do. No `team_ids` means every team, no `operator_ids` the operator with its sub-operators."""

    name: str
    scopes: Sequence[str] = ()
    team_ids: Sequence[int] = ()
    operator_ids: Sequence[int] = ()
    rate_limit: int = RATE_LIMIT
    rate_limit_interval_seconds: int = RATE_LIMIT_INTERVAL_SECONDS


async def create_api_key(
    database: Database,
    new: NewApiKey,
    *,
    client_id: str,
    client_secret: str,
    pepper: bytes,
    asked_by: Viewer,
    now: datetime,
) -> int:
    """Make a key in the caller's operator and return its id. Id and secret are random texts made by the caller.

    Raises Invalid, with the list of known scopes, for an unknown one; Unknown for a foreign team or operator.
    """
    scopes = checked_scopes(new.scopes)
    _must_be_positive(new)
    async with database.begin() as tx:
        await _must_be_own(tx, new, asked_by)
        api_key_id: int = await tx.fetchval(
            """insert into api_key (operator_id, name, client_id, secret_hash, scopes, operator_ids, team_ids,
                 rate_limit, rate_limit_interval_seconds, created_at, updated_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) returning id""",
            asked_by.operator_id, new.name, client_id, secret_hash(client_secret, pepper), list(scopes),
            list(new.operator_ids), list(new.team_ids), new.rate_limit, new.rate_limit_interval_seconds, now,
        )  # fmt: skip
        await audit.note(tx, asked_by, "create", "api-key", api_key_id, now=now, detail={"scopes": scopes})
    return api_key_id


async def edit_api_key(
    database: Database, api_key_id: int, changed: NewApiKey, *, asked_by: Viewer, now: datetime
) -> None:
    """Give a key another name, other scopes, teams or limits; its open tokens follow within a second."""
    scopes = checked_scopes(changed.scopes)
    _must_be_positive(changed)
    async with database.begin() as tx:
        await _must_be_own(tx, changed, asked_by)
        before = await _lock(tx, api_key_id, asked_by)
        after = {"name": changed.name, "scopes": list(scopes), "team_ids": list(changed.team_ids)}
        await tx.execute(
            """update api_key set name = $2, scopes = $3, operator_ids = $4, team_ids = $5, rate_limit = $6,
                 rate_limit_interval_seconds = $7, updated_at = $8 where id = $1""",
            api_key_id, changed.name, list(scopes), list(changed.operator_ids), list(changed.team_ids),
            changed.rate_limit, changed.rate_limit_interval_seconds, now,
        )  # fmt: skip
        detail = audit.changed(dict(before), after)
        await audit.note(tx, asked_by, "edit", "api-key", api_key_id, now=now, detail=detail)


async def revoke_api_key(database: Database, api_key_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """End a key: its tokens are gone at once, at most a second later for processes that have just seen them."""
    async with database.begin() as tx:
        await _lock(tx, api_key_id, asked_by)
        await tx.execute("update api_key set revoked_at = $2, updated_at = $2 where id = $1", api_key_id, now)
        await tx.execute("delete from api_token where api_key_id = $1", api_key_id)
        await audit.note(tx, asked_by, "revoke", "api-key", api_key_id, now=now)


async def _lock(tx: Transaction, api_key_id: int, asked_by: Viewer) -> Record:
    row = await tx.fetchrow("select * from api_key where id = $1 and revoked_at is null for update", api_key_id)
    if row is None or row["operator_id"] not in asked_by.operator_ids:
        raise Unknown("API key", api_key_id)
    return row


async def _must_be_own(tx: Transaction, new: NewApiKey, asked_by: Viewer) -> None:
    for operator_id in new.operator_ids:
        if operator_id not in asked_by.operator_ids:
            raise Unknown("operator", operator_id)
    owned = await tx.fetch(
        "select id from team where id = any($1) and operator_id = any($2) and deleted_at is null",
        list(new.team_ids), list(asked_by.operator_ids),
    )  # fmt: skip
    missing = set(new.team_ids) - {row["id"] for row in owned}
    if missing:
        raise Unknown("team", min(missing))


def _must_be_positive(new: NewApiKey) -> None:
    if new.rate_limit < 1:
        raise Invalid("rateLimit", "must be at least 1 request.")
    if new.rate_limit_interval_seconds < 1:
        raise Invalid("rateLimitIntervalInSeconds", "must be at least 1 second.")
