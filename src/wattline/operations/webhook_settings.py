"""Where a program wants to hear of things: one webhook per API key."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.refusals import Invalid, Unknown
from wattline.operations import audit
from wattline.operations.secrets import seal

# Partner API 4.1.
URL_LENGTH_MAX = 191
SECRET_LENGTH_MIN, SECRET_LENGTH_MAX = 16, 191
EVENT_TYPES_MAX = 512
CUSTOM_HEADERS_MAX = 5
TEAMS_MAX = 100
# Long enough for a bearer token, short enough for every server's limit on header lines.
HEADER_VALUE_LENGTH_MAX = 2048

EVENT_TYPES = (
    "charges",
    "charge-points",
    "sites",
    "users",
    "team-members",
    "teams",
    "installer-jobs",
    "wallet-transactions",
    "price-groups",
    "subscriptions",
    "plans",
    "charge-auth-tokens",
    "reports",
    "ocpp-messages",
    "charge-points-protocol-updates",
)

_HEADER_NAME = re.compile(r"[Xx]-[A-Za-z0-9_-]{1,100}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """Where to send what. `event_types` may be ("*",); `team_ids` None means every team."""

    url: str
    secret: str
    event_types: Sequence[str]
    custom_headers: Mapping[str, str] | None = None
    team_ids: Sequence[int] | None = None


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
    _check(settings, http_allowed=http_allowed)
    async with database.begin() as tx:
        await _must_see_teams(tx, settings.team_ids or (), asked_by)
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
        await audit.note(tx, asked_by, "set", "webhook", asked_by.api_key_id, now=now, detail={"url": settings.url})


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


def _check(settings: WebhookSettings, *, http_allowed: bool) -> None:
    _check_url(settings.url, http_allowed=http_allowed)
    if not SECRET_LENGTH_MIN <= len(settings.secret) <= SECRET_LENGTH_MAX:
        raise Invalid("webhookSecret", f"must have {SECRET_LENGTH_MIN} to {SECRET_LENGTH_MAX} characters.")
    if len(settings.event_types) > EVENT_TYPES_MAX:
        raise Invalid("eventTypes", f"must be at most {EVENT_TYPES_MAX}.")
    for event_type in settings.event_types:
        if event_type != "*" and event_type not in EVENT_TYPES:
            raise Invalid("eventTypes", f"'{event_type}' is not an event type. Known are: *, {', '.join(EVENT_TYPES)}.")
    if len(settings.team_ids or ()) > TEAMS_MAX:
        raise Invalid("teamIds", f"must be at most {TEAMS_MAX}.")
    _check_headers(settings.custom_headers or {})


def _check_url(url: str, *, http_allowed: bool) -> None:
    schemes = ("https", "http") if http_allowed else ("https",)
    if len(url) > URL_LENGTH_MAX:
        raise Invalid("webhookUrl", f"must have at most {URL_LENGTH_MAX} characters.")
    try:
        parts = urlsplit(url)
        host = parts.hostname
        assert parts.port != 0
    except (ValueError, AssertionError):
        raise Invalid("webhookUrl", "is not a URL.") from None
    if parts.scheme not in schemes or not host or any(character <= " " for character in url):
        raise Invalid("webhookUrl", f"must be a URL that begins with {schemes[0]}://.")


def _check_headers(headers: Mapping[str, str]) -> None:
    if len(headers) > CUSTOM_HEADERS_MAX:
        raise Invalid("customHeaders", f"must be at most {CUSTOM_HEADERS_MAX}.")
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise Invalid("customHeaders", f"'{name}' must begin with X- and have letters, digits and hyphens only.")
        if not _HEADER_VALUE.fullmatch(value) or len(value) > HEADER_VALUE_LENGTH_MAX:
            raise Invalid("customHeaders", f"the value of {name} must be plain text on one line.")
