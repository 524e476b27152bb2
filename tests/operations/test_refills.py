"""Wallets that cards fill: now, by themselves, and never twice; the sandbox plays the bank."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests.operations.market import Market, open_market
from tests.operations.purse import NO_PASSCODE, add_bank, inside, purse, somebody, take_out
from tests.operations.story import ON_THE_WAY, Story
from wattline.domain.access import Viewer
from wattline.domain.passcode import NoPasscode
from wattline.domain.refill import AUTOMATIC_MAX, CardNotReady
from wattline.domain.refusals import Invalid, NotReady, Unknown
from wattline.operations import reference_data
from wattline.operations.automatic_refills import begin_refill, refill_due
from wattline.operations.disputes import follow_disputes
from wattline.operations.refill_outcomes import follow_refills
from wattline.operations.refills import AutomaticRefill, Refill, refill, refill_automatically
from wattline.operations.tapped_refills import CARD_PATIENCE
from wattline.operations.transaction_starts import TransactionAnswer, TransactionStart, begin_charge
from wattline.operations.wallets import Wallet
from wattline.payments.cashier import Cashier
from wattline.payments.sandbox import Sandbox

Card = Callable[[str], Awaitable[int]]


@pytest.fixture
async def market(story: Story) -> Market:
    """A market whose neighbour has 100.00, in a world that knows currencies."""
    await reference_data.seed(story.database, now=story.now)
    return await open_market(story)


@pytest.fixture
async def wallet(market: Market) -> Wallet:
    """The neighbour's wallet."""
    return await purse(market, "team", market.story.neighbour_team_id)


@pytest.fixture
async def card(market: Market, wallet: Wallet) -> Card:
    """Saves a card of the neighbour's that the sandbox knows by what it does."""

    async def save(token: str) -> int:
        rows = await market.story.rows(SAVE, str(uuid4()), wallet.operator_id, wallet.owner_id, token, market.story.now)
        card_id: int = rows[0]["id"]
        return card_id

    return save


async def fill(
    market: Market,
    wallet: Wallet,
    amount_minor: int,
    token: str = "sandbox-pays",
    *,
    key: UUID | None = None,
    asked_by: Viewer | None = None,
) -> int:
    new = Refill(key=key or uuid4(), amount_minor=amount_minor, provider="sandbox", method=token)
    return await refill(
        market.story.database, wallet.id, new, asked_by=asked_by or market.story.viewer, passcode=NO_PASSCODE,
        now=market.story.now,
    )  # fmt: skip


async def fill_itself(market: Market, wallet: Wallet, card_id: int, amount_minor: int, below_minor: int) -> None:
    wanted = AutomaticRefill(saved_card_id=card_id, amount_minor=amount_minor, below_minor=below_minor)
    await refill_automatically(
        market.story.database, wallet.id, wanted, asked_by=market.story.viewer, passcode=NO_PASSCODE,
        now=market.story.now,
    )  # fmt: skip


async def let_the_worker_work(market: Market, *, rounds: int = 4) -> None:
    """The worker's jobs and its cashier take turns, a second apart."""
    story = market.story
    bank = {"sandbox": Sandbox(story.database, clock=lambda: story.now)}
    for _ in range(rounds):
        await refill_due(story.database, now=story.now)
        await Cashier(story.database, bank, clock=lambda: story.now).step()
        await asyncio.gather(*(follow_refills(story.database, now=story.now) for _ in range(2)))
        story.now += timedelta(seconds=1)


async def test_a_card_that_pays_fills_the_wallet_once(market: Market, wallet: Wallet) -> None:
    key = uuid4()
    asked = await asyncio.gather(*(fill(market, wallet, 2_500, key=key) for _ in range(3)))
    assert len(set(asked)) == 1
    assert ("refill", "pending", 2_500) in await all_movements(market)
    assert await inside(market, wallet) == (10_000, 0)
    await let_the_worker_work(market)
    await let_the_worker_work(market)
    assert await inside(market, wallet) == (12_500, 0)
    assert await market.has("provider", "sandbox") == -2_500
    assert [each for each in await all_movements(market) if each[0] == "refill"] == [("refill", "complete", 2_500)]
    assert await market.books_are_right()


async def test_a_card_that_is_declined_fills_nothing(market: Market, wallet: Wallet) -> None:
    await fill(market, wallet, 2_500, "sandbox-declines")
    await let_the_worker_work(market)
    assert await inside(market, wallet) == (10_000, 0)
    assert ("refill", "failed", 2_500) in await all_movements(market)
    # Whoever asked for it sees it; no letter tells them.
    assert await market.story.rows("select * from mail") == []


