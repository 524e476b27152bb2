"""Where a program wants to hear of things: one webhook per API key."""

from collections.abc import Sequence
from datetime import datetime

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.domain.webhook_settings import WebhookSettings, must_make_sense
from wattline.operations import audit
from wattline.operations.secrets import seal


async def set_webhook(
    database: Database,
    settings: WebhookSettings,
    *,
    http_allowed: bool,
    nonce: bytes,
    pepper: bytes,
    asked_by: Viewer,
    now: datetime,
) -> None:
    """Make or replace the webhook of the caller's API key. `http_allowed` is for development; `nonce` seals the secret.

    Raises Invalid naming the field. Which addresses are really called is decided when we call them.
    """
    assert asked_by.api_key_id is not None
    must_make_sense(settings, http_allowed=http_allowed)
    async with database.begin() as tx:
        await _must_see_teams(tx, settings.team_ids or (), asked_by)
        before = await tx.fetchrow("select * from webhook_config where api_key_id = $1", asked_by.api_key_id)
        await tx.execute(
            """insert into webhook_config (api_key_id, operator_id, url, secret_sealed, event_types, custom_headers,
                 team_ids, created_at, updated_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
               on conflict (api_key_id) do update set url = excluded.url, secret_sealed = excluded.secret_sealed,
                 event_types = excluded.event_types, custom_headers = excluded.custom_headers,
                 team_ids = excluded.team_ids, updated_at = excluded.updated_at""",
            asked_by.api_key_id, asked_by.operator_id, settings.url, seal(settings.secret, pepper=pepper, nonce=nonce),
            list(settings.event_types), settings.custom_headers,
            None if settings.team_ids is None else list(settings.team_ids), now,
        )  # fmt: skip
        # The secret is sealed anew each time, so it is not told whether it changed.
        names = ("url", "event_types", "custom_headers", "team_ids")
        after = {name: getattr(settings, name) for name in names}
        detail = {"url": settings.url, **audit.changed(before or {}, after)}
        await audit.note(tx, asked_by, "set", "webhook", asked_by.api_key_id, now=now, detail=detail)


async def delete_webhook(database: Database, *, asked_by: Viewer, now: datetime) -> None:
    """Stop sending to the caller's program. Raises Unknown when it has no webhook."""
    async with database.begin() as tx:
        gone = await tx.fetchval(
            "delete from webhook_config where api_key_id = $1 returning api_key_id", asked_by.api_key_id
        )
        if gone is None:
            raise Unknown("webhook configuration", "for this API key")
        await audit.note(tx, asked_by, "delete", "webhook", asked_by.api_key_id, now=now)


async def _must_see_teams(tx: Transaction, team_ids: Sequence[int], asked_by: Viewer) -> None:
    rows = await tx.fetch("select id, operator_id from team where id = any($1)", list(team_ids))
    seen = {row["id"] for row in rows if asked_by.sees(row["operator_id"], row["id"])}
    for team_id in team_ids:
        if team_id not in seen:
            raise Unknown("team", team_id)
