"""Charges paid by card: the bank holds money first and takes in the end what the charge cost; nobody pays twice."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from tests.operations.market import Market, open_market
from tests.operations.story import Story
from tests.payments.bank_model import NONE, BankModel, Faults
from wattline.domain.charge_record import Charge
from wattline.domain.payment_provider import PaymentProvider
from wattline.domain.price_choice import NoPrice
from wattline.domain.price_terms import Pricing, PricingType
from wattline.domain.refill import CardNotReady
from wattline.domain.refusals import ConnectorBusy, Invalid, NotReady
from wattline.operations import ledger, reference_data
from wattline.operations.card_charges import follow_card_payments, secure_ending_holds
from wattline.operations.card_payments import CardToPay
from wattline.operations.disputes import follow_disputes
from wattline.operations.refunds import refund
from wattline.payments.cashier import Cashier
from wattline.payments.sandbox import Sandbox

HOLD = 5_000


@dataclass
class Counter:
    """A market where people pay by card, and a worker that a story lets work."""

    market: Market
    providers: dict[str, PaymentProvider] = field(default_factory=dict)

    @property
    def story(self) -> Story:
        return self.market.story

    async def ask(self, method: str = "sandbox-pays", **wishes: Any) -> Charge:
        """Ask for a charge that a card pays."""
        card = CardToPay(key=str(uuid4()), provider=next(iter(self.providers)), method=method)
        return await self.story.ask(**{"card": card, **wishes})

    async def work(self, times: int = 3) -> None:
        """Let the worker ask the bank, and follow what it said."""
        for _ in range(times):
            with capture_logs():
                await Cashier(self.story.database, self.providers, clock=lambda: self.story.now).step()
            while await follow_card_payments(self.story.database, now=self.story.now):
                pass

    async def for_hours(self, hours: int) -> None:
        for _ in range(hours * 2):
            self.story.later(minutes=30)
            await self.work(1)
            await secure_ending_holds(self.story.database, now=self.story.now)

    async def begun(self, **wishes: Any) -> Charge:
        """A charge that waits for its box."""
        charge = await self.ask(**wishes)
        await self.work()
        return await self.story.charge(charge)

    async def paid(self, charge: Charge) -> dict[str, Any]:
        """How the charge's payment stands: here, and in the books of the charge."""
        [row] = await self.story.rows(
            "select p.state as card, p.captured_minor, p.refunded_minor, p.trouble, c.state, c.owed_minor "
            "from payment p join charge_payment c on c.payment_id = p.id where c.charge_id = $1", charge.id
        )  # fmt: skip
        return dict(row)


@pytest.fixture
async def counter(story: Story) -> Counter:
    """A shop that takes sandbox cards."""
    await reference_data.seed(story.database, now=story.now)
    shop = Counter(await open_market(story, funds_minor=0))
    shop.providers["sandbox"] = Sandbox(story.database, clock=lambda: story.now)
    return shop


@pytest.fixture
def bank(counter: Counter) -> BankModel:
    """A bank that can break, in place of the sandbox."""
    model = BankModel(Random(3), lambda: counter.story.now)
    model.faults = NONE
    counter.providers.clear()
    counter.providers["model"] = model
    return model


