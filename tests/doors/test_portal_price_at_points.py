"""What charging costs, where people look for it: on a charge point's page, before a start, before a force stop."""

from tests.doors.portal_door import Visitor
from tests.doors.portal_market import BOX, PortalMarket
from tests.doors.portal_story import Network
from wattline.database.connection import Database


async def test_a_charge_point_shows_its_price(market: PortalMarket, visitor: Visitor) -> None:
    base = f"/charge-points/{market.network.boxes[BOX]}"
    for page in (await visitor.get(base), await visitor.get(f"{base}/details")):
        assert "0,50 EUR per kWh" in page.text
        assert f'href="/prices/{market.price_group_id}"' in page.source


async def test_without_a_price_a_public_one_says_so_and_leads_there(
    visitor: Visitor, network: Network, database: Database
) -> None:
    box_id = network.boxes[BOX]
    assert "No price: no money moves. Set one" in (await visitor.get(f"/charge-points/{box_id}")).text
    async with database.begin() as tx:
        await tx.execute("update connector set visibility = 'public' where charge_point_id = $1", box_id)
    page = await visitor.get(f"/charge-points/{box_id}")
    assert "No price set. Set one" in page.text
    assert 'href="/prices"' in page.source


async def test_the_price_is_shown_before_every_start(market: PortalMarket, visitor: Visitor) -> None:
    box_id = market.network.boxes[BOX]
    await market.rows("update connector_live set cable_plugged_in = true")
    dialog = await visitor.get(f"/charge-points/{box_id}/dialogs/start")
    assert dialog.text.count("0,50 EUR per kWh") == 2
    assert "pays nothing at its own charge points" in dialog.text


async def test_force_stop_names_what_nobody_will_pay(market: PortalMarket, visitor: Visitor) -> None:
    charge = await market.start()
    await market.take(charge, energy_wh=12_500)
    await market.market.look()
    dialog = await visitor.get(f"/charge-points/{market.network.boxes[BOX]}/dialogs/force-stop")
    assert "6,25 EUR so far that nobody will pay" in dialog.text
