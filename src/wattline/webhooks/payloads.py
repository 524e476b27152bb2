"""What an entry tells: the whole entity as the REST API would answer at this moment."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

import msgspec

from wattline.database.connection import Connection, Database
from wattline.operations.webhook_batches import OpenEntry
from wattline.queries.partner_connectors import connectors_by_ids
from wattline.wire.partner.charge_points import charge_point_of
from wattline.wire.partner.shapes import Shape, to_json

# Told of an entity that cannot be found any more.
NOTHING = msgspec.Raw(b"null")

Render = Callable[[Connection, Sequence[int], str], Awaitable[Mapping[int, Shape]]]


class EntryPayload(Shape):
    """One element of a delivery's `entries`. `entity_type` is singular, `event_type` says how it changed."""

    entity_type: str
    entity_id: str
    event_type: str
    event_time: datetime
    payload: msgspec.Raw


async def payloads_of(database: Database, entries: Sequence[OpenEntry], *, web_url: str) -> list[EntryPayload]:
    """Write every entry's payload; each entity is asked for once, however many entries tell of it."""
    written: dict[tuple[str, str], msgspec.Raw] = {}
    async with database.read() as connection:
        for entity_type, render in RENDERERS.items():
            ids = sorted({int(entry.entity_id) for entry in entries if entry.entity_type == entity_type})
            if ids:
                shapes = await render(connection, ids, web_url)
                written |= {(entity_type, str(key)): msgspec.Raw(to_json(shape)) for key, shape in shapes.items()}
    return [
        EntryPayload(
            entity_type=entry.entity_type,
            entity_id=entry.entity_id,
            event_type=entry.change,
            event_time=entry.event_at,
            payload=_payload(entry, written),
        )
        for entry in entries
    ]


def _payload(entry: OpenEntry, written: Mapping[tuple[str, str], msgspec.Raw]) -> msgspec.Raw:
    if entry.entity_type in RENDERERS:
        return written.get((entry.entity_type, entry.entity_id), NOTHING)
    # What has no entity of its own, such as a box that connected, tells what the fact remembers.
    return msgspec.Raw(to_json(entry.detail))


async def _charge_points(connection: Connection, ids: Sequence[int], web_url: str) -> dict[int, Shape]:
    return {row["id"]: charge_point_of(row, web_url=web_url) for row in await connectors_by_ids(connection, ids)}


RENDERERS: Mapping[str, Render] = {
    "charge-point": _charge_points,
}