async def test_a_card_pays_what_the_charge_cost_and_gets_the_rest_back(counter: Counter) -> None:
    charge = await counter.ask()
    assert (charge.state, await counter.story.commands()) == ("paying", [])
    await counter.work()
    charge = await counter.story.charge(charge)
    assert charge.state == "starting"
    assert [action for action, _ in await counter.story.commands()] == ["RemoteStartTransaction"]
    assert await counter.market.held("provider", "sandbox") == HOLD
    done = await counter.market.deliver(charge, 20_000)
    assert (done.state, done.price_minor) == ("completed", 1_000)
    await counter.work()
    assert await counter.paid(charge) == {
        "card": "captured", "captured_minor": 1_000, "refunded_minor": 0, "trouble": None, "state": "settled",
        "owed_minor": 0,
    }  # fmt: skip
    assert await counter.market.has("provider", "sandbox") == -1_000
    assert await counter.market.held("provider", "sandbox") == 0
    assert await counter.market.has("team", counter.story.team_id) == 1_000
    assert await counter.market.movements() == [("charge", "complete", 1_000)]
    assert await counter.market.books_are_right()
    assert await counter.story.timeline(charge) == [
        "paying", "starting", "charging", "released", "completed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "words"),
    [("sandbox-declines", "The card was refused"), ("sandbox-no-funds", "declined this card"), ("nonsense", "no card")],
)
async def test_a_refused_card_ends_the_charge_with_words(counter: Counter, method: str, words: str) -> None:
    charge = await counter.begun(method=method)
    assert (charge.state, charge.failure_code, charge.price_minor) == ("completed", "card-refused", 0)
    assert words in (charge.failure_reason or "")
    assert (await counter.paid(charge))["state"] == "voided"
    assert await counter.story.commands() == []
    assert await counter.market.books_are_right()
    assert (await counter.begun()).state == "starting"


async def test_a_bank_that_asks_is_waited_for_ten_minutes(counter: Counter) -> None:
    charge = await counter.begun(method="sandbox-asks")
    assert charge.state == "paying"
    with pytest.raises(ConnectorBusy):
        await counter.ask()
    await counter.story.after(minutes=10)
    charge = await counter.story.charge(charge)
    assert (charge.state, charge.failure_code) == ("completed", "payment-expired")
    await counter.work()
    assert (await counter.paid(charge))["card"] == "cancelled"
    assert await counter.market.books_are_right()


End = Callable[[Counter, Charge], Any]


async def forced(counter: Counter, charge: Charge) -> None:
    await counter.story.force_stop(charge)


async def stopped(counter: Counter, charge: Charge) -> None:
    await counter.story.stop(charge)


async def expired(counter: Counter, charge: Charge) -> None:
    await counter.story.after(minutes=6)


async def refused(counter: Counter, charge: Charge) -> None:
    await counter.story.refuse(charge)


@pytest.mark.parametrize("end", [forced, stopped, expired, refused])
async def test_whatever_keeps_a_charge_from_beginning_cancels_the_hold_at_once(counter: Counter, end: End) -> None:
    charge = await counter.begun()
    await end(counter, charge)
    assert (await counter.paid(charge))["card"] == "cancelling"
    await counter.work(1)
    assert await counter.paid(charge) == {
        "card": "cancelled", "captured_minor": 0, "refunded_minor": 0, "trouble": None, "state": "voided",
        "owed_minor": 0,
    }  # fmt: skip
    assert (await counter.story.charge(charge)).price_minor == 0
    assert await counter.market.held("provider", "sandbox") == 0
    assert await counter.market.books_are_right()


async def test_a_force_stop_in_the_middle_takes_the_payment_away(counter: Counter) -> None:
    charge = await counter.begun()
    answer = await counter.story.begin(charge.id_tag)
    counter.story.later(minutes=10)
    await counter.story.measure(9_000, answer.ocpp_transaction_id)
    await counter.story.force_stop(charge)
    await counter.work()
    assert (await counter.paid(charge))["card"] == "cancelled"
    assert await counter.market.has("team", counter.story.team_id) == 0
    assert await counter.market.books_are_right()


async def test_a_stop_while_the_card_is_asked_lets_go_of_what_is_held_later(counter: Counter, bank: BankModel) -> None:
    bank.faults = Faults(0, 1, 0, 0, 0, 1, 0, 0)
    charge = await counter.ask(method="pays")
    await counter.work(1)
    await counter.story.stop(charge)
    bank.faults = NONE
    await counter.for_hours(1)
    assert (await counter.paid(charge))["card"] == "cancelled"
    assert [account.state for account in bank.accounts.values()] == ["cancelled"]


