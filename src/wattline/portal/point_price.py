"""What charging costs at a charge point, for whoever comes by: on its page, and before every start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.portal.price_groups import prices_at
from wattline.portal.prices import words_of
from wattline.queries.portal_charge_point import Connector
from wattline.web.formats import Formats


@dataclass(frozen=True, slots=True)
class PointPrice:
    """The price at a connector in words, the main one first. `missing`: it is public, and refuses to start without."""

    group_id: int | None
    words: tuple[str, ...]
    missing: bool


async def point_prices(
    connection: Connection, viewer: Viewer, connectors: Sequence[Connector], formats: Formats
) -> Mapping[int, PointPrice]:
    """Tell the price at each connector, by its id."""
    found = await prices_at(connection, [one.id for one in connectors])
    prices = {}
    for one in connectors:
        group = found.get(one.id)
        if group is None:
            prices[one.id] = PointPrice(None, (), one.visibility == "public")
        else:
            seen = viewer.sees(group.operator_id, group.team_id) if group.team_id else True
            prices[one.id] = PointPrice(group.id if seen else None, tuple(words_of(group, formats)), missing=False)
    return prices
