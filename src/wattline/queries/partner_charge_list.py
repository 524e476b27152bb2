"""Lists of charges for the Partner API, with every filter."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.queries.paging import CHARGES_MAX, Conditions, Found, Window

Role = Literal["owner", "payer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeFilter:
    """Which charges somebody wants; None means any. `states` has our states and suspended_ev, suspended_evse.

    As `payer` one sees the charges one's teams paid, as `owner` those at one's charge points; `team_id` goes with the
    role. Dates are closed below and open above.
    """

    role: Role = "owner"
    operator_id: int | None = None
    team_id: int | None = None
    connector_id: int | None = None
    site_id: int | None = None
    states: Collection[str] = ()
    created_from: datetime | None = None
    created_to: datetime | None = None
    updated_from: datetime | None = None
    completed_from: datetime | None = None
    completed_to: datetime | None = None
    auth_type: str | None = None
    auth_id: str | None = None
    partner_external_id: str | None = None


async def find_charges(connection: Connection, wanted: ChargeFilter, window: Window, *, viewer: Viewer) -> Found:
    """Find a page of the viewer's charges, newest first; at most 20,000 are counted and shown."""
    conditions = Conditions()
    owners = _add_owners(conditions, wanted, viewer)
    _add_filters(conditions, wanted)
    offset, limit = conditions.bind(window.offset), conditions.bind(window.per_page)
    # The newest of each operator, or team, are taken in the order of its index: nothing is sorted that is not shown.
    row = await connection.fetchrow(
        f"""with found as materialized (
              select f.id, f.created_at from {owners} cross join lateral (
                select c.id, c.created_at from charge c where {conditions.where}
                order by c.created_at desc, c.id desc limit {CHARGES_MAX}) as f
              order by f.created_at desc, f.id desc limit {CHARGES_MAX})
            select (select count(*) from found) as total,
              array(select id from found order by created_at desc, id desc offset {offset} limit {limit}) as ids""",
        *conditions.values,
    )
    assert row is not None
    return Found(row["ids"], row["total"])


def _add_owners(conditions: Conditions, wanted: ChargeFilter, viewer: Viewer) -> str:
    """Add whose charges they are; return the from clause that lists these owners as `o`, operators or teams."""
    operator, team = ("operator_id", "team_id") if wanted.role == "owner" else ("paying_operator_id", "paying_team_id")
    operators = conditions.bind([one for one in viewer.operator_ids if wanted.operator_id in (None, one)])
    if viewer.team_ids is None and wanted.team_id is None:
        conditions.add(f"c.{operator} = o.id")
        return f"unnest({operators}::bigint[]) as o(id)"
    conditions.add(f"c.{team} = o.id")
    if _looks_at_rows(wanted):
        # A team's charges are its operator's. To say so opens more indexes; without a filter it would close the one
        # that has all that is asked for, and rows would be read for nothing.
        conditions.add(f"c.{operator} = o.operator_id")
    teams = f"select id, operator_id from team where operator_id = any({operators})"
    if viewer.team_ids is not None:
        teams += f" and id = any({conditions.bind(list(viewer.team_ids))})"
    if wanted.team_id is not None:
        teams += f" and id = {conditions.bind(wanted.team_id)}"
    return f"({teams}) as o"


def _looks_at_rows(wanted: ChargeFilter) -> bool:
    ordered = ChargeFilter(
        role=wanted.role,
        operator_id=wanted.operator_id,
        team_id=wanted.team_id,
        created_from=wanted.created_from,
        created_to=wanted.created_to,
    )
    return wanted != ordered


def _add_filters(conditions: Conditions, wanted: ChargeFilter) -> None:
    plain = {
        "c.connector_id = {}": wanted.connector_id,
        "c.site_id = {}": wanted.site_id,
        "c.created_at >= {}": wanted.created_from,
        "c.created_at < {}": wanted.created_to,
        "c.completed_at >= {}": wanted.completed_from,
        "c.completed_at < {}": wanted.completed_to,
        "c.auth_type = {}": wanted.auth_type,
        "c.auth_id = {}": wanted.auth_id,
    }
    for text, value in plain.items():
        if value is not None:
            conditions.add(text, value)
    conditions.partner_external_id("c.partner_external_id", wanted.partner_external_id)
    if wanted.updated_from is not None:
        _add_updated(conditions, wanted.updated_from)
    if wanted.states:
        _add_states(conditions, set(wanted.states))


def _add_updated(conditions: Conditions, since: datetime) -> None:
    # A reading changes the energy of a running charge, but not `updated_at`: so its row is updated in place.
    at = conditions.bind(since)
    conditions.add(f"(c.updated_at >= {at} or (c.completed_at is null and c.reading_at >= {at}))")


def _add_states(conditions: Conditions, states: set[str]) -> None:
    suspended = states & {"suspended_ev", "suspended_evse"}
    any_of = conditions.bind(sorted(states - suspended))
    raw = conditions.bind(sorted(suspended))
    conditions.add(f"(c.state = any({any_of}) or (c.state = 'paused' and c.raw_state = any({raw})))")
    if "completed" not in states:
        # The few that run have an index of their own; they are never looked for among millions that are over.
        conditions.add("c.completed_at is null")
