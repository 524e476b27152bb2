"""Prices: the list of price groups, and the page of one with an example, where it counts, and who changed it."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.access import Right, may
from wattline.operations.price_group_rows import owns
from wattline.portal.frame import Asked
from wattline.portal.money_words import TYPES, pricing_words
from wattline.portal.price_changes import Change, changes_of
from wattline.portal.price_example import FIRST_EXAMPLE
from wattline.portal.price_groups import GroupLine, group_line, list_groups
from wattline.queries.portal_prices import places_for
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest


def words_of(group: GroupLine, formats: Formats) -> list[str]:
    """Say all prices of a group, in the order in which drivers see them."""
    said = [pricing_words(pricing, formats, group.currency) for pricing in group.shown]
    if group.minimum_minor:
        said.append(f"at least {_plain(group.minimum_minor, group, formats)}")
    if group.maximum_minor is not None:
        said.append(f"at most {_plain(group.maximum_minor, group, formats)}")
    return said


def _plain(amount_minor: int, group: GroupLine, formats: Formats) -> str:
    amount = formats.number(amount_minor / 10**group.decimals, group.decimals)
    return f"{amount} {group.currency.upper()}"


@get("/prices")
async def prices_page(request: PageRequest) -> Response[bytes]:
    """List the price groups, by whose they are."""
    asked = Asked.of(request)
    viewer, formats = asked.session.viewer, asked.session.formats
    async with asked.database.read() as connection:
        groups = await list_groups(connection, viewer)
        return await asked.page(
            "prices.jinja",
            connection,
            here="prices",
            groups=[(group, words_of(group, formats)) for group in groups],
            types=TYPES,
            may_change=may(viewer, Right.CHANGE_PRICES),
        )


@get("/prices/{group_id:int}")
async def price_page(request: PageRequest, group_id: FromPath[int]) -> Response[bytes]:
    """Show a price group."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        return await show_group(asked, connection, group_id)


async def show_group(
    asked: Asked, connection: Connection, group_id: int, *, said: Sequence[object] = (), status: int = 200
) -> Response[bytes]:
    """Answer with the page of a group; `said` tells what came of a deed."""
    viewer, formats = asked.session.viewer, asked.session.formats
    group = await group_line(connection, viewer, group_id)
    changes: Sequence[Change] = await changes_of(connection, viewer, group, formats)
    values: dict[str, Any] = {"said": said, "settings": (), "link": "", "link_label": ""}
    return await asked.page(
        "price.jinja",
        connection,
        here="prices",
        status=status,
        group=group,
        words=words_of(group, formats),
        type=TYPES[group.type],
        spots=await places_for(connection, viewer, group_id=group.id, type_=group.type, team_id=group.team_id),
        changes=changes,
        example=FIRST_EXAMPLE,
        may_change=may(viewer, Right.CHANGE_PRICES)
        and owns(viewer, {"team_id": group.team_id, "operator_id": group.operator_id}),
        **values,
    )