async def test_a_bank_that_cannot_be_reached_is_waited_for_and_nothing_is_held_twice(
    counter: Counter, bank: BankModel
) -> None:
    bank.faults = Faults(0, 1, 0, 0, 0, 1, 0, 0)
    charge = await counter.ask(method="pays")
    await counter.work(2)
    assert (await counter.story.charge(charge)).state == "paying"
    bank.faults = NONE
    counter.story.later(minutes=2)
    await counter.work()
    assert (await counter.story.charge(charge)).state == "starting"
    assert len(bank.accounts) == 1


async def test_a_worker_killed_between_capture_and_commit_takes_the_money_once(
    counter: Counter, bank: BankModel
) -> None:
    charge = await counter.begun(method="pays")
    bank.faults = Faults(0, 0, 0, 0, 1, 0, 0, 0)
    await counter.market.deliver(charge, 20_000)
    await counter.work(1)
    [account] = bank.accounts.values()
    assert (account.state, (await counter.paid(charge))["card"]) == ("captured", "capturing")
    bank.faults = NONE
    counter.story.later(minutes=2)
    await counter.work()
    assert account.captured_minor == 1_000
    assert (await counter.paid(charge))["captured_minor"] == 1_000
    assert await counter.market.books_are_right()


async def test_what_costs_more_than_the_card_holds_is_owed(counter: Counter) -> None:
    charge = await counter.begun(price_limit_minor=500)
    assert await counter.market.held("provider", "sandbox") == 500
    await counter.market.deliver(charge, 14_000)
    await counter.work()
    paid = await counter.paid(charge)
    assert (paid["captured_minor"], paid["owed_minor"]) == (500, 200)
    [row] = await counter.story.rows("select id from payment")
    assert await counter.market.has("receivable", f"card:{row['id']}") == -200
    assert await counter.market.has("team", counter.story.team_id) == 700
    assert await counter.market.books_are_right()


async def test_a_hold_that_the_bank_drops_stops_the_charge_and_the_driver_owes_it(
    counter: Counter, bank: BankModel
) -> None:
    charge = await counter.begun(method="pays")
    answer = await counter.story.begin(charge.id_tag)
    [account] = bank.accounts.values()
    account.state = "cancelled"
    await counter.for_hours(2)
    running = await counter.story.charge(charge)
    assert (running.state, running.stopped_by) == ("stopping", "card-hold-lost")
    await counter.story.end(answer.ocpp_transaction_id, 21_000, reason="Remote")
    await counter.story.status("Available")
    await counter.work()
    assert (await counter.story.charge(charge)).stop_reason == "card-hold-lost"
    paid = await counter.paid(charge)
    assert (paid["captured_minor"], paid["owed_minor"], paid["state"]) == (0, 1_000, "settled")
    assert await counter.market.has("provider", "model") == 0
    assert await counter.market.has("team", counter.story.team_id) == 1_000
    assert await counter.market.books_are_right()


async def test_a_hold_that_runs_out_between_the_end_and_the_capture_is_owed(counter: Counter, bank: BankModel) -> None:
    charge = await counter.begun(method="pays")
    [account] = bank.accounts.values()
    account.state = "cancelled"
    await counter.market.deliver(charge, 20_000)
    assert await counter.market.has("provider", "model") == -1_000
    await counter.work()
    assert (await counter.paid(charge))["owed_minor"] == 1_000
    assert await counter.market.has("provider", "model") == 0
    assert await counter.market.has("team", counter.story.team_id) == 1_000
    await counter.work()
    assert (await counter.paid(charge))["owed_minor"] == 1_000
    assert await counter.market.books_are_right()


