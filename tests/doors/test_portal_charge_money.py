"""What charges cost, on their pages: lines, who paid, what is kept aside, and what a force stop takes away."""

from tests.doors.portal_door import Visitor
from tests.doors.portal_market import PortalMarket


async def test_a_running_charge_tells_what_it_costs_so_far(market: PortalMarket, visitor: Visitor) -> None:
    charge = await market.start()
    await market.take(charge, energy_wh=12_500)
    page = await visitor.get(f"/charges/{charge.id}")
    for words in (
        "Cost so far", "12,5 kWh × 0,50", "6,25 EUR", "Paid by the wallet of Delivery team",
        "Reserved 50,00 EUR, released when it ends.", "Held for the charge",
        "It has cost 6,25 EUR so far. Nobody will pay that.",
    ):  # fmt: skip
        assert words in page.text, words


async def test_a_charge_that_is_over_shows_what_was_paid_and_the_owners_fees(
    market: PortalMarket, visitor: Visitor
) -> None:
    await market.take_fee("3")
    charge = await market.sell(energy_wh=20_000)
    page = await visitor.get(f"/charges/{charge.id}")
    for words in (
        "The driver paid 10,00 EUR", "Reserved 50,00 EUR, taken 10,00 EUR, let go 40,00 EUR.",
        "Operator fee", "0,30 EUR", "This is the price for everybody here.",
    ):  # fmt: skip
        assert words in page.text, words
    listed = await visitor.get("/charges")
    assert "10,00 EUR" in listed.text


async def test_force_stopped_nobody_paid(market: PortalMarket, visitor: Visitor) -> None:
    charge = await market.start()
    await market.take(charge, energy_wh=12_500)
    await visitor.get(f"/charges/{charge.id}")
    await visitor.do(f"/charges/{charge.id}/force-stop", {"reason": "Fire alarm"})
    page = await visitor.get(f"/charges/{charge.id}")
    assert "Nobody paid 0,00 EUR" in page.text
    assert "Let go" in page.text


async def test_a_charge_without_a_price_says_so(visitor: Visitor, market: PortalMarket) -> None:
    page = await visitor.get(f"/charges/{market.network.charges['cut short']}")
    assert "no money moved" in page.text
