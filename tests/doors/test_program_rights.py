"""The rights one can choose for a program are those that the Partner API asks for."""

from tests.doors.portal_door import Visitor
from tests.doors.portal_story import Network
from wattline.database.connection import Database
from wattline.partner_api.app import ROUTES
from wattline.portal.program_rights import RIGHTS


def entity(scope: str) -> str:
    # The published contract writes some in both numbers; access.py takes them for one.
    return scope.partition(":")[0].removesuffix("s")


def test_every_right_that_the_api_asks_for_can_be_chosen_and_no_other() -> None:
    asked = {entity(scope) for route in ROUTES for scope in route.scopes}
    assert asked - {"all"} == {entity(right.entity) for right in RIGHTS}


async def test_a_program_may_be_let_read_wallets_alone(visitor: Visitor, database: Database, network: Network) -> None:
    await visitor.get("/api-and-webhooks/new")
    form = {"name": "Bookkeeping", "rights": "choose", "wallet-transactions": "read"}
    await visitor.submit("/api-and-webhooks/new", form)
    async with database.read() as connection:
        assert await connection.fetchval("select scopes from api_key") == ["wallet-transactions:read"]
