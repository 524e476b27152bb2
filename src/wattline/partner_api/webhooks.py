"""Where a program hears of things, and what it was told."""

import hmac
import secrets
from http import HTTPStatus
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from wattline.domain.refusals import Unknown
from wattline.operations import webhook_settings as verbs
from wattline.operations.secrets import NONCE_BYTES, unseal
from wattline.partner_api.bodies import Id, PageQuery
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries import partner_webhooks as questions
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.shapes import Shape
from wattline.wire.partner.webhooks import CustomHeaders, SignatureExplanation, WebhookConfig, WebhookEntry, entry_of

webhooks = Group("Webhooks")

HIDDEN = "***"


class SetWebhook(Shape, kw_only=True):
    """Where to send what. `eventTypes` may be `["*"]` for all; header names begin with `X-`, at most five."""

    webhook_url: str
    webhook_secret: str
    event_types: list[str]
    custom_headers: CustomHeaders | None = None
    team_ids: Annotated[list[Id], Meta(max_length=100)] | None = None


class EntryQuery(PageQuery, kw_only=True):
    """Which entries."""

    status: Literal["pending", "completed", "failed"] | None = None


class SignatureQuery(Shape, kw_only=True):
    """`webhookSecret` is used instead of the one that is set; `includeSecrets` shows it in the answer."""

    include_secrets: bool = False
    webhook_secret: str | None = None


@webhooks.route("GET", "/webhooks/config", "get-webhook-config", "manage-webhooks:read")
async def get_config(call: Call) -> WebhookConfig:
    """Show where this API key hears of things; 404 when it does not."""
    return await _shown(call)


@webhooks.route("PUT", "/webhooks/config", "update-webhook-config", "manage-webhooks:write")
async def put_config(call: Call, body: SetWebhook) -> WebhookConfig:
    """Set where this API key hears of things, and of which. Each API key has one such place."""
    settings = verbs.WebhookSettings(
        url=body.webhook_url,
        secret=body.webhook_secret,
        event_types=body.event_types,
        custom_headers=body.custom_headers.headers if body.custom_headers else None,
        team_ids=body.team_ids,
    )
    development = call.settings.webhooks.allow_private or call.settings.webhooks.allow_loopback
    await verbs.set_webhook(
        call.database, settings, http_allowed=development, nonce=secrets.token_bytes(NONCE_BYTES),
        pepper=call.settings.pepper, asked_by=call.viewer, now=call.now,
    )  # fmt: skip
    return await _shown(call)


@webhooks.route(
    "DELETE", "/webhooks/config", "delete-webhook-config", "manage-webhooks:delete", success=HTTPStatus.NO_CONTENT
)
async def delete_config(call: Call) -> None:
    """Hear of nothing any more."""
    await verbs.delete_webhook(call.database, asked_by=call.viewer, now=call.now)


@webhooks.route("GET", "/webhooks/entries", "get-webhook-entries", "webhooks:read")
async def get_entries(call: Call, query: EntryQuery) -> Page[WebhookEntry]:
    """List what was or will be sent, the newest first, for finding mistakes; it is kept for some days."""
    async with call.database.read() as connection:
        found = await questions.find_entries(connection, query.window, status=query.status, viewer=call.viewer)
        rows = await questions.entries_by_ids(connection, found.ids)
    return page_of([entry_of(row) for row in rows], found, query.window)


@webhooks.route("GET", "/webhooks/entries/{entryId}", "get-webhook-entries_1", "webhooks:read")
async def get_entry(call: Call, entry_id: int) -> WebhookEntry:
    """Show one entry."""
    async with call.database.read() as connection:
        return entry_of(await questions.entry_by_id(connection, entry_id, viewer=call.viewer))


@webhooks.route("POST", "/webhooks/get-signature-detail", "get-signature-detail", "manage-webhooks:read", beta=True)
async def explain_signature(call: Call, query: SignatureQuery, body: msgspec.Raw) -> SignatureExplanation:
    """Explain step by step how `X-Monta-Signature` of a JSON body comes about: over its bytes, without blanks."""
    secret = query.webhook_secret or (await _shown(call)).webhook_secret
    payload = msgspec.json.format(bytes(body), indent=-1)
    signature = hmac.digest(secret.encode(), payload, "sha1").hex()
    return SignatureExplanation(
        received_payload_string=payload.decode(),
        received_payload_bytes=payload.hex(),
        webhook_secret=secret if query.include_secrets else HIDDEN,
        webhook_secret_bytes=secret.encode().hex() if query.include_secrets else HIDDEN,
        signature_algorithm="HmacSHA1",
        signature=signature,
        signature_with_prefix=f"sha1={signature}",
    )


async def _shown(call: Call) -> WebhookConfig:
    async with call.database.read() as connection:
        row = await questions.webhook_of(connection, viewer=call.viewer)
    if row is None:
        raise Unknown("webhook configuration", "for this API key")
    return WebhookConfig(
        webhook_url=row["url"],
        webhook_secret=unseal(row["secret_sealed"], pepper=call.settings.pepper),
        event_types=row["event_types"],
        custom_headers=None if row["custom_headers"] is None else CustomHeaders(headers=row["custom_headers"]),
        team_ids=row["team_ids"],
    )
