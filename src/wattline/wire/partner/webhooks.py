"""Where a program hears of things, and what it was or will be told, in JSON."""

from typing import Any, Literal

from wattline.wire.partner.shapes import Shape, Time


class CustomHeaders(Shape):
    headers: dict[str, str]


class WebhookConfig(Shape):
    webhook_url: str
    webhook_secret: str
    event_types: list[str]
    custom_headers: CustomHeaders | None
    team_ids: list[int] | None


class WebhookEntryPayload(Shape):
    """One entry of a webhook's body. `eventType` is how it changed, `payload` the entity as the API shows it."""

    entity_type: str
    entity_id: str | None
    event_type: str
    event_time: Time | None
    payload: Any


class WebhookEntryErrorPayload(Shape):
    error_code: str | None
    error_message: str | None


class WebhookEntry(Shape):
    """An entry as we keep it. `eventType` is the subscription that heard it."""

    id: int
    consumer_id: int
    operator_id: int
    event_type: str
    payload: WebhookEntryPayload
    status: Literal["pending", "completed", "failed"]
    error: WebhookEntryErrorPayload | None
    created_at: Time
    updated_at: Time | None


class SignatureExplanation(Shape):
    """How the signature of a body comes about, step by step."""

    received_payload_string: str
    received_payload_bytes: str
    webhook_secret: str
    webhook_secret_bytes: str
    signature_algorithm: str
    signature: str
    signature_with_prefix: str


def entry_payload_of(row: Any) -> WebhookEntryPayload:
    """Make the entry of a webhook's body of a row of table `webhook_entry`."""
    return WebhookEntryPayload(
        entity_type=row["entity_type"],
        entity_id=row["entity_id"],
        event_type=row["change"],
        event_time=row["event_at"],
        payload=row["payload"],
    )


def entry_of(row: Any) -> WebhookEntry:
    """Make a kept entry of a row of table `webhook_entry`."""
    failed = row["error_code"] is not None or row["error_message"] is not None
    return WebhookEntry(
        id=row["id"],
        consumer_id=row["api_key_id"],
        operator_id=row["operator_id"],
        event_type=row["event_type"],
        payload=entry_payload_of(row),
        status=row["status"],
        error=WebhookEntryErrorPayload(error_code=row["error_code"], error_message=row["error_message"])
        if failed
        else None,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
