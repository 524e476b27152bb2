"""The questions that lists ask, with every filter and order, as programs and people ask them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.queries import (
    partner_charge_keys,
    partner_charges,
    partner_connectors,
    partner_logs,
    partner_sites,
    partner_teams,
    partner_webhooks,
    portal_charge_point,
    portal_charge_points,
    portal_charges,
    portal_frame,
    portal_logs,
    portal_palette,
)
from wattline.queries.paging import Window
from wattline.queries.partner_charge_list import ChargeFilter, find_charges
from wattline.queries.partner_connectors import ConnectorFilter
from wattline.queries.partner_sites import SiteFilter
from wattline.queries.partner_teams import TeamFilter
from wattline.queries.portal_charge_points import Wish
from wattline.queries.portal_charges import ChargeWish
from wattline.queries.portal_logs import LogWish
from wattline.wire.partner.entities import charges_of

# The ids are those of growth.sql. The first operator has half of everything and one below it, the fourth next to
# nothing; the second key sees two teams.
ALL = Viewer("bench", 1, (1, 2), api_key_id=1)
TEAMS = Viewer("bench", 1, (1, 2), team_ids=(3, 4), api_key_id=2)
SMALL = Viewer("bench", 5, (5,), api_key_id=3)

FIRST, LAST = Window(0, 100), Window(199, 100)
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Question:
    """A question by name; `ask` takes the connection and the number of charges, and returns how many rows came."""

    name: str
    ask: Callable[[Connection, int], Awaitable[int]]


def ago(**span: float) -> datetime:
    """Name a moment before the fill."""
    return NOW - timedelta(**span)


CHARGE_FILTERS: Sequence[tuple[str, ChargeFilter, Viewer]] = (
    ("all", ChargeFilter(), ALL),
    ("two teams' key", ChargeFilter(), TEAMS),
    ("small operator", ChargeFilter(), SMALL),
    ("payer", ChargeFilter(role="payer"), ALL),
    ("payer, two teams' key", ChargeFilter(role="payer"), TEAMS),
    ("payer, small operator", ChargeFilter(role="payer"), SMALL),
    ("team", ChargeFilter(team_id=5), ALL),
    ("paying team", ChargeFilter(role="payer", team_id=5), ALL),
    ("operator", ChargeFilter(operator_id=2), ALL),
    ("charge point", ChargeFilter(connector_id=8), ALL),
    ("site", ChargeFilter(site_id=5), ALL),
    ("state charging", ChargeFilter(states=("charging",)), ALL),
    ("state completed", ChargeFilter(states=("completed",)), ALL),
    ("state suspended_ev", ChargeFilter(states=("suspended_ev",)), ALL),
    ("from a day ago", ChargeFilter(created_from=ago(days=1)), ALL),
    ("a day a year ago", ChargeFilter(created_from=ago(days=366), created_to=ago(days=365)), ALL),
    ("updated since an hour", ChargeFilter(updated_from=ago(hours=1)), ALL),
    ("updated since a day", ChargeFilter(updated_from=ago(days=1)), ALL),
    ("updated since a year", ChargeFilter(updated_from=ago(days=365)), ALL),
    ("completed last day", ChargeFilter(completed_from=ago(days=1)), ALL),
    ("completed a day a year ago", ChargeFilter(completed_from=ago(days=366), completed_to=ago(days=365)), ALL),
    ("auth id", ChargeFilter(auth_type="rfid", auth_id="00000000000005"), ALL),
    ("partner's id", ChargeFilter(partner_external_id="order-100"), ALL),
    ("partner's id, payer", ChargeFilter(role="payer", partner_external_id="order-100"), ALL),
    ("no partner's id", ChargeFilter(partner_external_id=""), ALL),
    ("two teams' key, charging", ChargeFilter(states=("charging",)), TEAMS),
    ("two teams' key, updated since a day", ChargeFilter(updated_from=ago(days=1)), TEAMS),
    ("payer, charging", ChargeFilter(role="payer", states=("charging",)), ALL),
    ("payer, updated since an hour", ChargeFilter(role="payer", updated_from=ago(hours=1)), ALL),
    ("payer, completed last day", ChargeFilter(role="payer", completed_from=ago(days=1)), ALL),
    ("payer, auth id", ChargeFilter(role="payer", auth_type="rfid", auth_id="00000000000005"), ALL),
    ("team, completed, month", ChargeFilter(team_id=5, states=("completed",), created_from=ago(days=30)), ALL),
    ("charge point, no partner's id", ChargeFilter(connector_id=8, partner_external_id=""), ALL),
    ("site, auth id", ChargeFilter(site_id=5, auth_type="rfid", auth_id="00000000000005"), ALL),
)


def _charges(wanted: ChargeFilter, viewer: Viewer, window: Window) -> Callable[[Connection, int], Awaitable[int]]:
    async def ask(connection: Connection, _charges: int) -> int:
        found = await find_charges(connection, wanted, window, viewer=viewer)
        rows = await partner_charges.charges_by_ids(connection, found.ids)
        return len(await charges_of(connection, rows))

    return ask


CONNECTOR_FILTERS: Sequence[tuple[str, ConnectorFilter, Viewer]] = (
    ("all", ConnectorFilter(), ALL),
    ("two teams' key", ConnectorFilter(), TEAMS),
    ("team", ConnectorFilter(team_id=5), ALL),
    ("operator", ConnectorFilter(operator_id=2), ALL),
    ("site", ConnectorFilter(site_id=5), ALL),
    ("state", ConnectorFilter(state="error"), ALL),
    ("partner's id", ConnectorFilter(partner_external_id="bay-9"), ALL),
    ("no partner's id", ConnectorFilter(partner_external_id=""), ALL),
    ("updated since a day", ConnectorFilter(updated_from=ago(days=1)), ALL),
    ("with deleted ones", ConnectorFilter(include_deleted=True), ALL),
    ("nearest first", ConnectorFilter(near=(55.5, 10.5)), ALL),
    ("in a box", ConnectorFilter(box=(55.0, 55.1, 10.0, 10.2)), ALL),
)


def _connectors(wanted: ConnectorFilter, viewer: Viewer, window: Window) -> Callable[[Connection, int], Awaitable[int]]:
    async def ask(connection: Connection, _charges: int) -> int:
        found = await partner_connectors.find_connectors(connection, wanted, window, viewer=viewer)
        return len(await partner_connectors.connectors_by_ids(connection, found.ids))

    return ask


def _keys(window: Window, viewer: Viewer = ALL, **wanted: Any) -> Callable[[Connection, int], Awaitable[int]]:
    async def ask(connection: Connection, _charges: int) -> int:
        filters = {"team_id": None, "partner_external_id": None} | wanted
        found = await partner_charge_keys.find_charge_keys(connection, window, viewer=viewer, **filters)
        return len(await partner_charge_keys.charge_keys_by_ids(connection, found.ids))

    return ask


def _sites(wanted: SiteFilter) -> Callable[[Connection, int], Awaitable[int]]:
    async def ask(connection: Connection, _charges: int) -> int:
        found = await partner_sites.find_sites(connection, wanted, FIRST, viewer=ALL)
        return len(await partner_sites.sites_by_ids(connection, found.ids))

    return ask


async def _teams(connection: Connection, _charges: int) -> int:
    found = await partner_teams.find_teams(connection, TeamFilter(), FIRST, viewer=ALL)
    return len(await partner_teams.teams_by_ids(connection, found.ids))


def _entries(window: Window, status: str | None) -> Callable[[Connection, int], Awaitable[int]]:
    async def ask(connection: Connection, _charges: int) -> int:
        found = await partner_webhooks.find_entries(connection, window, status=status, viewer=ALL)
        return len(await partner_webhooks.entries_by_ids(connection, found.ids))

    return ask


def _log(window: Window) -> Callable[[Connection, int], Awaitable[int]]:
    async def ask(connection: Connection, _charges: int) -> int:
        rows, _ = await partner_logs.lines_on_page(connection, partner_logs.Stretch(8), window)
        return len(rows)

    return ask


async def _one_charge(connection: Connection, charges: int) -> int:
    row = await partner_charges.charge_by_id(connection, charges - 9, viewer=ALL)
    return len(await charges_of(connection, [row]))


def _portal_charges(viewer: Viewer = ALL, **wish: Any) -> Callable[[Connection, int], Awaitable[int]]:
    async def ask(connection: Connection, _charges: int) -> int:
        return len((await portal_charges.list_charges(connection, viewer, ChargeWish(**wish))).charges)

    return ask


async def _open_by_state(connection: Connection, _charges: int) -> int:
    return len(await portal_charges.count_open(connection, ALL))


def _boxes(viewer: Viewer = ALL, **wish: Any) -> Callable[[Connection, int], Awaitable[int]]:
    async def ask(connection: Connection, _charges: int) -> int:
        listing = await portal_charge_points.list_boxes(connection, viewer, Wish(**wish))
        boxes = await portal_charge_points.boxes_now(
            connection, viewer, listing.keys, day_start=ago(hours=14), now=NOW
        )  # fmt: skip
        ids = [connector.id for box in boxes for connector in box.connectors]
        await portal_charge_points.states_since(connection, viewer, ids, ago(days=1))
        return len(boxes)

    return ask


async def _box_page(connection: Connection, _charges: int) -> int:
    box = await portal_charge_point.box_page(connection, ALL, 4)
    await portal_charge_points.states_since(connection, ALL, [one.id for one in box.connectors], ago(days=1))
    await portal_charge_point.open_charges(connection, 4)
    lines = await portal_logs.lines_of(connection, LogWish(charge_point_id=4, limit=12))
    return len(lines)


def _portal_log(**wish: Any) -> Callable[[Connection, int], Awaitable[int]]:
    async def ask(connection: Connection, _charges: int) -> int:
        return len(await portal_logs.lines_of(connection, LogWish(charge_point_id=4, **wish)))

    return ask


async def _frame(connection: Connection, _charges: int) -> int:
    await portal_frame.count_rooms(connection, ALL)
    return 1


def _palette(text: str) -> Callable[[Connection, int], Awaitable[int]]:
    async def ask(connection: Connection, _charges: int) -> int:
        found: list[Any] = [*await portal_palette.find_boxes(connection, ALL, text)]
        found += await portal_palette.find_charges(connection, ALL, text)
        return len(found + await portal_palette.find_sites(connection, ALL, text))

    return ask


QUESTIONS: Sequence[Question] = (
    Question("GET /charges/{id}", _one_charge),
    *(Question(f"charges: {name}", _charges(wanted, viewer, FIRST)) for name, wanted, viewer in CHARGE_FILTERS),
    *(
        Question(f"charges, last page: {name}", _charges(wanted, viewer, LAST))
        for name, wanted, viewer in CHARGE_FILTERS
        if name in ("all", "two teams' key", "payer", "state completed", "updated since a year", "no partner's id")
    ),
    *(
        Question(f"charge points: {name}", _connectors(wanted, viewer, FIRST))
        for name, wanted, viewer in CONNECTOR_FILTERS
    ),
    Question("charge points, page 100: all", _connectors(ConnectorFilter(), ALL, Window(100, 100))),
    Question("tokens: all", _keys(FIRST)),
    Question("tokens, page 900: all", _keys(Window(900, 100))),
    Question("tokens: team", _keys(FIRST, team_id=5)),
    Question("tokens: two teams' key", _keys(FIRST, TEAMS)),
    Question("tokens: partner's id", _keys(FIRST, partner_external_id="key-100")),
    Question("tokens: no partner's id", _keys(FIRST, partner_external_id="")),
    Question("sites: all", _sites(SiteFilter())),
    Question("sites: nearest first", _sites(SiteFilter(near=(55.5, 10.5)))),
    Question("teams: all", _teams),
    Question("webhook entries: all", _entries(FIRST, None)),
    Question("webhook entries, page 900: all", _entries(Window(900, 100), None)),
    Question("webhook entries: failed", _entries(FIRST, "failed")),
    Question("webhook entries: pending", _entries(FIRST, "pending")),
    Question("log of a charge point", _log(FIRST)),
    Question("log of a charge point, page 2", _log(Window(2, 100))),
    Question("Portal charges: all", _portal_charges()),
    Question("Portal charges: small operator", _portal_charges(SMALL)),
    Question("Portal charges: two teams", _portal_charges(TEAMS)),
    Question("Portal charges: charging", _portal_charges(states=["charging", "paused"])),
    Question("Portal charges: failed", _portal_charges(failed=True)),
    Question("Portal charges: of a charge point", _portal_charges(charge_point_id=4)),
    Question("Portal charges: rare name", _portal_charges(text="Bay 77 ")),
    Question("Portal charges: common name", _portal_charges(text="Bay")),
    Question("Portal charges: number", _portal_charges(text="C4CA-42")),
    Question("Portal charges: nothing matches", _portal_charges(text="zzzz")),
    Question("Portal charges: a day a year ago", _portal_charges(start=ago(days=366), end=ago(days=365))),
    Question("Portal charges: before a year ago", _portal_charges(before=(ago(days=365), 1))),
    Question("Portal charges: open by state", _open_by_state),
    Question("Portal charge points: all", _boxes()),
    Question("Portal charge points: page 100", _boxes(offset=5000)),
    Question("Portal charge points: text", _boxes(text="Bay 77")),
    Question("Portal charge points: in error", _boxes(states=["error"])),
    Question("Portal charge point", _box_page),
    Question("Portal log: all", _portal_log()),
    Question("Portal log: text", _portal_log(text="Available")),
    Question("Portal frame", _frame),
    Question("Portal palette: Bay 77", _palette("Bay 77")),
    Question("Portal palette: C4CA", _palette("C4CA")),
)
