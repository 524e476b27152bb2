"""What an entry tells: the whole entity as the REST API would answer at this moment."""

from collections.abc import Mapping, Sequence

import msgspec

from wattline.database.connection import Database
from wattline.operations.webhook_batches import OpenEntry
from wattline.wire.partner.entities import load
from wattline.wire.partner.shapes import to_json
from wattline.wire.partner.webhooks import WebhookEntryPayload


async def payloads_of(database: Database, entries: Sequence[OpenEntry], *, web_url: str) -> list[WebhookEntryPayload]:
    """Write every entry; each entity is asked for once, however many entries tell of it."""
    written: dict[tuple[str, str], msgspec.Raw] = {}
    async with database.read() as connection:
        for entity_type in {entry.entity_type for entry in entries}:
            ids = sorted({int(entry.entity_id) for entry in entries if entry.entity_type == entity_type})
            entities = await load(connection, entity_type, ids, web_url=web_url)
            written |= {(entity_type, str(key)): msgspec.Raw(to_json(entity)) for key, entity in entities.items()}
    return [
        WebhookEntryPayload(
            entity_type=entry.entity_type,
            entity_id=entry.entity_id,
            event_type=entry.change,
            event_time=entry.event_at,
            payload=_payload(entry, written),
        )
        for entry in entries
    ]


def _payload(entry: OpenEntry, written: Mapping[tuple[str, str], msgspec.Raw]) -> msgspec.Raw:
    # What has no entity of its own, such as a box that connected, tells what the fact remembers.
    return written.get((entry.entity_type, entry.entity_id)) or msgspec.Raw(to_json(entry.detail))
