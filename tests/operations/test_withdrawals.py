"""Money that leaves wallets for bank accounts: asked for, held, paid or refused, and once a month by itself."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tests.operations.market import Market, open_market
from tests.operations.purse import NO_PASSCODE, PEPPER, add_bank, inside, purse, somebody, take_out
from tests.operations.story import Story
from wattline.domain.passcode import NoPasscode, WrongPasscode
from wattline.domain.refusals import Invalid, NotReady, Unknown
from wattline.domain.withdrawal import TooLittleToWithdraw
from wattline.operations.bank_accounts import withdraw_monthly
from wattline.operations.deposits import Deposit, deposit
from wattline.operations.ledger_accounts import set_credit_limit
from wattline.operations.secrets import unseal
from wattline.operations.wallet_access import Passcode
from wattline.operations.wallets import Wallet
from wattline.operations.withdrawal_ends import note_paid, refuse_withdrawal
from wattline.operations.withdrawals import withdraw_due


@pytest.fixture
async def market(story: Story) -> Market:
    """A market whose neighbour has 100.00."""
    return await open_market(story)


@pytest.fixture
async def wallet(market: Market) -> Wallet:
    """The neighbour's wallet, with a bank account."""
    wallet = await purse(market, "team", market.story.neighbour_team_id)
    await add_bank(market, wallet)
    return wallet


async def pay(market: Market, movement_id: int) -> None:
    await note_paid(market.story.database, movement_id, asked_by=market.story.viewer, now=market.story.now)


async def refuse(market: Market, movement_id: int) -> None:
    story = market.story
    await refuse_withdrawal(story.database, movement_id, reason="Account closed", asked_by=story.viewer, now=story.now)


async def monthly(market: Market, wallet: Wallet, leave_minor: int, *, on: bool = True) -> None:
    await withdraw_monthly(
        market.story.database, wallet.id, on=on, leave_minor=leave_minor, asked_by=market.story.viewer,
        passcode=NO_PASSCODE, now=market.story.now,
    )  # fmt: skip


async def test_a_withdrawal_is_held_until_the_bank_transfer_went_out(market: Market, wallet: Wallet) -> None:
    made = await take_out(market, wallet, 3_000)
    assert await inside(market, wallet) == (10_000, 3_000)
    assert ("withdrawal", "pending", 3_000) in await market.movements()
    for _ in range(2):
        await pay(market, made)
    assert await inside(market, wallet) == (7_000, 0)
    assert ("withdrawal", "complete", 3_000) in await market.movements()
    with pytest.raises(NotReady):
        await refuse(market, made)
    assert await market.books_are_right()


async def test_a_refused_withdrawal_gives_the_money_back_with_the_reason(market: Market, wallet: Wallet) -> None:
    made = await take_out(market, wallet, 3_000)
    for _ in range(2):
        await refuse(market, made)
    assert await inside(market, wallet) == (10_000, 0)
    [row] = await market.story.rows("select state, note from wallet_transaction where id = $1", made)
    assert (row["state"], row["note"]) == ("failed", "Account closed")
    with pytest.raises(NotReady):
        await pay(market, made)
    assert await market.books_are_right()


async def test_the_bank_account_is_sealed_and_a_withdrawal_keeps_the_one_it_was_asked_for(
    market: Market, wallet: Wallet
) -> None:
    made = await take_out(market, wallet, 3_000)
    assert await add_bank(market, wallet, "DE89370400440532013000") == "3000"
    [row] = await market.story.rows("select * from withdrawal where movement_id = $1", made)
    assert row["iban_end"] == "6243"
    assert b"DK50" not in row["iban_sealed"]
    assert unseal(row["iban_sealed"], pepper=PEPPER) == "DK5000400440116243"


async def test_the_same_withdrawal_asked_for_twice_is_made_once(market: Market, wallet: Wallet) -> None:
    wanted = uuid4()
    made = await asyncio.gather(*(take_out(market, wallet, 3_000, id=wanted) for _ in range(3)))
    assert len(set(made)) == 1
    assert await inside(market, wallet) == (10_000, 3_000)


