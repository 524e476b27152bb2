"""A webhook, as answers show it."""

from wattline.domain.refusals import Unknown
from wattline.operations.secrets import unseal
from wattline.partner_api.call import Call
from wattline.queries import partner_webhooks as questions
from wattline.wire.partner.webhooks import CustomHeaders, WebhookConfig


async def shown(call: Call) -> WebhookConfig:
    """Show the webhook of the caller's API key, with its secret. Raises Unknown."""
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