async def test_a_wallet_fills_itself_when_less_than_agreed_can_be_spent(
    market: Market, wallet: Wallet, card: Card
) -> None:
    await fill_itself(market, wallet, await card("sandbox-pays"), 5_000, 4_000)
    await let_the_worker_work(market)
    assert await inside(market, wallet) == (10_000, 0)
    # What is held cannot be spent either.
    await add_bank(market, wallet)
    await take_out(market, wallet, 6_500)
    both = await asyncio.gather(*(refill_due(market.story.database, now=market.story.now) for _ in range(3)))
    assert sum(both) == 1
    await let_the_worker_work(market)
    assert await inside(market, wallet) == (15_000, 6_500)


async def test_a_failed_automatic_refill_writes_a_letter_and_is_switched_off(
    market: Market, wallet: Wallet, card: Card
) -> None:
    await market.story.rows("update team set contact_email = 'team@wattline.example' where id = $1", wallet.owner_id)
    await fill_itself(market, wallet, await card("sandbox-no-funds"), 20_000, 20_000)
    await let_the_worker_work(market)
    [letter] = await market.story.rows("select * from mail")
    assert (letter["kind"], letter["to_address"]) == ("wallet-refill-failed", "team@wattline.example")
    assert "no longer fills itself" in letter["text_body"]
    await let_the_worker_work(market)
    assert len(await market.story.rows("select * from refill")) == 1
    assert await inside(market, wallet) == (10_000, 0)


async def test_a_card_that_was_taken_away_counts_as_failed(market: Market, wallet: Wallet, card: Card) -> None:
    await market.story.rows("update team set contact_email = 'team@wattline.example' where id = $1", wallet.owner_id)
    await fill_itself(market, wallet, await card("sandbox-pays"), 20_000, 20_000)
    await market.story.rows("update saved_card set state = 'removed'")
    await let_the_worker_work(market)
    assert len(await market.story.rows("select * from mail")) == 1
    assert await market.story.rows("select * from payment") == []


async def test_a_wallet_does_not_fill_itself_without_end(market: Market, wallet: Wallet, card: Card) -> None:
    await fill_itself(market, wallet, await card("sandbox-pays"), 100, 100)
    for _ in range(AUTOMATIC_MAX + 3):
        async with market.story.database.begin() as tx:
            await begin_refill(tx, wallet.id, now=market.story.now)
        await let_the_worker_work(market, rounds=3)
    assert await inside(market, wallet) == (10_000 + AUTOMATIC_MAX * 100, 0)
    market.story.now += timedelta(days=1)
    async with market.story.database.begin() as tx:
        assert await begin_refill(tx, wallet.id, now=market.story.now)


async def short_wallet(market: Market, wallet: Wallet, card_id: int) -> None:
    """A key whose wallet has 100.00, where a charge asks for 120.00, and a card that puts 50.00 in."""
    await market.story.add_key("04A1B2C3", team_id=wallet.owner_id)
    await market.story.rows("insert into hold_rule values ($1, 'eur', 'wallet', 12000)", wallet.operator_id)
    await fill_itself(market, wallet, card_id, 5_000, 0)


async def tap(market: Market, *, patience: timedelta = CARD_PATIENCE) -> TransactionAnswer:
    """Hold the key to the reader; the box sends StartTransaction and waits for the answer."""
    story = market.story
    start = TransactionStart(
        charge_point_id=story.box.id, connector_number=1, id_tag="04A1B2C3", meter_wh=1_000, started_at=story.now,
        received_at=story.now + ON_THE_WAY,
    )  # fmt: skip
    return await begin_charge(story.database, start, chance=story.chance, now=story.now, card_patience=patience)


async def while_the_worker_works(market: Market, deed: Awaitable[TransactionAnswer]) -> TransactionAnswer:
    done = asyncio.ensure_future(deed)
    while not done.done():
        await let_the_worker_work(market, rounds=1)
        await asyncio.wait([done], timeout=0.05)
    return await done


async def test_a_key_tapped_with_too_little_money_waits_for_its_card_and_charges(
    market: Market, wallet: Wallet, card: Card
) -> None:
    await short_wallet(market, wallet, await card("sandbox-pays"))
    answer = await while_the_worker_works(market, tap(market))
    assert answer.status == "Accepted"
    assert len(await market.story.charges()) == 1
    assert await inside(market, wallet) == (15_000, 12_000)
    assert len(await market.story.rows("select from transaction")) == 1
    assert await market.books_are_right()


async def test_a_key_whose_card_is_declined_is_refused_and_its_owner_told(
    market: Market, wallet: Wallet, card: Card
) -> None:
    await market.story.rows("update team set contact_email = 'team@wattline.example' where id = $1", wallet.owner_id)
    await short_wallet(market, wallet, await card("sandbox-declines"))
    assert (await while_the_worker_works(market, tap(market))).status == "Blocked"
    assert await market.story.charges() == []
    assert len(await market.story.rows("select from transaction where not accepted")) == 1
    assert len(await market.story.rows("select from mail where kind = 'wallet-refill-failed'")) == 1
    # Its card was taken off, so there is nobody to wait for.
    market.story.later(minutes=1)
    assert (await tap(market)).status == "Blocked"


