"""Money that people move by hand: a refund in percent with a reason, an adjustment between wallets."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from tests.operations.market import Market, open_market
from tests.operations.story import Story
from wattline.domain.access import Viewer
from wattline.domain.hold import FundsMissing
from wattline.domain.refusals import Invalid, NotReady, Unknown
from wattline.operations.refunds import Adjustment, adjust, refund


@pytest.fixture
async def market(story: Story) -> Market:
    """A market in which a charge for 10.00 was sold."""
    market = await open_market(story)
    await market.deliver(await market.buy(), 20_000)
    return market


async def sale(market: Market) -> int:
    rows = await market.story.rows("select id from wallet_transaction where kind = 'charge'")
    found: int = rows[0]["id"]
    return found


async def give_back(
    market: Market, percent: str, *, refund_id: UUID | None = None, asked_by: Viewer | None = None, note: str = "Sorry"
) -> int:
    return await refund(
        market.story.database, await sale(market), refund_id=refund_id or uuid4(), percent=Decimal(percent), note=note,
        asked_by=asked_by or market.story.viewer, now=market.story.now,
    )  # fmt: skip


async def wallet_id(market: Market, team_id: int) -> int:
    rows = await market.story.rows("select id from wallet where owner_type = 'team' and owner_id = $1", team_id)
    found: int = rows[0]["id"]
    return found


async def test_a_refund_gives_back_its_percentage_with_a_reason(market: Market) -> None:
    story = market.story
    await give_back(market, "25", note=" Half the time it was in the shade ")
    assert await market.has("team", story.team_id) == 750
    assert await market.has("team", story.neighbour_team_id) == 9_250
    [row] = await story.rows("select * from wallet_transaction where kind = 'refund'")
    assert (row["from_amount_minor"], row["note"]) == (250, "Half the time it was in the shade")
    assert await market.books_are_right()


async def test_refunds_together_never_give_back_more_than_was_paid(market: Market) -> None:
    await give_back(market, "60")
    with pytest.raises(NotReady, match=r"40\.00 %"):
        await give_back(market, "60")
    await give_back(market, "40")
    assert await market.has("team", market.story.neighbour_team_id) == 10_000


async def test_the_same_refund_asked_for_twice_is_made_once(market: Market) -> None:
    refund_id = uuid4()
    first, again = [await give_back(market, "100", refund_id=refund_id) for _ in range(2)]
    assert first == again
    assert await market.has("team", market.story.neighbour_team_id) == 10_000


async def test_money_that_is_spent_cannot_be_given_back(market: Market) -> None:
    story = market.story
    spent = Adjustment(
        id=uuid4(),
        from_wallet_id=await wallet_id(market, story.team_id),
        to_wallet_id=await wallet_id(market, story.neighbour_team_id),
        amount_minor=700,
    )
    await adjust(story.database, spent, asked_by=story.viewer, now=story.now)
    with pytest.raises(FundsMissing, match=r"lacks 2\.00 EUR"):
        await give_back(market, "50")
    assert await market.has("team", story.team_id) == 300


@pytest.mark.parametrize("percent", ["0", "-5", "100.01", "33.333", "NaN", "Infinity"])
async def test_a_percentage_that_cannot_be_meant_is_refused(market: Market, percent: str) -> None:
    with pytest.raises(Invalid):
        await give_back(market, percent)


async def test_a_refund_needs_a_reason_and_is_not_refunded_itself(market: Market) -> None:
    with pytest.raises(Invalid):
        await give_back(market, "10", note="  ")
    made = await give_back(market, "10")
    with pytest.raises(NotReady):
        await refund(
            market.story.database, made, refund_id=uuid4(), percent=Decimal(10), note="Again",
            asked_by=market.story.viewer, now=market.story.now,
        )  # fmt: skip


async def test_nobody_else_can_refund_or_adjust(market: Market) -> None:
    story = market.story
    stranger = story.viewer_of(operator_id=99)
    with pytest.raises(Unknown):
        await give_back(market, "10", asked_by=stranger)
    with pytest.raises(Unknown):
        await give_back(market, "10", asked_by=story.viewer_of(team_ids=(story.neighbour_team_id,)))
    ids = [await wallet_id(market, each) for each in (story.team_id, story.neighbour_team_id)]
    new = Adjustment(id=uuid4(), from_wallet_id=ids[0], to_wallet_id=ids[1], amount_minor=5)
    with pytest.raises(Unknown):
        await adjust(story.database, new, asked_by=stranger, now=story.now)


async def test_an_adjustment_moves_money_once(market: Market) -> None:
    story = market.story
    ids = [await wallet_id(market, each) for each in (story.team_id, story.neighbour_team_id)]
    new = Adjustment(id=uuid4(), from_wallet_id=ids[0], to_wallet_id=ids[1], amount_minor=100, note="Correction")
    made = [await adjust(story.database, new, asked_by=story.viewer, now=story.now) for _ in range(2)]
    assert made[0] == made[1]
    assert await market.has("team", story.team_id) == 900
    same = Adjustment(id=uuid4(), from_wallet_id=ids[0], to_wallet_id=ids[0], amount_minor=1)
    with pytest.raises(Invalid):
        await adjust(story.database, same, asked_by=story.viewer, now=story.now)


async def test_what_was_never_paid_is_not_given_back_but_owed_no_more(story: Story) -> None:
    market = await open_market(story)
    await market.deliver(await market.buy(price_limit_minor=400), 20_000)
    debt = f"team:{story.neighbour_team_id}"
    assert await market.has("receivable", debt) == -600
    await give_back(market, "50")
    assert (await market.has("receivable", debt), await market.has("team", story.neighbour_team_id)) == (-100, 9_600)
    await give_back(market, "50")
    assert (await market.has("receivable", debt), await market.has("team", story.neighbour_team_id)) == (0, 10_000)
    assert await market.has("team", story.team_id) == 0


async def test_credit_comes_back_as_credit_and_after_the_money(story: Story) -> None:
    market = await open_market(story)
    await market.give(story.neighbour_team_id, 300, credit=True)
    await market.deliver(await market.buy(), 20_000)
    credit = f"team:{story.neighbour_team_id}"
    await give_back(market, "70")
    assert (await market.has("team", story.neighbour_team_id), await market.has("credit", credit)) == (10_000, 0)
    await give_back(market, "30")
    assert (await market.has("team", story.neighbour_team_id), await market.has("credit", credit)) == (10_000, 300)


async def test_the_vat_of_refunds_leaves_the_statement_of_what_is_due(story: Story) -> None:
    market = await open_market(story)
    await story.rows("insert into country (id, name, alpha2_code, sanctioned) values (194, 'Denmark', 'DK', false)")
    await story.rows("update team set country_id = 194, type = 'professional' where id = $1", story.team_id)
    await market.deliver(await market.buy(), 210)
    # 0.11 with 0.02 of VAT in it.
    due = f"{story.team_id}:dk:25"
    assert await market.has("vat_due", due) == 2
    for percent in ("33.33", "33.33", "27.27"):
        await give_back(market, percent)
    assert await market.has("vat_due", due) == 0
    assert await market.has("team", story.team_id) == 0
    assert await market.books_are_right()


async def test_a_refund_of_less_than_a_cent_is_none(market: Market) -> None:
    with pytest.raises(NotReady, match="smallest coin"):
        await give_back(market, "0.01")


async def test_an_id_is_for_one_refund(market: Market) -> None:
    refund_id = uuid4()
    await give_back(market, "10", refund_id=refund_id)
    with pytest.raises(Invalid, match="something else"):
        await give_back(market, "20", refund_id=refund_id)
