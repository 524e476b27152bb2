"""Whatever a bank, the network and the worker do: nobody is charged twice, and no money gets lost.

A run is one payment with everything that people do with it, while every fault of bank_model.py is played at random.
Then the faults stop, what is still open comes to its end, and our books are laid beside the bank's.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import pytest
from structlog.testing import capture_logs

from tests.payments.bank_model import NONE, BankModel, Faults
from tests.payments.stripe_bank import StripeBank, stripe_bank
from tests.payments.till import Till, open_till
from wattline.database.connection import Database
from wattline.domain.payment import FINAL, Payment, State
from wattline.domain.refusals import Refusal
from wattline.operations.payment_rows import payment_of

Bank = BankModel | StripeBank

AT_ONCE = 50
KINDS = ("pays", "pays", "pays", "declines", "asks")
WAITING = {State.ASKED, State.NEEDS_ACTION, State.CAPTURING, State.CANCELLING, State.REFUNDING}


@dataclass
class Wish:
    """What people want of one payment, step by step."""

    payment: Payment
    capture_minor: int
    impatient: bool
    approves: bool | None
    refunds: list[int]
    asked_back: list[int] = field(default_factory=list)


async def test_fifty_payments_at_a_bad_bank(database: Database) -> None:
    till, chance = await open_till(database), Random(1)
    bank = BankModel(chance, till.clock)
    await play(till, bank, chance, Faults())
    assert len(bank.count) >= 7, bank.count


@pytest.mark.long
async def test_ten_thousand_payments_at_a_bad_bank(database: Database) -> None:
    till, chance, played = await open_till(database), Random(2026), dict[str, int]()
    for _ in range(10_000 // AT_ONCE):
        share = chance.choice((0.5, 1, 2, 4))
        bank = BankModel(chance, till.clock)
        await play(till, bank, chance, Faults(*(min(rate * share, 0.8) for rate in vars(Faults()).values())))
        for fault, times in bank.count.items():
            played[fault] = played.get(fault, 0) + times
    assert min(played[fault] for fault in vars(NONE)) > 500, played
    (sums,) = await till.all("select count(*) as runs, count(*) filter (where trouble is not null) as bad from payment")
    assert sums == {"runs": 10_000, "bad": 0}


async def test_payments_at_localstripe_behind_a_bad_network(database: Database) -> None:
    chance = Random(7)
    async with stripe_bank(chance) as bank:
        await play(await open_till(database), bank, chance, Faults(), payments=20)
        assert len(bank.count) >= 4, bank.count


@pytest.mark.long
async def test_ten_thousand_payments_at_localstripe_behind_a_bad_network(database: Database) -> None:
    till, chance, played = await open_till(database), Random(2027), dict[str, int]()
    for _ in range(10_000 // AT_ONCE):
        async with stripe_bank(chance) as bank:
            await play(till, bank, chance, Faults())
            for fault, times in bank.count.items():
                played[fault] = played.get(fault, 0) + times
    assert min(played[fault] for fault in vars(NONE)) > 250, played
    (sums,) = await till.all("select count(*) as runs, count(*) filter (where trouble is not null) as bad from payment")
    assert sums == {"runs": 10_000, "bad": 0}


async def play(till: Till, bank: Bank, chance: Random, faults: Faults, *, payments: int = AT_ONCE) -> None:
    """Play payments at once, to their end, and compare the books."""
    till.providers, bank.faults = {bank.name: bank.provider}, faults
    wishes = [await wish(till, bank, chance) for _ in range(payments)]
    for _ in range(25):
        await everybody_goes_on(till, bank, wishes, chance, impatience=0.5)
        await a_moment(till, bank, chance, minutes=chance.choice((0, 1, 20, 120)))
    bank.faults = NONE
    while await everybody_goes_on(till, bank, wishes, chance, impatience=1.0):
        await a_moment(till, bank, chance, minutes=180)
    await bank.close_books()
    for wanted in wishes:
        await compare_books(till, bank, wanted)


async def everybody_goes_on(till: Till, bank: Bank, wishes: list[Wish], chance: Random, *, impatience: float) -> bool:
    """Let everybody do what they would do next; tell whether anything is still to come."""
    ids = [wanted.payment.id for wanted in wishes]
    async with till.database.read() as connection:
        rows = await connection.fetch("select * from payment where id = any($1) order by id", ids)
    for wanted, row in zip(wishes, rows, strict=True):
        await go_on(till, bank, wanted, payment_of(row), chance, impatience=impatience)
    calls = await till.all("select 1 from payment_call where settled_at is null limit 1")
    return bool(calls or {*WAITING, State.HELD, State.UNKNOWN} & {row["state"] for row in rows})


async def wish(till: Till, bank: Bank, chance: Random) -> Wish:
    amount = chance.randint(2, 10_000)
    payment = await till.hold(amount, method=bank.token(chance.choice(KINDS)))
    return Wish(
        payment,
        capture_minor=chance.choice((0, amount, chance.randint(1, amount), chance.randint(1, amount))),
        impatient=chance.random() < 0.15,
        approves=chance.choice((True, True, False, None)),
        refunds=[chance.randint(1, amount) for _ in range(chance.choice((0, 0, 1, 3)))],
    )


async def go_on(till: Till, bank: Bank, wanted: Wish, now: Payment, chance: Random, *, impatience: float) -> None:
    """Do what the person would do next, if it is time."""
    if now.state is State.NEEDS_ACTION and wanted.approves is not None:
        await bank.confirm(now.key, approve=wanted.approves)
    if wanted.impatient and now.state in (State.ASKED, State.NEEDS_ACTION) and chance.random() < impatience:
        await till.cancel(now)
    elif now.state is State.HELD and not now.capture_minor and chance.random() < impatience:
        for _ in range(chance.choice((1, 1, 2))):
            await till.capture(now, wanted.capture_minor)
    elif now.state in (State.CAPTURED, State.PARTLY_REFUNDED, State.REFUNDING) and wanted.refunds:
        await give_back(till, now, wanted)


async def give_back(till: Till, now: Payment, wanted: Wish) -> None:
    amount = wanted.refunds.pop()
    try:
        await till.refund(now, amount)
    except Refusal:
        return
    wanted.asked_back.append(amount)


async def a_moment(till: Till, bank: Bank, chance: Random, *, minutes: int) -> None:
    """Let the worker work (now and then two at once, as two servers would), time pass and post arrive."""
    # A worker that dies says so each time, with everything it knew.
    with capture_logs():
        await till.step()
    await till.to_next_thing(at_least=timedelta(minutes=minutes))
    await bank.deliver(till, chance)


async def compare_books(till: Till, bank: Bank, wanted: Wish) -> None:
    """The bank took what was asked for, once, and gave back what was asked for; nothing is left held."""
    ours = await till.look(wanted.payment)
    theirs = [account for account in bank.accounts.values() if account.payment_key == ours.key]
    story = f"{ours} {theirs} {wanted}"
    taken = [account for account in theirs if account.state == "captured"]
    assert not [account for account in theirs if account.state in ("held", "needs-action")], story
    assert len(taken) <= 1, story
    assert ours.captured_minor == sum(account.captured_minor for account in taken), story
    assert ours.captured_minor in (0, wanted.capture_minor), story
    assert ours.refunded_minor == sum(sum(account.refunds.values()) for account in taken), story
    assert ours.refunded_minor == sum(wanted.asked_back), story
    assert ours.state in FINAL | {State.CAPTURED, State.PARTLY_REFUNDED}, story
    assert ours.trouble is None, story