@pytest.mark.parametrize(("wh", "owed", "back"), [(30_000, 500, 0), (20_000, 0, 0), (0, 0, 1_000)])
async def test_a_charge_of_a_week_is_paid_before_the_bank_lets_go(
    counter: Counter, wh: int, owed: int, back: int
) -> None:
    """The charge point is away; what it cost so far is taken after six days and 23 hours, and set right at the end."""
    charge = await counter.begun()
    answer = await counter.story.begin(charge.id_tag, meter_wh=1_000)
    await counter.story.measure(1_000, answer.ocpp_transaction_id)
    counter.story.later(hours=2)
    await counter.story.measure(21_000, answer.ocpp_transaction_id)
    counter.story.later(days=6, hours=11)
    await secure_ending_holds(counter.story.database, now=counter.story.now)
    running = await counter.story.charge(charge)
    assert (running.state, running.stopped_by) == ("stopping", "card-hold-ends")
    assert (await counter.paid(charge))["card"] == "held"
    await counter.for_hours(11)
    assert (await counter.paid(charge))["captured_minor"] == 1_000
    counter.story.later(hours=20)
    assert not await ledger.expire_due(counter.story.database, now=counter.story.now)
    if not wh:
        await counter.story.force_stop(charge)
    else:
        await counter.story.end(answer.ocpp_transaction_id, 1_000 + wh, reason="Remote")
        await counter.story.status("Available")
    await counter.work()
    paid = await counter.paid(charge)
    assert (paid["captured_minor"], paid["refunded_minor"], paid["owed_minor"]) == (1_000, back, owed)
    assert await counter.market.has("team", counter.story.team_id) == wh // 20
    assert await counter.market.books_are_right()


async def test_a_charge_point_that_went_away_while_the_card_was_asked_costs_nothing(counter: Counter) -> None:
    charge = await counter.ask()
    await counter.story.disconnect()
    await counter.work()
    charge = await counter.story.charge(charge)
    assert (charge.failure_code, (await counter.paid(charge))["card"]) == ("start-no-contact", "cancelled")
    assert await counter.market.held("provider", "sandbox") == 0
    assert await counter.market.books_are_right()


async def test_a_tapped_key_takes_the_connector_from_a_card_that_was_only_asked(counter: Counter) -> None:
    charge = await counter.ask()
    await counter.story.add_key("04A1B2C3", own_network=True)
    await counter.story.begin("04A1B2C3")
    await counter.work()
    charge = await counter.story.charge(charge)
    assert (charge.state, charge.failure_code) == ("completed", "another-charge-began")
    assert (await counter.paid(charge))["card"] == "cancelled"


async def test_a_public_charge_point_without_a_price_asks_no_card(story: Story) -> None:
    await story.rows("update connector set visibility = 'public'")
    with pytest.raises(NoPrice):
        await story.ask(card=CardToPay(key=str(uuid4()), provider="sandbox", method="sandbox-pays"))
    assert await story.rows("select from payment") == []


async def test_a_free_charge_asks_no_card(story: Story) -> None:
    await open_market(story, funds_minor=0, master=Pricing(type=PricingType.KWH, price=Decimal(0)))
    charge = await story.ask(card=CardToPay(key=str(uuid4()), provider="sandbox", method="sandbox-pays"))
    assert charge.state == "starting"
    assert await story.rows("select from payment") == []


async def test_cards_of_others_reservations_and_terminals_are_refused(counter: Counter) -> None:
    story = counter.story
    [card] = await story.rows(SAVE, story.viewer.operator_id, story.neighbour_team_id, story.now)
    mine = CardToPay(key=str(uuid4()), saved_card_id=card["id"])
    with pytest.raises(CardNotReady):
        await story.ask(card=mine, asked_by=story.viewer_of(team_ids=(story.team_id,)))
    with pytest.raises(CardNotReady):
        await story.ask(card=CardToPay(key=str(uuid4()), saved_card_id=99))
    for wish in ({"reserve": True}, {"payment_session": {"provider": "payter"}}):
        with pytest.raises(Invalid):
            await counter.ask(**wish)
    charge = await story.ask(card=mine)
    await counter.work()
    done = await counter.market.deliver(await story.charge(charge), 20_000)
    await counter.work()
    assert (done.price_minor, (await counter.paid(charge))["captured_minor"]) == (1_000, 1_000)
    [row] = await story.rows("select p.card, p.team_id from payment p")
    assert (row["card"]["last4"], row["team_id"]) == ("4242", story.neighbour_team_id)


