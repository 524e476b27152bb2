"""Rows of reference data, as answers show them."""

from typing import TypeVar

from asyncpg import Record

from wattline.partner_api.bodies import PageQuery
from wattline.partner_api.call import Call
from wattline.queries import reference
from wattline.queries.paging import Conditions
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.shapes import Shape

S = TypeVar("S", bound=Shape)


async def page_of_rows(
    call: Call, table: reference.Table, conditions: Conditions, query: PageQuery, shape: type[S]
) -> Page[S]:
    """Find a page of a table."""
    async with call.database.read() as connection:
        found = await reference.find(connection, table, query.window, conditions, order="t.id")
        rows = await reference.by_ids(connection, table, found.ids)
    return page_of([shape_of_row(row, shape) for row in rows], found, query.window)


async def one_row(call: Call, table: reference.Table, row_id: int, shape: type[S]) -> S:
    """Show one row. Raises Unknown."""
    async with call.database.read() as connection:
        return shape_of_row(await reference.by_id(connection, table, row_id), shape)


def shape_of_row(row: Record, shape: type[S]) -> S:
    """Make a shape whose fields are called like the columns."""
    return shape(**{name: row[name] for name in shape.__struct_fields__})