async def test_a_bank_that_takes_too_long_fills_the_wallet_for_the_next_tap(
    market: Market, wallet: Wallet, card: Card
) -> None:
    story = market.story
    await short_wallet(market, wallet, await card("sandbox-pays"))
    assert (await tap(market, patience=timedelta(milliseconds=10))).status == "Blocked"
    assert await story.charges() == []
    await let_the_worker_work(market)
    assert await inside(market, wallet) == (15_000, 0)
    answer = await tap(market)
    assert (answer.status, answer.repeat) == ("Accepted", False)
    assert await inside(market, wallet) == (15_000, 12_000)
    assert len(await story.rows("select from refill")) == 1


async def test_two_taps_at_once_ask_the_card_once(market: Market, wallet: Wallet, card: Card) -> None:
    await short_wallet(market, wallet, await card("sandbox-pays"))
    await while_the_worker_works(market, first_of(tap(market), tap(market)))
    assert len(await market.story.rows("select from refill")) == 1
    assert await inside(market, wallet) == (15_000, 12_000)
    assert await market.books_are_right()


async def first_of(*taps: Awaitable[TransactionAnswer]) -> TransactionAnswer:
    return (await asyncio.gather(*taps))[0]


async def test_what_cannot_be_meant_is_refused(market: Market, wallet: Wallet, card: Card) -> None:
    for amount in (0, -5, 10**9):
        with pytest.raises(Invalid):
            await fill(market, wallet, amount)
    with pytest.raises(Unknown):
        await fill(market, wallet, 500, asked_by=market.story.viewer_of(operator_id=99))
    mine = await card("sandbox-pays")
    for amount, below in ((500, 501), (500, -1), (0, 0)):
        with pytest.raises(Invalid):
            await fill_itself(market, wallet, mine, amount, below)
    other = await purse(market, "team", market.story.team_id)
    with pytest.raises(CardNotReady):
        await fill_itself(market, other, mine, 500, 0)
    driver = await somebody(market.story)
    assert driver.user_id is not None
    with pytest.raises(NoPasscode):
        await fill(market, await purse(market, "user", driver.user_id), 500, asked_by=driver)
    await market.story.rows("update team set payment_method = 'operator_transaction' where id = $1", wallet.owner_id)
    with pytest.raises(NotReady):
        await fill(market, wallet, 500)
    assert await market.story.rows("select * from payment") == []


async def all_movements(market: Market) -> list[tuple[str, str, int]]:
    rows = await market.story.rows("select kind, state, from_amount_minor from wallet_transaction order by id")
    return [tuple(row) for row in rows]


SAVE = """
insert into saved_card (key, operator_id, team_id, provider, provider_ref, state, created_at, updated_at)
values ($1, $2, $3, 'sandbox', $4, 'ready', $5, $5) returning id
"""


@pytest.mark.parametrize(("there_minor", "taken", "owed"), [(10_000, 2_500, 0), (1_000, 1_000, 1_500), (0, 0, 2_500)])
async def test_what_a_bank_takes_back_leaves_the_wallet_and_the_rest_is_owed(
    market: Market, wallet: Wallet, there_minor: int, taken: int, owed: int
) -> None:
    story = market.story
    await story.rows("update team set contact_email = 'team@wattline.example' where id = $1", wallet.owner_id)
    await fill(market, wallet, 2_500)
    await let_the_worker_work(market)
    await add_bank(market, wallet)
    if there_minor < 12_500:
        await take_out(market, wallet, 12_500 - there_minor)
    told = "update payment set disputed_minor = $1 where purpose = 'refill'"
    await story.rows(told, 2_500)
    assert await follow_disputes(story.database, now=story.now) == 1
    assert await follow_disputes(story.database, now=story.now) == 0
    assert await market.has("receivable", f"team:{wallet.owner_id}") == -owed
    assert await market.has("provider", "sandbox") == 0
    assert ("chargeback", "complete", taken) in await all_movements(market)
    [letter] = await story.rows("select * from mail where kind = 'card-dispute'")
    assert (letter["to_address"], "25.00 EUR" in letter["subject"]) == ("team@wattline.example", True)
    # The bank decides for us in the end.
    await story.rows(told, 0)
    assert await follow_disputes(story.database, now=story.now) == 1
    assert ("chargeback-returned", "complete", 2_500) in await all_movements(market)
    assert await market.has("provider", "sandbox") == -2_500
    assert await market.books_are_right()
