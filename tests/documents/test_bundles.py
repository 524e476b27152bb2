"""All receipts of a wallet's period: ordered, made a few at a time, packed, and sent by mail."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from tests.documents.paper import pages_of
from tests.operations.market import Market, open_market
from tests.operations.story import Story
from wattline.documents import bundles
from wattline.documents.bundles import Bindery, zip_of
from wattline.documents.press import Press
from wattline.domain.refusals import Invalid, Unknown
from wattline.operations import receipt_bundles
from wattline.operations.receipt_bundles import (
    BundleRequest,
    TooManyBundles,
    ask_for_bundle,
    charges_to_do,
    claim_bundle,
    forget_bundles,
)
from wattline.queries.receipt_bundles import bundles_of


@pytest.fixture
async def market(story: Story) -> Market:
    """Three charges that the neighbour paid for."""
    market = await open_market(story)
    for energy_wh in (1_000, 2_000, 3_000):
        await market.deliver(await market.buy(), energy_wh)
    return market


@pytest.fixture
def bindery(market: Market) -> Iterator[Bindery]:
    press = Press()
    yield Bindery(database=market.story.database, press=press, pepper=b"pepper", web_url="https://wattline.test")
    press.close()


async def order(market: Market, **wishes: Any) -> int:
    return await ask_for_bundle(
        market.story.database, await wish(market, **wishes), asked_by=market.story.viewer, now=market.story.now
    )


async def wish(market: Market, **wishes: Any) -> BundleRequest:
    (wallet,) = await market.story.rows(
        "select id from wallet where owner_type = 'team' and owner_id = $1", market.story.neighbour_team_id
    )
    now = market.story.now
    usual = {"wallet_id": wallet["id"], "from_at": now - timedelta(days=1), "until_at": now + timedelta(days=1)}
    return BundleRequest(**{**usual, "to_address": "books@example.com", **wishes})


async def work(bindery: Bindery, market: Market) -> None:
    while await bindery.step(now=market.story.now):
        pass


async def test_receipts_of_a_period_come_as_one_file_with_the_letter(market: Market, bindery: Bindery) -> None:
    bundle_id = await order(market)
    await work(bindery, market)
    (letter,) = await market.story.rows("select * from mail")
    assert (letter["to_address"], letter["kind"], letter["attachment_name"]) == (
        "books@example.com", "receipts", f"receipts-{bundle_id}.zip"
    )  # fmt: skip
    packed = ZipFile(BytesIO(letter["attachment"]))
    assert packed.testzip() is None
    papers = [pages_of(packed.read(name))[0] for name in packed.namelist()]
    for paper, words in zip(papers, ("1 kWh × 0.50 0.50", "2 kWh × 0.50 1.00", "3 kWh × 0.50 1.50"), strict=True):
        assert words in paper
    assert f"https://wattline.test/receipts/bundles/{bundle_id}?ends=" in letter["text_body"]
    streamed = b"".join([piece async for piece in await zip_of(market.story.database, bundle_id)])
    assert ZipFile(BytesIO(streamed)).namelist() == packed.namelist()


async def test_a_worker_that_dies_loses_what_it_had_in_hand_and_nothing_else(
    market: Market, bindery: Bindery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipt_bundles, "AT_ONCE", 1)
    await order(market)
    assert await bindery.step(now=market.story.now)
    # The next one takes the bundle and is never heard of again.
    assert await claim_bundle(market.story.database, now=market.story.now) is not None
    assert not await bindery.step(now=market.story.now)
    (listed,) = await listing(market)
    assert (listed["made"], listed["receipts"], listed["ready_at"]) == (1, 3, None)
    market.story.later(minutes=6)
    await work(bindery, market)
    (listed,) = await listing(market)
    assert (listed["made"], listed["ready_at"], listed["trouble"]) == (3, market.story.now, None)
    assert len(await market.story.rows("select 1 from mail")) == 1


async def test_two_workers_at_the_same_piece_keep_it_once(market: Market, bindery: Bindery) -> None:
    await order(market)
    slow = await claim_bundle(market.story.database, now=market.story.now)
    assert slow is not None
    market.story.later(minutes=6)
    await work(bindery, market)
    async with market.story.database.read() as connection:
        charge_ids = await charges_to_do(connection, slow)
    await receipt_bundles.keep_parts(
        market.story.database, slow, charge_ids, [receipt_bundles.Part(charge_ids[0], "again.pdf", b"%PDF")], "",
        now=market.story.now,
    )  # fmt: skip
    assert [(each["made"], each["receipts"]) for each in await listing(market)] == [(3, 3)]
    assert len(await market.story.rows("select 1 from receipt_bundle_part")) == 3


async def test_a_file_too_big_for_a_letter_is_fetched_by_its_link(
    market: Market, bindery: Bindery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "ATTACHED_BYTES_MAX", 10_000)
    await order(market)
    await work(bindery, market)
    (letter,) = await market.story.rows("select * from mail")
    assert (letter["attachment"], letter["attachment_name"]) == (None, None)
    assert "Fetch them here within two weeks" in letter["text_body"]


async def test_links_end_and_files_are_forgotten(market: Market, bindery: Bindery) -> None:
    bundle_id = await order(market)
    with pytest.raises(Unknown):
        await zip_of(market.story.database, bundle_id)
    await work(bindery, market)
    await forget_bundles(market.story.database, now=market.story.now + timedelta(days=13))
    await zip_of(market.story.database, bundle_id)
    await forget_bundles(market.story.database, now=market.story.now + timedelta(days=14))
    with pytest.raises(Unknown):
        await zip_of(market.story.database, bundle_id)
    assert await market.story.rows("select 1 from receipt_bundle_part") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"to_address": "nobody"}, {"to_address": "a b@example.com"}, {"to_address": "a@b\r\nBcc: c@d"},
        {"to_address": "@"}, {"days": 366}, {"days": 0}, {"days": -1},
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused(market: Market, wrong: dict[str, Any]) -> None:
    now = market.story.now
    if "days" in wrong:
        wrong = {"from_at": now, "until_at": now + timedelta(days=wrong["days"])}
    with pytest.raises(Invalid):
        await order(market, **wrong)


async def test_a_period_without_receipts_or_with_too_many_is_refused(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = market.story.now - timedelta(days=90)
    with pytest.raises(Invalid, match="has 0 receipts"):
        await order(market, from_at=long_ago, until_at=long_ago + timedelta(days=1))
    monkeypatch.setattr(receipt_bundles, "RECEIPTS_MAX", 2)
    with pytest.raises(Invalid, match="has 3 receipts"):
        await order(market)


async def test_others_wallets_and_a_fourth_order_are_refused(market: Market) -> None:
    viewer = market.story.viewer
    strangers = (
        replace(viewer, operator_id=999, operator_ids=(999,)),
        replace(viewer, team_ids=(market.story.team_id,)),
    )
    for stranger in strangers:
        with pytest.raises(Unknown):
            await ask_for_bundle(
                market.story.database, await wish(market), asked_by=stranger, now=market.story.now
            )  # fmt: skip
    for _ in range(3):
        await order(market)
    with pytest.raises(TooManyBundles):
        await order(market)


async def listing(market: Market) -> list[Any]:
    async with market.story.database.read() as connection:
        return list(await bundles_of(connection, market.story.viewer))
