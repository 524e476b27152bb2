"""Lists, page by page, in JSON."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from wattline.queries.paging import Found, Window
from wattline.wire.partner.shapes import Shape

T = TypeVar("T")


class OffsetMeta(Shape):
    """Where a page stands; pages count from 0."""

    item_count: int
    current_page: int
    per_page: int
    total_page_count: int
    total_item_count: int


class Page(Shape, Generic[T]):
    data: list[T]
    meta: OffsetMeta


def page_of(items: Sequence[T], found: Found, window: Window) -> Page[T]:
    """Make a page of the items found on it."""
    meta = OffsetMeta(
        item_count=len(items),
        current_page=window.page,
        per_page=window.per_page,
        total_page_count=-(-found.total // window.per_page),
        total_item_count=found.total,
    )
    return Page(data=list(items), meta=meta)


def whole(items: Sequence[T]) -> Page[T]:
    """Make the one page of a list that is not paged, with the same envelope."""
    meta = OffsetMeta(
        item_count=len(items),
        current_page=0,
        per_page=len(items),
        total_page_count=1 if items else 0,
        total_item_count=len(items),
    )
    return Page(data=list(items), meta=meta)
