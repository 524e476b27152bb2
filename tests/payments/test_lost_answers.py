"""Single stories of what random runs play in thousands: lost answers, forgotten keys, late holds, saved cards."""

from datetime import timedelta
from random import Random

import pytest
from structlog.testing import capture_logs

from tests.payments.bank_model import NONE, BankModel, Faults
from tests.payments.till import Till
from wattline.domain.payment import Payment, State
from wattline.domain.payment_provider import ProviderEvent
from wattline.domain.refusals import Unknown
from wattline.operations import saved_cards
from wattline.operations.payment_events import forget_events, take_event
from wattline.operations.sandbox_bank import ref_of
from wattline.payments.sandbox import Sandbox

SILENT = Faults(1, 0, 0, 0, 0, 1, 0, 0)
DEAF = Faults(0, 1, 0, 0, 0, 1, 0, 0)


@pytest.fixture
def bank(till: Till) -> BankModel:
    """A bank that does what it is told, for now."""
    opened = BankModel(Random(1), till.clock)
    opened.faults = NONE
    till.providers = {"model": opened}
    return opened


async def held(till: Till) -> Payment:
    payment = await till.hold(method="pays")
    await till.step()
    return await till.look(payment)


async def for_hours(till: Till, hours: int) -> None:
    """Let the worker try whatever is due, for a while."""
    end = till.now + timedelta(hours=hours)
    with capture_logs():
        while till.now < end:
            await till.step()
            await till.to_next_thing(at_least=timedelta(minutes=20))


async def test_a_hold_whose_answer_got_lost_is_found_and_not_asked_for_twice(till: Till, bank: BankModel) -> None:
    bank.faults = DEAF
    payment = await till.hold(method="pays")
    await for_hours(till, 1)
    assert (await till.look(payment)).state is State.ASKED
    bank.faults = NONE
    await for_hours(till, 1)
    found = await till.look(payment)
    assert (found.state, found.provider_ref) == (State.HELD, next(iter(bank.accounts)))
    assert len(bank.accounts) == 1


async def test_a_hold_that_never_arrived_counts_as_refused_after_a_day(till: Till, bank: BankModel) -> None:
    bank.faults = SILENT
    payment = await till.hold(method="pays")
    await for_hours(till, 24)
    bank.faults = NONE
    await for_hours(till, 1)
    refused = await till.look(payment)
    assert (refused.state, refused.failure_code, bank.accounts) == (State.REFUSED, "never-arrived", {})


async def test_a_capture_that_never_arrived_is_asked_under_a_new_key_after_a_day(till: Till, bank: BankModel) -> None:
    payment = await held(till)
    bank.faults = SILENT
    await till.capture(payment, 4_000)
    await for_hours(till, 24)
    bank.faults = NONE
    await for_hours(till, 1)
    assert (await till.look(payment)).captured_minor == 4_000
    assert [key for key in bank.answers if "/capture/" in key] == [f"{payment.key}/capture/2+"]


async def test_a_capture_after_the_hold_ran_out_ends_as_cancelled(till: Till, bank: BankModel) -> None:
    payment = await held(till)
    bank.accounts[payment.provider_ref or ""].state = "cancelled"
    await till.capture(payment, 4_000)
    await till.step()
    ended = await till.look(payment)
    assert (ended.state, ended.captured_minor) == (State.CANCELLED, 0)


async def test_a_cancel_that_comes_too_late_tells_that_money_was_taken(till: Till, bank: BankModel) -> None:
    payment = await held(till)
    account = bank.accounts[payment.provider_ref or ""]
    account.state, account.captured_minor = "captured", 5_000
    await till.cancel(payment)
    await till.step()
    taken = await till.look(payment)
    assert (taken.state, taken.captured_minor) == (State.CAPTURED, 5_000)
    await till.refund(taken, 5_000)
    await till.step()
    assert (await till.look(payment)).state is State.REFUNDED


