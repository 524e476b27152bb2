"""The log of a charge point, in JSON."""

from typing import Any

from wattline.wire.partner.shapes import Shape, Time, to_json


class ChargePointLog(Shape):
    """A line. `message` is its name and what was told with it."""

    id: str
    timestamp: Time
    message: str


class LogOffsetMeta(Shape, tag_field="paginationType", tag="offset"):
    item_count: int
    current_page: int
    per_page: int
    total_page_count: int
    total_item_count: int


class LogCursorMeta(Shape, tag_field="paginationType", tag="cursor"):
    """Pass `after` on for older lines and `before` for newer ones; null where there are no more."""

    item_count: int
    per_page: int
    after: str | None
    before: str | None


class LogPage(Shape):
    data: list[ChargePointLog]
    meta: LogOffsetMeta | LogCursorMeta


def log_of(row: Any) -> ChargePointLog:
    """Make a line of a row of queries/partner_logs.py."""
    told = f" {to_json(row['detail']).decode()}" if row["detail"] else ""
    return ChargePointLog(id=str(row["id"]), timestamp=row["at"], message=f"{row['kind']}{told}")
