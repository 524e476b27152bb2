"""Tokens: what a program shows with each request, got for its key's id and secret, good for an hour."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wattline.database.connection import Connection, Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.refusals import TokenRefused, WrongCredentials
from wattline.operations.operators import family
from wattline.operations.secrets import secret_hash, token_hash

# Partner API 1.1.
ACCESS_LASTS = timedelta(hours=1)
REFRESH_LASTS = timedelta(hours=24)

# Each new pair clears away some expired ones, so that the table stays as small as its use.
_SWEEP = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """Two random texts, made by the caller: the access token and the one that gets the next pair."""

    access: str
    refresh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedTokens:
    """A pair that is now good, for which key, and until when."""

    api_key_id: int
    access: str
    refresh: str
    access_expires_at: datetime
    refresh_expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """An API key as its program sees it, and the viewer it makes."""

    viewer: Viewer
    name: str
    client_id: str
    operator_ids: tuple[int, ...]
    team_ids: tuple[int, ...]
    scopes: tuple[str, ...]
    rate_limit: int
    rate_limit_interval_seconds: int
    created_at: datetime
    updated_at: datetime
    token_expires_at: datetime


async def issue_tokens(
    database: Database, client_id: str, client_secret: str, *, new: TokenPair, pepper: bytes, now: datetime
) -> IssuedTokens:
    """Give a program its first pair. Raises WrongCredentials, in the same time for a wrong id and a wrong secret."""
    async with database.begin() as tx:
        row = await tx.fetchrow(
            "select id, secret_hash from api_key where client_id = $1 and revoked_at is null", client_id
        )
        expected = row["secret_hash"] if row else bytes(32)
        if not hmac.compare_digest(expected, secret_hash(client_secret, pepper)) or row is None:
            raise WrongCredentials
        return await _issue(tx, row["id"], new, pepper, now)


async def refresh_tokens(
    database: Database, refresh_token: str, *, new: TokenPair, pepper: bytes, now: datetime
) -> IssuedTokens:
    """Spend a refresh token for a new pair. Raises TokenRefused when it is unknown, expired or spent."""
    async with database.begin() as tx:
        api_key_id = await tx.fetchval(
            """update api_token set spent_at = $2
               where token_hash = $1 and kind = 'refresh' and spent_at is null and expires_at > $2
               returning api_key_id""",
            token_hash(refresh_token, pepper), now,
        )  # fmt: skip
        if api_key_id is None:
            raise TokenRefused
        return await _issue(tx, api_key_id, new, pepper, now)


async def find_credential(database: Database, access_token: str, *, pepper: bytes, now: datetime) -> Credential:
    """Return whose token this is. Raises TokenRefused when it is unknown, expired, or its key was revoked."""
    async with database.read() as connection:
        row = await connection.fetchrow(
            """select k.*, t.expires_at from api_token t join api_key k on k.id = t.api_key_id
               where t.token_hash = $1 and t.kind = 'access' and t.expires_at > $2 and k.revoked_at is null""",
            token_hash(access_token, pepper), now,
        )  # fmt: skip
        if row is None:
            raise TokenRefused
        return await _credential(connection, row)


async def _credential(connection: Connection, row: Any) -> Credential:
    operator_ids = tuple(row["operator_ids"]) or await family(connection, row["operator_id"])
    team_ids = tuple(row["team_ids"])
    viewer = Viewer(
        name=f"API key {row['name']}", operator_id=row["operator_id"], operator_ids=operator_ids,
        team_ids=team_ids or None, scopes=frozenset(row["scopes"]), api_key_id=row["id"],
    )  # fmt: skip
    return Credential(
        viewer=viewer, name=row["name"], client_id=row["client_id"], operator_ids=tuple(row["operator_ids"]),
        team_ids=team_ids, scopes=tuple(row["scopes"]), rate_limit=row["rate_limit"],
        rate_limit_interval_seconds=row["rate_limit_interval_seconds"], created_at=row["created_at"],
        updated_at=row["updated_at"], token_expires_at=row["expires_at"],
    )  # fmt: skip


async def _issue(tx: Transaction, api_key_id: int, new: TokenPair, pepper: bytes, now: datetime) -> IssuedTokens:
    issued = IssuedTokens(
        api_key_id=api_key_id, access=new.access, refresh=new.refresh,
        access_expires_at=now + ACCESS_LASTS, refresh_expires_at=now + REFRESH_LASTS,
    )  # fmt: skip
    await tx.execute(
        """delete from api_token where token_hash in
             (select token_hash from api_token where expires_at < $1 limit $2 for update skip locked)""",
        now, _SWEEP,
    )  # fmt: skip
    await tx.execute(
        """insert into api_token (token_hash, api_key_id, kind, created_at, expires_at)
           values ($1, $2, 'access', $3, $4), ($5, $2, 'refresh', $3, $6)""",
        token_hash(new.access, pepper), api_key_id, now, issued.access_expires_at,
        token_hash(new.refresh, pepper), issued.refresh_expires_at,
    )  # fmt: skip
    await tx.execute("update api_key set last_used_at = $2 where id = $1", api_key_id, now)
    return issued
