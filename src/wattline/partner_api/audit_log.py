"""Who did what."""

from typing import Annotated

from msgspec import Meta

from wattline.domain.refusals import Invalid, Unknown
from wattline.partner_api.bodies import Id
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries.audit_log import AuditWish, find_lines, line_of
from wattline.wire.partner.audit_log import AuditEvent, AuditEventPage, CursorBasedPageMeta, event_of
from wattline.wire.partner.shapes import Shape, Time

audit_log = Group("Audit log")

PER_PAGE = 50
DIGITS_MAX = 18


class AuditQuery(Shape, kw_only=True):
    """Which events. `after` and `before` are from the last answer's meta; `search` looks in everything told."""

    operator_id: Id | None = None
    user_id: Id | None = None
    team_id: Id | None = None
    entity_type: str | None = None
    entity_id: str | None = None
    action: str | None = None
    search: str | None = None
    to_date: Time | None = None
    from_date: Time | None = None
    per_page: Annotated[int, Meta(ge=1, le=10_000)] | None = PER_PAGE
    after: str | None = None
    before: str | None = None


@audit_log.route("GET", "/auditlog/events", "search-audit-log", "audit-log:read")
async def get_events(call: Call, query: AuditQuery) -> AuditEventPage:
    """List what people, programs and the command line did, the newest first. Nothing here is ever changed."""
    per_page = query.per_page or PER_PAGE
    older_than, newer_than = _cursor("after", query.after), _cursor("before", query.before)
    wish = AuditWish(
        operator_id=query.operator_id, user_id=query.user_id, team_id=query.team_id, deed=query.action or "",
        entity_type=query.entity_type or "", entity_id=query.entity_id or "", text=query.search or "",
        start=query.from_date, end=query.to_date, before=older_than, after=newer_than, limit=per_page,
    )  # fmt: skip
    async with call.database.read() as connection:
        found = await find_lines(connection, call.viewer, wish)
    more = len(found) > per_page
    # Looking for newer ones, the one too many is the newest.
    shown = (found[-per_page:] if newer_than is not None else found[:per_page]) if more else found
    older = more if newer_than is None else bool(shown)
    newer = more if newer_than is not None else older_than is not None and bool(shown)
    meta = CursorBasedPageMeta(
        item_count=len(shown),
        per_page=per_page,
        after=str(shown[-1]["id"]) if older else None,
        before=str(shown[0]["id"]) if newer else None,
    )
    return AuditEventPage(data=[event_of(row) for row in shown], meta=meta)


@audit_log.route("GET", "/auditlog/events/{eventId}", "get-audit-log", "audit-log:read")
async def get_event(call: Call, event_id: str) -> AuditEvent:
    """Show one event."""
    if not (event_id.isascii() and event_id.isdigit() and len(event_id) <= DIGITS_MAX):
        raise Unknown("audit event", event_id)
    async with call.database.read() as connection:
        return event_of(await line_of(connection, call.viewer, int(event_id)))


def _cursor(field: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX):
        raise Invalid(field, "is not a cursor that an answer gave you.")
    return int(text)
