"""What a charge cost its owner, on its page; and what a wallet's owner owes, on the wallet's."""

from decimal import Decimal

from tests.doors.portal_door import Visitor
from tests.doors.portal_market import PortalMarket
from wattline.domain.price_terms import GroupType, Pricing, PricingType
from wattline.operations.price_groups import PriceGroupDraft, create_price_group


async def say_cost(market: PortalMarket, price: str) -> None:
    story = market.market.story
    draft = PriceGroupDraft(
        team_id=story.team_id,
        name="What we pay",
        type=GroupType.COST,
        master=Pricing(type=PricingType.KWH, price=Decimal(price)),
    )
    await create_price_group(story.database, draft, asked_by=story.viewer, now=story.now)


async def test_an_owner_sees_what_is_left_of_a_sale(market: PortalMarket, visitor: Visitor) -> None:
    await say_cost(market, "0.20")
    await market.take_fee("3")
    charge = await market.sell(energy_wh=20_000)
    page = await visitor.get(f"/charges/{charge.id}")
    # 10.00 sold, 0.30 fee, 4.00 for the electricity.
    for words in (
        "What it cost you",
        "20 kWh × 0,20",
        "4,00 EUR",
        "Fees 0,30 EUR",
        "Left for you, without VAT 5,70 EUR",
    ):
        assert words in page.text, words


async def test_an_owner_sees_a_loss(market: PortalMarket, visitor: Visitor) -> None:
    await say_cost(market, "0.80")
    charge = await market.sell(energy_wh=20_000)
    page = await visitor.get(f"/charges/{charge.id}")
    assert "You lost, without VAT −6,00 EUR" in page.text


async def test_without_a_cost_price_nothing_is_said(market: PortalMarket, visitor: Visitor) -> None:
    charge = await market.sell(energy_wh=20_000)
    assert "What it cost you" not in (await visitor.get(f"/charges/{charge.id}")).text


async def test_a_debt_stands_on_the_wallet_until_money_comes_in(market: PortalMarket, visitor: Visitor) -> None:
    story = market.market.story
    charge = await market.market.buy(price_limit_minor=200)
    await market.market.deliver(charge, 12_000)
    market.clock.now = story.now
    rows = await market.rows("select id from wallet where owner_id = $1 and owner_type = 'team'", market.buyer_team_id)
    page = await visitor.get(f"/wallets/{rows[0]['id']}")
    assert "Owed for charges that cost more than was held paid first by money that comes in 4,00 EUR" in page.text
    assert "Still owed: more than was reserved 4,00 EUR" in (await visitor.get(f"/charges/{charge.id}")).text
    await market.market.give(market.buyer_team_id, 1_000)
    page = await visitor.get(f"/wallets/{rows[0]['id']}")
    assert "Owed for charges" not in page.text
    assert "Debt paid" in page.text
    assert "More than was reserved, paid later 4,00 EUR" in (await visitor.get(f"/charges/{charge.id}")).text
