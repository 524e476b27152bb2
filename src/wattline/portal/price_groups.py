"""Price groups as pages know them: a group, its prices, and at how many places it was put up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.price_order import in_display_order
from wattline.domain.price_terms import GroupType, Pricing
from wattline.domain.refusals import Unknown
from wattline.operations.price_freeze import PLACE
from wattline.operations.price_group_rows import pricing_of
from wattline.queries.portal_prices import group_rows, group_rows_by_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """A price group with its prices, and at how many places it was put up. `team` None: the operator's, for all."""

    id: int
    operator_id: int
    team_id: int | None
    team: str | None
    name: str
    type: GroupType
    currency: str
    decimals: int
    is_default: bool
    minimum_minor: int
    maximum_minor: int | None
    spot_series_id: int | None
    tax_rate_ids: tuple[int, ...]
    created_at: datetime
    connectors: int
    sites: int
    members: int
    prices: tuple[Pricing, ...]

    @property
    def master(self) -> Pricing:
        """The main price."""
        return self.prices[0]

    @property
    def fees(self) -> tuple[Pricing, ...]:
        """Everything beside it."""
        return self.prices[1:]

    @property
    def shown(self) -> list[Pricing]:
        """The prices in the order in which drivers see them."""
        return in_display_order(self.prices)


async def list_groups(connection: Connection, viewer: Viewer) -> Sequence[GroupLine]:
    """List the groups that are there for a viewer."""
    return _lines(*await group_rows(connection, viewer))


async def group_line(connection: Connection, viewer: Viewer, group_id: int) -> GroupLine:
    """Load one group. Raises Unknown for those that the viewer may not see."""
    found = _lines(*await group_rows(connection, viewer, group_id))
    if not found:
        raise Unknown("price group", group_id)
    return found[0]


async def prices_at(connection: Connection, connector_ids: Sequence[int]) -> Mapping[int, GroupLine]:
    """Tell which price counts for whoever comes by, by connector; connectors without any are left out.

    The caller has checked who may see them.
    """
    counting = {}
    for connector_id in connector_ids:
        place = await connection.fetchrow(PLACE, connector_id, None, None)
        if place is not None and place["public_group_id"] is not None:
            counting[connector_id] = place["public_group_id"]
    found = _lines(*await group_rows_by_ids(connection, list(set(counting.values()))))
    groups = {group.id: group for group in found}
    return {connector_id: groups[group_id] for connector_id, group_id in counting.items()}


def _lines(rows: Sequence[Record], price_rows: Sequence[Record]) -> list[GroupLine]:
    prices: dict[int, list[Pricing]] = {row["id"]: [] for row in rows}
    for row in price_rows:
        prices[row["price_group_id"]].append(pricing_of(row))
    return [
        GroupLine(
            **dict(row)
            | {
                "type": GroupType(row["type"]),
                "tax_rate_ids": tuple(row["tax_rate_ids"]),
                "prices": tuple(prices[row["id"]]),
            }
        )
        for row in rows
    ]
