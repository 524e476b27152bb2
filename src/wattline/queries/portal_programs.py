"""Programs with a key to the Partner API, and what was sent to their webhooks."""

from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Connection
from wattline.domain.access import Viewer

ENTRIES_MAX = 50


@dataclass(frozen=True, slots=True)
class Program:
    """An API key without its secret, and where its webhooks go."""

    id: int
    name: str
    client_id: str
    scopes: tuple[str, ...]
    rate_limit: int
    rate_limit_interval_seconds: int
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    webhook_url: str | None
    event_types: tuple[str, ...]
    waiting: int
    failed: int


@dataclass(frozen=True, slots=True)
class WebhookEntry:
    """One event for one program."""

    id: int
    program: str
    event_type: str
    entity_type: str
    entity_id: str
    change: str
    event_at: datetime
    status: str
    error_message: str | None


async def list_programs(connection: Connection, viewer: Viewer) -> list[Program]:
    """List an operator's API keys, the newest first; keys are the whole operator's, so team-limited viewers see none."""
    rows = await connection.fetch(
        """
        select a.id, a.name, a.client_id, a.scopes, a.rate_limit, a.rate_limit_interval_seconds, a.created_at,
          a.last_used_at, a.revoked_at, w.url as webhook_url, coalesce(w.event_types, '{}') as event_types,
          (select count(*) from webhook_entry e where e.api_key_id = a.id and e.status = 'pending') as waiting,
          (select count(*) from webhook_entry e where e.api_key_id = a.id and e.status = 'failed') as failed
        from api_key a left join webhook_config w on w.api_key_id = a.id
        where a.operator_id = any($1) and $2::bigint[] is null order by a.revoked_at is not null, a.id desc
        """,
        viewer.operator_ids, viewer.team_ids,
    )  # fmt: skip
    return [
        Program(**(dict(row) | {"scopes": tuple(row["scopes"]), "event_types": tuple(row["event_types"])})) for row in rows
    ]


async def list_entries(connection: Connection, viewer: Viewer) -> list[WebhookEntry]:
    """List the newest webhook entries of an operator's programs."""
    rows = await connection.fetch(
        """
        select e.id, a.name as program, e.event_type, e.entity_type, e.entity_id, e.change, e.event_at, e.status,
          e.error_message
        from api_key a cross join lateral (
          select * from webhook_entry where api_key_id = a.id order by id desc limit $3) e
        where a.operator_id = any($1) and $2::bigint[] is null order by e.id desc limit $3
        """,
        viewer.operator_ids, viewer.team_ids, ENTRIES_MAX,
    )  # fmt: skip
    return [WebhookEntry(**dict(row)) for row in rows]