async def test_a_provider_that_is_not_set_up_any_more_is_waited_for(till: Till, bank: BankModel) -> None:
    payment, till.providers = await till.hold(method="pays"), {}
    with capture_logs():
        await till.step()
    assert (await till.look(payment)).state is State.ASKED
    till.providers = {"model": bank}
    await for_hours(till, 1)
    assert (await till.look(payment)).state is State.HELD


async def test_a_payment_that_its_provider_forgot_is_left_for_a_person_until_it_is_back(till: Till) -> None:
    payment = await till.hold()
    await till.step()
    async with till.database.begin() as tx:
        await tx.execute("update sandbox_payment set ref = 'elsewhere'")
    await for_hours(till, 2)
    lost = await till.look(payment)
    assert lost.state is State.UNKNOWN
    assert lost.trouble
    async with till.database.begin() as tx:
        await tx.execute("update sandbox_payment set ref = $1", ref_of(payment.key))
    await for_hours(till, 1)
    back = await till.look(payment)
    assert (back.state, back.trouble) == (State.HELD, None)


async def test_a_hold_after_its_refusal_goes_back_by_itself(till: Till) -> None:
    payment = await till.hold(method="sandbox-declines")
    await till.step()
    async with till.database.begin() as tx:
        await tx.execute("update sandbox_payment set state = 'held'")
    event = ProviderEvent(id="evt_1", type="held", at=till.now, provider_ref=ref_of(payment.key))
    assert await take_event(till.database, "sandbox", event, now=till.now)
    assert not await take_event(till.database, "sandbox", event, now=till.now)
    await till.step()
    await till.step()
    assert (await till.look(payment)).state is State.CANCELLED
    await forget_events(till.database, before=till.now + timedelta(seconds=1))
    assert await till.all("select * from payment_event") == []


async def test_a_saved_card_pays_without_its_owner_and_never_after_it_was_removed(till: Till) -> None:
    async def begin() -> int:
        return await saved_cards.begin_card(
            till.database, key="card 1", provider="sandbox", team_id=None, asked_by=till.viewer, now=till.now
        )

    card_id = await begin()
    assert await begin() == card_id
    with pytest.raises(Unknown):
        await till.hold(saved_card_id=card_id)
    await till.step()
    (card,) = await till.all("select * from saved_card")
    assert (card["state"], card["brand"], card["last4"], card["look_at"]) == ("ready", "sandbox", "4242", None)
    payment = await till.hold(saved_card_id=card_id)
    await till.step()
    assert (await till.look(payment)).state is State.HELD
    await saved_cards.remove_card(till.database, card_id, asked_by=till.viewer, now=till.now)
    for again in (till.hold(saved_card_id=card_id), till.hold(saved_card_id=999)):
        with pytest.raises(Unknown):
            await again
    with pytest.raises(Unknown):
        await saved_cards.remove_card(till.database, card_id, asked_by=till.viewer, now=till.now)


async def test_a_card_that_nobody_types_in_is_looked_at_for_an_hour(till: Till) -> None:
    class Patient(Sandbox):
        async def begin_card(self, *, owner_key: str, customer: str | None, key: str):  # type: ignore[no-untyped-def]
            session = await super().begin_card(owner_key=owner_key, customer=customer, key=key)
            assert session is not None
            return type(session)(provider_ref="seti_1", customer="cus_1", state="open", action={"clientSecret": "x"})

        async def fetch_card(self, session_ref: str):  # type: ignore[no-untyped-def]
            return await self.begin_card(owner_key="", customer=None, key=session_ref)

    till.providers = {"sandbox": Patient(till.database, clock=till.clock)}
    await saved_cards.begin_card(
        till.database, key="card 1", provider="sandbox", team_id=None, asked_by=till.viewer, now=till.now
    )
    await till.step()
    (card,) = await till.all("select * from saved_card")
    assert (card["state"], card["action"]) == ("open", {"clientSecret": "x"})
    assert card["look_at"] == till.now + saved_cards.LOOK_EVERY
    till.now += timedelta(hours=2)
    await till.step()
    (card,) = await till.all("select * from saved_card")
    assert (card["state"], card["look_at"]) == ("open", None)