SAVE = """
insert into saved_card (key, operator_id, team_id, provider, provider_ref, state, brand, last4, created_at, updated_at)
values ('card', $1, $2, 'sandbox', 'sandbox-pays', 'ready', 'sandbox', '4242', $3, $3) returning id
"""


async def test_random_card_charges_at_a_bad_bank_end_with_equal_books(counter: Counter, bank: BankModel) -> None:
    """Whatever breaks, the bank took for each charge what it cost, less what is owed, and our books say the same."""
    chance = Random(11)
    for number in range(12):
        bank.faults = Faults()
        charge = await counter.ask(method=chance.choice(("pays", "pays", "declines", "asks")))
        for _ in range(3):
            await counter.work(1)
            counter.story.later(seconds=chance.choice((2, 61, 120)))
        charge = await counter.story.charge(charge)
        if charge.state == "starting" and chance.random() < 0.7:
            await counter.market.deliver(charge, chance.choice((2_000, 20_000, 120_000)))
        elif charge.state != "completed":
            await counter.story.force_stop(charge)
        bank.faults = NONE
        await counter.for_hours(3)
        paid, story = await counter.paid(charge), f"{number} {charge}"
        [key] = [row["key"] for row in await counter.story.rows("select key from payment order by id desc limit 1")]
        theirs = [account for account in bank.accounts.values() if account.payment_key == key]
        taken = sum(account.captured_minor - sum(account.refunds.values()) for account in theirs)
        cost = (await counter.story.charge(charge)).price_minor or 0
        assert taken == cost - paid["owed_minor"], story
        assert not [account for account in theirs if account.state == "held"], story
        counter.story.later(minutes=1)
    assert await counter.market.held("provider", "model") == 0
    assert await counter.market.books_are_right()


async def test_a_charge_whose_card_says_it_was_not_theirs_is_owed_again(counter: Counter, bank: BankModel) -> None:
    charge = await counter.begun(method="pays")
    await counter.market.deliver(charge, 20_000)
    await counter.work()
    [account] = bank.accounts.values()
    [row] = await counter.story.rows("select id from payment")
    for disputed, owed in ((1_000, -1_000), (0, 0), (400, -400)):
        account.disputed_minor = disputed
        await counter.story.rows("update payment set look_at = $1", counter.story.now)
        await counter.work(1)
        assert await follow_disputes(counter.story.database, now=counter.story.now) == 1
        assert await counter.market.has("receivable", f"card:{row['id']}") == owed
        assert await counter.market.has("provider", "model") == -1_000 - owed
    assert await follow_disputes(counter.story.database, now=counter.story.now) == 0
    assert await counter.market.has("team", counter.story.team_id) == 1_000
    assert await counter.market.books_are_right()


async def test_a_refund_of_a_charge_goes_back_to_the_card_that_paid(counter: Counter) -> None:
    story = counter.story
    charge = await counter.begun()
    await counter.market.deliver(charge, 20_000)
    [sale] = await story.rows("select id from wallet_transaction where kind = 'charge'")

    async def back(percent: int, refund_id: UUID) -> int:
        return await refund(
            story.database, sale["id"], refund_id=refund_id, percent=Decimal(percent), note="Too slow.",
            asked_by=story.viewer, now=story.now,
        )  # fmt: skip

    with pytest.raises(NotReady):
        await back(40, uuid4())
    await counter.work()
    key = uuid4()
    assert await back(40, key) == await back(40, key)
    await counter.work()
    assert (await counter.paid(charge))["refunded_minor"] == 400
    assert await counter.market.has("provider", "sandbox") == -600
    assert await counter.market.has("team", story.team_id) == 600
    await back(60, uuid4())
    await counter.work()
    paid = await counter.paid(charge)
    assert (paid["card"], paid["refunded_minor"]) == ("refunded", 1_000)
    with pytest.raises(NotReady):
        await back(1, uuid4())
    assert await counter.market.books_are_right()
