"""Programs with a key to the Partner API, where their webhooks go, and what was delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown

ENTRIES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Webhook:
    """What a program hears of, and where. Its secret and the values of its headers stay with us."""

    url: str
    event_types: tuple[str, ...]
    header_names: tuple[str, ...]
    teams: tuple[str, ...]
    updated_at: datetime

    @property
    def host(self) -> str:
        """The part of the address that tells whose it is."""
        return urlsplit(self.url).hostname or self.url


@dataclass(frozen=True, slots=True)
class Program:
    """An API key without its secret. No `teams` means all; `waiting` and `failed` count webhook entries."""

    id: int
    name: str
    operator: str
    client_id: str
    scopes: tuple[str, ...]
    teams: tuple[str, ...]
    rate_limit: int
    rate_limit_interval_seconds: int
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    webhook: Webhook | None
    waiting: int
    failed: int


async def list_programs(connection: Connection, viewer: Viewer) -> list[Program]:
    """List an operator's API keys: in use first, the newest first. Keys are the whole operator's, not one team's."""
    rows = await connection.fetch(PROGRAMS.format("true"), viewer.operator_ids, viewer.team_ids)
    return [_program(row) for row in rows]


async def program_of(connection: Connection, viewer: Viewer, api_key_id: int) -> Program:
    """Load one API key. Raises Unknown, also for another operator's."""
    row = await connection.fetchrow(PROGRAMS.format("a.id = $3"), viewer.operator_ids, viewer.team_ids, api_key_id)
    if row is None:
        raise Unknown("API key", api_key_id)
    return _program(row)


async def editable_of(connection: Connection, viewer: Viewer, api_key_id: int) -> Record:
    """Load what can be changed of a key in use. Raises Unknown, also for another operator's and a revoked one."""
    row = await connection.fetchrow(
        """select name, scopes, operator_ids, team_ids, rate_limit, rate_limit_interval_seconds from api_key
           where id = $3 and operator_id = any($1) and $2::bigint[] is null and revoked_at is null""",
        viewer.operator_ids, viewer.team_ids, api_key_id,
    )  # fmt: skip
    if row is None:
        raise Unknown("API key", api_key_id)
    return row


PROGRAMS = """
select a.id, a.name, o.name as operator, a.client_id, a.scopes, a.rate_limit, a.rate_limit_interval_seconds,
  a.created_at, a.last_used_at, a.revoked_at, w.url, w.event_types, w.updated_at as webhook_updated_at,
  array(select jsonb_object_keys(w.custom_headers)) as header_names,
  array(select t.name from team t where t.id = any(a.team_ids) order by t.name) as teams,
  array(select t.name from team t where t.id = any(w.team_ids) order by t.name) as webhook_teams,
  (select count(*) from webhook_entry e where e.api_key_id = a.id and e.status = 'pending') as waiting,
  (select count(*) from webhook_entry e where e.api_key_id = a.id and e.status = 'failed') as failed
from api_key a join operator o on o.id = a.operator_id left join webhook_config w on w.api_key_id = a.id
where a.operator_id = any($1) and $2::bigint[] is null and {}
order by a.revoked_at is not null, a.id desc
"""


def _program(row: Record) -> Program:
    webhook = None
    if row["url"] is not None:
        events, headers, teams = (tuple(row[name]) for name in ("event_types", "header_names", "webhook_teams"))
        webhook = Webhook(row["url"], events, headers, teams, row["webhook_updated_at"])
    values = {name: row[name] for name in Program.__slots__ if name not in ("scopes", "teams", "webhook")}
    return Program(**values, scopes=tuple(row["scopes"]), teams=tuple(row["teams"]), webhook=webhook)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one program: what happened, and whether it arrived. `attempts` counts tries of its batch."""

    id: int
    event_type: str
    entity_type: str
    entity_id: str
    change: str
    event_at: datetime
    status: str
    error_code: str | None
    error_message: str | None
    updated_at: datetime | None
    batch_id: str | None
    attempts: int
    next_attempt_at: datetime | None
    payload: Any = None


async def list_deliveries(
    connection: Connection, api_key_id: int, *, status: str | None, before: int | None
) -> Sequence[Delivery]:
    """List a page of a program's webhook entries, the newest first. Whose program it is, the caller has checked."""
    rows = await connection.fetch(
        f"""select {COLUMNS} from webhook_entry e left join webhook_batch b on b.id = e.batch_id
            where e.api_key_id = $1 and ($2::text is null or e.status = $2) and ($3::bigint is null or e.id < $3)
            order by e.id desc limit $4""",
        api_key_id, status, before, ENTRIES_SHOWN,
    )  # fmt: skip
    return [Delivery(**dict(row)) for row in rows]


async def delivery_of(connection: Connection, api_key_id: int, entry_id: int) -> Delivery:
    """Load one entry with what was sent. Raises Unknown. Whose program it is, the caller has checked."""
    row = await connection.fetchrow(
        f"""select {COLUMNS}, e.payload from webhook_entry e left join webhook_batch b on b.id = e.batch_id
            where e.api_key_id = $1 and e.id = $2""",
        api_key_id, entry_id,
    )  # fmt: skip
    if row is None:
        raise Unknown("webhook entry", entry_id)
    return Delivery(**dict(row))


COLUMNS = """
e.id, e.event_type, e.entity_type, e.entity_id, e.change, e.event_at, e.status, e.error_code, e.error_message,
e.updated_at, e.batch_id, coalesce(b.attempts, 0) as attempts,
case when e.status = 'pending' then b.next_attempt_at end as next_attempt_at
"""
