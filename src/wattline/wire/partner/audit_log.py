"""Who did what, in JSON."""

from typing import Any

from wattline.wire.partner.shapes import Shape, Time


class AuditUser(Shape):
    """Who did it: a person has an id, a program the id of its API key, the command line neither."""

    id: int | None
    api_key_id: int | None
    name: str
    operator_id: int | None


class AuditEvent(Shape):
    """One thing that somebody did. `metadata.changes` has each field with its value before and after."""

    id: str
    timestamp: Time
    operator_id: int
    user: AuditUser
    team_id: int | None
    action: str
    entity_id: str
    entity_type: str
    metadata: dict[str, Any]


class CursorBasedPageMeta(Shape):
    """Pass `after` on for older events and `before` for newer ones; null where there are no more."""

    item_count: int
    per_page: int
    after: str | None
    before: str | None


class AuditEventPage(Shape):
    data: list[AuditEvent]
    meta: CursorBasedPageMeta


def event_of(row: Any) -> AuditEvent:
    """Make an event of a row of queries/audit_log.py."""
    user = AuditUser(
        id=row["user_id"], api_key_id=row["api_key_id"], name=row["who"],
        operator_id=row["by_operator_id"] or row["operator_id"],
    )  # fmt: skip
    return AuditEvent(
        id=str(row["id"]), timestamp=row["at"], operator_id=row["operator_id"], user=user, team_id=row["team_id"],
        action=row["deed"], entity_id=row["entity_id"], entity_type=row["entity_type"], metadata=row["detail"] or {},
    )  # fmt: skip
