"""Pages are found by number, so a charge point's name may hold anything (field note H5)."""

from tests.doors.portal_door import Visitor
from tests.doors.portal_story import Network
from wattline.database.connection import Database


async def test_h5_a_name_with_slashes_and_markup_breaks_no_page(
    visitor: Visitor, network: Network, database: Database
) -> None:
    number = network.boxes["KOL-0004"]
    async with database.begin() as tx:
        await tx.execute("update charge_point set identity = 'SITE/4#1 <b>&' where id = $1", number)
    await visitor.get(f"/charge-points/{number}/connection")
    for path in (f"/charge-points/{number}", "/charge-points?q=SITE%2F4%23"):
        page = await visitor.get(path)
        assert "SITE/4#1 <b>&" in page.text, path
