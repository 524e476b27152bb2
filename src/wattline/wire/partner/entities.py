"""Things by kind and id, as the Partner API shows them: what its answers and the payloads of webhooks are made of."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.consumption import Point, energy_curve, per_period
from wattline.domain.meter import power_limit_w
from wattline.queries.charge_prices import settled_costs, settled_prices
from wattline.queries.partner_charge_keys import charge_keys_by_ids
from wattline.queries.partner_charges import charges_by_ids, owns_charge
from wattline.queries.partner_connectors import connectors_by_ids
from wattline.queries.partner_consumption import register_values
from wattline.queries.partner_people import members_by_ids
from wattline.queries.partner_price_groups import price_groups_by_ids
from wattline.queries.partner_sites import sites_by_ids
from wattline.queries.partner_teams import teams_by_ids
from wattline.wire.partner.charge_auth_tokens import charge_auth_token_of
from wattline.wire.partner.charge_points import charge_point_of
from wattline.wire.partner.charges import Charge, charge_of
from wattline.wire.partner.people import team_member_of
from wattline.wire.partner.price_groups import price_group_of
from wattline.wire.partner.shapes import Shape
from wattline.wire.partner.sites import site_of
from wattline.wire.partner.teams import team_of

HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)


async def load(connection: Connection, entity_type: str, ids: Sequence[int], *, web_url: str) -> Mapping[int, Shape]:
    """Return the entities of one type (charge, charge-point, site, team, team-member …) by id.

    Deleted ones are there too; ids nobody knows, and types that have no entity behind them, are missing.
    """
    loader = _LOADERS.get(entity_type)
    return {} if loader is None else await loader(connection, ids, web_url)


async def charges_of(connection: Connection, rows: Sequence[Any], *, viewer: Viewer | None = None) -> list[Charge]:
    """Make charges of rows of queries/partner_charges.py, with their energy over time.

    What a charge cost is its owner's business: without a viewer, as in webhooks, which payers hear too, it is not told.
    """
    curves = await energy_curves(connection, rows)
    # Only what is completed has a price that stays.
    prices = await settled_prices(connection, [row["id"] for row in rows if row["price_minor"] and row["completed_at"]])
    own = {row["id"] for row in rows if viewer is not None and owns_charge(viewer, row)}
    costs = await settled_costs(connection, [row["id"] for row in rows if row["cost_minor"] and row["id"] in own])
    return [
        charge_of(
            row,
            per_hour=per_period(curves[row["id"]], period=HOUR) if row["id"] in curves else [],
            per_quarter=per_period(curves[row["id"]], period=QUARTER) if row["id"] in curves else [],
            priced=prices.get(row["id"]),
            cost=costs.get(row["id"]),
            own=row["id"] in own,
        )
        for row in rows
    ]


async def energy_curves(connection: Connection, rows: Sequence[Any]) -> Mapping[int, list[Point]]:
    """Read how the energy of charges grew; those that took none yet are missing."""
    begun = [row for row in rows if row["started_at"] is not None and row["energy_wh"] > 0]
    if not begun:
        return {}
    since = min(row["started_at"] for row in begun)
    until = max(_end(row) for row in begun)
    values = await register_values(connection, [row["id"] for row in begun], since=since, until=until)
    return {row["id"]: _curve(row, values[row["id"]]) for row in begun}


def _curve(row: Any, register: Sequence[Point]) -> list[Point]:
    # Without a register at the start, the first value read stands for it.
    start_wh = row["meter_start_wh"] if row["meter_start_wh"] is not None else (register[0].wh if register else 0)
    limit = power_limit_w(current_kind=row["current_kind"], max_power_w=row["max_power_w"])
    start, end = Point(row["started_at"], start_wh), Point(_end(row), row["energy_wh"])
    return energy_curve(start, register, end, power_limit=limit)


def _end(row: Any) -> Any:
    return row["stopped_at"] or row["reading_at"] or row["updated_at"]


async def _charges(connection: Connection, ids: Sequence[int], _web_url: str) -> Mapping[int, Shape]:
    rows = await charges_by_ids(connection, ids)
    return {charge.id: charge for charge in await charges_of(connection, rows)}


async def _charge_points(connection: Connection, ids: Sequence[int], web_url: str) -> Mapping[int, Shape]:
    return {row["id"]: charge_point_of(row, web_url=web_url) for row in await connectors_by_ids(connection, ids)}


async def _sites(connection: Connection, ids: Sequence[int], _web_url: str) -> Mapping[int, Shape]:
    return {row["id"]: site_of(row) for row in await sites_by_ids(connection, ids)}


async def _teams(connection: Connection, ids: Sequence[int], _web_url: str) -> Mapping[int, Shape]:
    return {row["id"]: team_of(row) for row in await teams_by_ids(connection, ids)}


async def _team_members(connection: Connection, ids: Sequence[int], _web_url: str) -> Mapping[int, Shape]:
    return {row["id"]: team_member_of(row) for row in await members_by_ids(connection, ids)}


async def _price_groups(connection: Connection, ids: Sequence[int], _web_url: str) -> Mapping[int, Shape]:
    return {group["id"]: price_group_of(group, prices) for group, prices in await price_groups_by_ids(connection, ids)}


async def _charge_auth_tokens(connection: Connection, ids: Sequence[int], _web_url: str) -> Mapping[int, Shape]:
    return {row["id"]: charge_auth_token_of(row) for row in await charge_keys_by_ids(connection, ids)}


_LOADERS: Mapping[str, Callable[[Connection, Sequence[int], str], Awaitable[Mapping[int, Shape]]]] = {
    "charge": _charges,
    "charge-point": _charge_points,
    "site": _sites,
    "team": _teams,
    "team-member": _team_members,
    "charge-auth-token": _charge_auth_tokens,
    "price-group": _price_groups,
}
