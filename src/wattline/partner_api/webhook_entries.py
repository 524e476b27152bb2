"""What a program was told or will be."""

from typing import Literal

from wattline.partner_api.bodies import PageQuery
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries import partner_webhooks as questions
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.webhooks import WebhookEntry, entry_of

webhook_entries = Group("Webhooks")


class EntryQuery(PageQuery, kw_only=True):
    """Which entries."""

    status: Literal["pending", "completed", "failed"] | None = None


@webhook_entries.route("GET", "/webhooks/entries", "get-webhook-entries", "webhooks:read")
async def get_entries(call: Call, query: EntryQuery) -> Page[WebhookEntry]:
    """List what was or will be sent, the newest first, for finding mistakes; it is kept for some days."""
    async with call.database.read() as connection:
        found = await questions.find_entries(connection, query.window, status=query.status, viewer=call.viewer)
        rows = await questions.entries_by_ids(connection, found.ids)
    return page_of([entry_of(row) for row in rows], found, query.window)


@webhook_entries.route("GET", "/webhooks/entries/{entryId}", "get-webhook-entries_1", "webhooks:read")
async def get_entry(call: Call, entry_id: int) -> WebhookEntry:
    """Show one entry."""
    async with call.database.read() as connection:
        return entry_of(await questions.entry_by_id(connection, entry_id, viewer=call.viewer))
