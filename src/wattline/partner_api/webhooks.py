"""Where a program hears of things, and what it was told."""

import secrets
from http import HTTPStatus
from typing import Annotated

from msgspec import Meta

from wattline.domain.webhook_settings import WebhookSettings
from wattline.operations import webhook_settings as verbs
from wattline.operations.secrets import NONCE_BYTES
from wattline.partner_api.bodies import Id
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.partner_api.webhook_view import shown
from wattline.wire.partner.shapes import Shape
from wattline.wire.partner.webhooks import CustomHeaders, WebhookConfig

webhooks = Group("Webhooks")


class SetWebhook(Shape, kw_only=True):
    """Where to send what. `eventTypes` may be `["*"]` for all; header names begin with `X-`, at most five."""

    webhook_url: str
    webhook_secret: str
    event_types: list[str]
    custom_headers: CustomHeaders | None = None
    team_ids: Annotated[list[Id], Meta(max_length=100)] | None = None


@webhooks.route("GET", "/webhooks/config", "get-webhook-config", "manage-webhooks:read")
async def get_config(call: Call) -> WebhookConfig:
    """Show where this API key hears of things; 404 when it does not."""
    return await shown(call)


@webhooks.route("PUT", "/webhooks/config", "update-webhook-config", "manage-webhooks:write")
async def put_config(call: Call, body: SetWebhook) -> WebhookConfig:
    """Set where this API key hears of things, and of which. Each API key has one such place."""
    settings = WebhookSettings(
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
    return await shown(call)


@webhooks.route(
    "DELETE", "/webhooks/config", "delete-webhook-config", "manage-webhooks:delete", success=HTTPStatus.NO_CONTENT
)
async def delete_config(call: Call) -> None:
    """Hear of nothing any more."""
    await verbs.delete_webhook(call.database, asked_by=call.viewer, now=call.now)
