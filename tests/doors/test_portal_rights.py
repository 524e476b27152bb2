"""Every page of the Portal, every role, both tenants. Pages are taken from the app, so none can be forgotten here."""

from collections import Counter

import pytest
from litestar import Litestar

from tests.doors.portal_door import Page, Visitor
from tests.doors.portal_market import PortalMarket
from tests.doors.portal_people import logged_in, somebody_who_is
from tests.doors.portal_routes import PortalRoute, portal_routes, things_of
from tests.doors.portal_story import NOW, Network, begin_operator
from wattline.database.connection import Database
from wattline.domain.access import MAY, Right, Viewer, may
from wattline.domain.roles import OPERATOR_ROLES, Role, Switch

ROUTES = portal_routes()
# Everybody with an account may: nobody is refused, and what these change is one's own log-in.
EVERYBODYS = Right.HAVE_AN_ACCOUNT
# Who somebody is, and which of all switches are on.
PEOPLE = [(role, False) for role in Role] + [(Role.TEAM_ADMIN, True), (Role.TEAM_MEMBER, True)]
# Nothing is played here, so the answer is that there is no emulator; keys of one's own ask for a proof of who one is
# before they look which is meant.
WITHOUT_A_TENANT = {"/emulator/{box_id:int}/{verb:str}", "/account/passkeys/{passkey_id:int}/{deed:str}"}
# How the page of a refusal begins.
UNSAMPLED = {"bundle_id", "payment_id", "stamp", "passkey_id", "report_id", "entry_id", "week_id"}
REFUSED = "Your role does not reach this far"


async def test_every_page_lets_in_whom_the_table_says_and_nobody_else(
    network: Network, database: Database, portal: Litestar
) -> None:
    seen: Counter[str] = Counter()
    wrong = []
    for place, (role, switched) in enumerate(PEOPLE):
        switches = tuple(Switch) if switched else ()
        email = await somebody_who_is(database, network, role, *switches)
        viewer = Viewer(name="", operator_id=1, operator_ids=(1,), scopes=frozenset(), role=role,
                        switches=frozenset(switches))  # fmt: skip
        async with logged_in(portal, email, f"192.0.2.{100 + place}") as visitor:
            await visitor.get("/invitations")
            for route in ROUTES:
                wanted = may(viewer, route.right)
                if wanted and (route.streams or (route.method == "POST" and route.right is EVERYBODYS)):
                    continue
                page = await send(visitor, route, {})
                let_in = not (page.status == 403 and REFUSED in page.text)
                seen["let in" if let_in else "refused"] += 1
                if let_in is not wanted or page.status >= 500:
                    wrong.append(f"{role} {switched} {route}: {page.status}")
    assert wrong == []
    assert seen["let in"] > len(ROUTES)
    assert seen["refused"] > len(ROUTES)
    print(f"{len(ROUTES)} routes x {len(PEOPLE)} people: {seen['let in']} let in, {seen['refused']} refused with words")


@pytest.mark.parametrize(
    "who", ["another operator's admin", "the owner of another team", "the admin of a sub-operator"]
)
async def test_what_belongs_to_somebody_else_is_not_there_on_any_page(
    market: PortalMarket, database: Database, portal: Litestar, visitor: Visitor, who: str
) -> None:
    things = await things_of(database, market)
    # What has no sample here is looked for within something that has, or has tests with a stranger of its own.
    assert {name for route in ROUTES for name in route.ids} - {name.rpartition("/")[2] for name in things} <= UNSAMPLED
    email = await stranger(database, market.network, who)
    checked, wrong = 0, []
    async with logged_in(portal, email) as somebody:
        await somebody.get("/invitations")
        role = Role.TEAM_OWNER if "team" in who else Role.ADMIN
        for route in ROUTES:
            if not route.ids or route.path in WITHOUT_A_TENANT or role not in MAY[route.right].roles:
                continue
            checked += 1
            page = await send(somebody, route, things)
            if page.status != 404:
                wrong.append(f"{route}: {page.status} {page.text[:200]}")
    assert wrong == []
    assert checked > 50
    print(f"{checked} routes with somebody else's ids answer 404 to {who}")


async def stranger(database: Database, network: Network, who: str) -> str:
    """Make somebody who has nothing to do with the network's team; return their e-mail address."""
    theirs = Network(NOW)
    await begin_operator(database, theirs, name="Elsewhere", locale="en", email="host@elsewhere.example")
    if who == "the admin of a sub-operator":
        async with database.begin() as tx:
            await tx.execute(
                "update operator set parent_operator_id = $2 where id = $1", theirs.operator_id, network.operator_id
            )
    if who == "the owner of another team":
        async with database.begin() as tx:
            await tx.execute("update team set operator_id = $2 where id = $1", theirs.team_id, network.operator_id)
        theirs.operator_id = network.operator_id
        return await somebody_who_is(database, theirs, Role.TEAM_OWNER, email="stranger@elsewhere.example")
    return await somebody_who_is(database, theirs, OPERATOR_ROLES[0], email="stranger@elsewhere.example")


async def send(visitor: Visitor, route: PortalRoute, ids: dict[str, int]) -> Page:
    """Ask for a page, or send an empty form to it, whatever the answer is."""
    assert visitor.last is not None
    path = route.filled(ids)
    form = None if route.method == "GET" else {"csrf": visitor.last.csrf}
    answer = await visitor.http.request(route.method, path, headers={"origin": "http://wattline.test"}, data=form)
    return Page(answer.status_code, answer.text, answer.headers)