async def test_racing_withdrawals_never_take_more_than_there_is(market: Market, wallet: Wallet) -> None:
    asked = await asyncio.gather(*(take_out(market, wallet, 4_000) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(each, int) for each in asked) == 2
    assert sum(isinstance(each, TooLittleToWithdraw) for each in asked) == 3
    assert await inside(market, wallet) == (10_000, 8_000)


async def test_credit_and_a_credit_line_cannot_be_withdrawn(market: Market, wallet: Wallet) -> None:
    await market.give(wallet.owner_id, 5_000, credit=True)
    with pytest.raises(TooLittleToWithdraw, match=r"Only 100\.00 EUR"):
        await take_out(market, wallet, 10_001)
    # A team that pays by invoice may go below zero, but not to fill a bank account.
    async with market.story.database.begin() as tx:
        await set_credit_limit(tx, wallet.account_id, 50_000)
    with pytest.raises(TooLittleToWithdraw, match=r"Only 100\.00 EUR"):
        await take_out(market, wallet, 10_001)
    await take_out(market, wallet, 10_000)
    assert await inside(market, wallet) == (10_000, 10_000)


async def test_what_cannot_be_meant_is_refused(market: Market, wallet: Wallet) -> None:
    for amount in (-700, 0, 669, 10**15):
        with pytest.raises(Invalid):
            await take_out(market, wallet, amount)
    for iban in ("", "DK50", "DK5100400440116243"):
        with pytest.raises(Invalid):
            await add_bank(market, wallet, iban)
    with pytest.raises(NotReady, match="bank account"):
        await take_out(market, await purse(market, "team", market.story.team_id), 3_000)
    stranger = market.story.viewer_of(operator_id=99)
    with pytest.raises(Unknown):
        await take_out(market, wallet, 3_000, asked_by=stranger)
    made = await take_out(market, wallet, 3_000)
    for viewer in (stranger, market.story.viewer_of(team_ids=(wallet.owner_id,))):
        with pytest.raises(Unknown):
            await note_paid(market.story.database, made, asked_by=viewer, now=market.story.now)
    assert await inside(market, wallet) == (10_000, 3_000)


async def test_money_of_no_currency_and_no_amount_is_not_put_in(market: Market, wallet: Wallet) -> None:
    story = market.story
    for amount, currency in ((100, "xyz"), (100, "EUR"), (100, ""), (0, "eur"), (-1, "eur"), (2**63, "eur")):
        new = Deposit(id=uuid4(), amount_minor=amount, currency=currency)
        with pytest.raises(Invalid):
            await deposit(story.database, "team", wallet.owner_id, new, asked_by=story.viewer, now=story.now)
    assert await inside(market, wallet) == (10_000, 0)
    assert len(await story.rows("select * from wallet")) == 1


async def test_a_team_settled_elsewhere_has_neither_deposits_nor_withdrawals(market: Market, wallet: Wallet) -> None:
    story = market.story
    await story.rows("update team set payment_method = 'operator_transaction' where id = $1", wallet.owner_id)
    with pytest.raises(NotReady):
        await take_out(market, wallet, 3_000)
    new = Deposit(id=uuid4(), amount_minor=100, currency="eur")
    with pytest.raises(NotReady):
        await deposit(story.database, "team", wallet.owner_id, new, asked_by=story.viewer, now=story.now)


async def test_a_persons_wallet_opens_to_them_alone_with_their_passcode(market: Market) -> None:
    story = market.story
    driver = await somebody(story)
    assert driver.user_id is not None
    mine = await purse(market, "user", driver.user_id)
    new = Deposit(id=uuid4(), amount_minor=5_000, currency="eur")
    await deposit(story.database, "user", driver.user_id, new, asked_by=story.viewer, now=story.now)
    right = Passcode("4711", PEPPER)
    with pytest.raises(Unknown):
        await add_bank(market, mine, code=right)
    await add_bank(market, mine, asked_by=driver, code=right)
    with pytest.raises(NoPasscode):
        await take_out(market, mine, 1_000, asked_by=driver)
    with pytest.raises(WrongPasscode):
        await take_out(market, mine, 1_000, asked_by=driver, code=Passcode("0000", PEPPER))
    await take_out(market, mine, 1_000, asked_by=driver, code=right)
    assert await inside(market, mine) == (5_000, 1_000)


async def test_a_wallet_is_emptied_on_the_first_working_day_but_for_what_shall_stay(
    market: Market, wallet: Wallet
) -> None:
    story = market.story
    await monthly(market, wallet, 2_500)
    # Switched on on the 20th: it begins with the next month.
    assert await withdraw_due(story.database, now=story.now) == 0
    story.now = datetime(2027, 2, 1, 3, 0, tzinfo=UTC)
    both = await asyncio.gather(*(withdraw_due(story.database, now=story.now) for _ in range(2)))
    assert sum(both) == 1
    assert await withdraw_due(story.database, now=story.now) == 0
    assert await inside(market, wallet) == (10_000, 7_500)
    # The next month there is too little to send.
    story.now = datetime(2027, 3, 2, tzinfo=UTC)
    assert await withdraw_due(story.database, now=story.now) == 1
    assert await inside(market, wallet) == (10_000, 7_500)
    await monthly(market, wallet, 0, on=False)
    story.now = datetime(2027, 4, 2, tzinfo=UTC)
    assert await withdraw_due(story.database, now=story.now) == 0


async def test_a_public_holiday_where_the_owner_lives_is_no_working_day(market: Market, wallet: Wallet) -> None:
    story = market.story
    await story.rows("insert into country (id, name, alpha2_code, sanctioned) values (194, 'Denmark', 'DK', false)")
    await story.rows("update team set country_id = 194 where id = $1", wallet.owner_id)
    story.now = datetime(2026, 12, 20, tzinfo=UTC)
    await monthly(market, wallet, 0)
    # New Year's Day is a Friday; the first working day is Monday the 4th.
    for day, seen_to in ((1, 0), (2, 0), (4, 1)):
        assert await withdraw_due(story.database, now=datetime(2027, 1, day, 9, tzinfo=UTC)) == seen_to
    assert await inside(market, wallet) == (10_000, 10_000)


async def test_monthly_needs_a_bank_account(market: Market) -> None:
    with pytest.raises(NotReady):
        await monthly(market, await purse(market, "team", market.story.team_id), 0)
    with pytest.raises(Invalid):
        await monthly(market, await purse(market, "team", market.story.team_id), -1)
