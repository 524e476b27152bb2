"""Every page of the Portal behind the log-in, taken from the app, and a thing of a tenant for each id in addresses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar.handlers import HTTPRouteHandler

from tests.doors.portal_market import PortalMarket
from tests.doors.portal_story import NOW
from wattline.database.connection import Database
from wattline.domain.access import Right
from wattline.operations.charge_keys import NewChargeKey, add_charge_key
from wattline.operations.invitations import Link, NewInvitation, invite_member
from wattline.operations.member_groups import NewGroup, create_group
from wattline.operations.nested_teams import Nesting, nest_team
from wattline.operations.operator_people import invite_to_operator
from wattline.operations.operators import viewer_of_operator
from wattline.operations.reader_waits import begin_wait
from wattline.portal.app import rooms

# An id that nothing has.
NOBODYS = 999_999_999
WORDS = {"deed": "accept", "key": "reboot", "verb": "plug"}


@dataclass(frozen=True, slots=True)
class PortalRoute:
    """One address and method, and the right that opens it."""

    right: Right
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def ids(self) -> list[str]:
        """The names of the ids in the address."""
        return re.findall(r"{(\w+):int}", self.path)

    @property
    def streams(self) -> bool:
        """Tell whether it answers for as long as somebody listens."""
        return self.path.startswith("/live/")

    def filled(self, ids: Mapping[str, int]) -> str:
        """Write the address with ids; `group_id` is of two kinds, told apart by the room."""
        room = self.path.split("/")[1]
        words = {name: WORDS.get(name, "x") for name in re.findall(r"{(\w+):(?:str|path)}", self.path)}
        numbers = {name: ids.get(f"{room}/{name}", ids.get(name, NOBODYS)) for name in self.ids}
        return re.sub(r"{(\w+):\w+}", lambda found: str({**words, **numbers}[found[1]]), self.path)


def portal_routes() -> list[PortalRoute]:
    """List them all."""
    found = []
    for right, handlers in rooms().items():
        for handler in handlers:
            assert isinstance(handler, HTTPRouteHandler)
            for path in sorted(handler.paths):
                methods = {str(method) for method in handler.http_methods} - {"HEAD", "OPTIONS"}
                found += [PortalRoute(right, method, path) for method in sorted(methods)]
    return found


async def things_of(database: Database, market: PortalMarket) -> dict[str, int]:
    """Make one of everything at the network of the story; return ids by their names in addresses."""
    network, now = market.network, market.clock.now
    charge = await market.sell(energy_wh=10_000)
    viewer = await viewer_of_operator(database, network.operator_id, name="the story")
    who: dict[str, Any] = {"asked_by": viewer, "now": now}

    def link(token: str) -> Link:
        return Link(token=token, web_url="http://wattline.test", pepper=b"pepper of the tests")

    invited = NewInvitation(team_id=network.team_id, email="guest@elsewhere.example")
    member_id = await invite_member(database, invited, link=link("one"), **who)
    post_id = await invite_to_operator(
        database, network.operator_id, email="books@elsewhere.example", role="Bookkeeper", link=link("two"), **who
    )
    relation_id = await nest_team(
        database, Nesting(parent_team_id=network.team_id), join_code="delivery", accepted=False, **who
    )
    key = NewChargeKey(team_id=network.team_id, type="rfid", identifier="04BE7C40")
    charge_key_id = await add_charge_key(database, key, **who)
    wait_id = await begin_wait(database, network.boxes["KOL-0004"], **who)
    group_id = await create_group(database, NewGroup(team_id=network.team_id, name="Employees"), **who)
    return {
        "box_id": network.boxes["KOL-0004"], "connector_id": network.connectors["KOL-0004", 1], "charge_id": charge.id,
        "team_id": network.team_id, "site_id": next(iter(network.sites.values())), "operator_id": network.operator_id,
        "user_id": network.user_id, "member_id": member_id, "member-groups/group_id": group_id,
        "charge_key_id": charge_key_id, "wait_id": wait_id, "prices/group_id": market.price_group_id,
        "relation_id": relation_id, "post_id": post_id,
        **await _rows(database, market, post_id),
    }  # fmt: skip


async def _rows(database: Database, market: PortalMarket, post_id: int) -> dict[str, int]:
    operator_id, team_id = market.network.operator_id, market.network.team_id
    async with database.begin() as tx:
        await tx.execute(
            """insert into country (id, name, alpha2_code, sanctioned) values (1, 'Denmark', 'DK', false)
               on conflict do nothing"""
        )
        await tx.execute(
            "insert into currency (id, identifier, name, decimals) values (1, 'EUR', 'Euro', 2) on conflict do nothing"
        )
        return {
            "wallet_id": await tx.fetchval("select min(id) from wallet where owner_id = $1", team_id),
            "movement_id": await tx.fetchval("select max(id) from wallet_transaction"),
            "session_id": await tx.fetchval("select id from web_session where user_id = $1", market.network.user_id),
            "invitation_id": await tx.fetchval("select id from invitation where operator_post_id = $1", post_id),
            "key_id": await tx.fetchval(
                """insert into api_key (operator_id, name, client_id, secret_hash, scopes, created_at, updated_at)
                   values ($1, 'Terminal', 'client', '\\x00', '{all:read}', $2, $2) returning id""",
                operator_id, NOW,
            ),
            "tariff_id": await tx.fetchval(
                """insert into tariff (operator_id, team_id, external_id, name, description, country_id, currency_id,
                     prices_with_vat, time_zone, area, created_at)
                   values ($1, $2, 't', 'Night', '', (select min(id) from country), (select min(id) from currency),
                     true, 'Europe/Copenhagen', 'DK1', $3) returning id""",
                operator_id, team_id, NOW,
            ),
            "rate_id": await tx.fetchval(
                """insert into tax_rate (operator_id, country_id, name, percent, created_at, updated_at)
                   values ($1, (select min(id) from country), 'VAT', 25, $2, $2) returning id""",
                operator_id, NOW,
            ),
            "order_id": await tx.fetchval(
                """insert into fleet_order (operator_id, asked_by, operator_ids, deed, state, row_count, created_at)
                   values ($1, 'the story', array[$1::bigint], 'reboot', 'done', 0, $2) returning id""",
                operator_id, NOW,
            ),
            "view_id": await tx.fetchval(
                """insert into saved_view (operator_id, user_id, room, name, query, created_at)
                   values ($1, $2, 'charge-points', 'Broken', '', $3) returning id""",
                operator_id, market.network.user_id, NOW,
            ),
            "ticket_id": await tx.fetchval(
                """insert into support_ticket (operator_id, asked_by, reply_to, subject, question, state, created_at,
                     updated_at)
                   values ($1, 'Demo driver', 'driver@elsewhere.example', 'Help', 'It is stuck', 'open', $2, $2)
                   returning id""",
                operator_id, NOW,
            ),
            "card_id": await tx.fetchval(
                """insert into saved_card (key, operator_id, team_id, provider, state, created_at, updated_at)
                   values ('k', $1, $2, 'sandbox', 'ready', $3, $3) returning id""",
                operator_id, team_id, NOW,
            ),
        }  # fmt: skip
