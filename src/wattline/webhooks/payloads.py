"""What an entry tells: the whole entity as the REST API would answer at this moment."""

from collections.abc import Mapping, Sequence

import msgspec
import structlog

from wattline.database.connection import AWAY, Connection, Database
from wattline.operations.webhook_batches import OpenEntry
from wattline.wire.partner.entities import load
from wattline.wire.partner.shapes import Shape, to_json
from wattline.wire.partner.webhooks import WebhookEntryPayload

log = structlog.get_logger(__name__)


async def payloads_of(database: Database, entries: Sequence[OpenEntry], *, web_url: str) -> list[WebhookEntryPayload]:
    """Write every entry; each entity is asked for once, however many entries tell of it."""
    written: dict[tuple[str, str], msgspec.Raw] = {}
    async with database.read() as connection:
        for entity_type in {entry.entity_type for entry in entries}:
            ids = sorted({int(entry.entity_id) for entry in entries if entry.entity_type == entity_type})
            entities = await _load(connection, entity_type, ids, web_url)
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


async def _load(connection: Connection, entity_type: str, ids: Sequence[int], web_url: str) -> Mapping[int, Shape]:
    """Load entities; one that cannot be shown, by a mistake of ours, must not hold back all that is told beside it."""
    try:
        return await load(connection, entity_type, ids, web_url=web_url)
    except AWAY:
        raise
    except Exception:
        log.exception("an entity cannot be told", entity_type=entity_type, ids=ids)
    if len(ids) == 1:
        return {}
    return {
        key: shape for each in ids for key, shape in (await _load(connection, entity_type, [each], web_url)).items()
    }


def _payload(entry: OpenEntry, written: Mapping[tuple[str, str], msgspec.Raw]) -> msgspec.Raw:
    # What has no entity of its own, such as a box that connected, tells what the fact remembers.
    return written.get((entry.entity_type, entry.entity_id)) or msgspec.Raw(to_json(entry.detail))
