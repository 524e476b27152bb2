"""The sandbox provider, from asking for a hold to giving back, and everything that is refused on the way."""

from datetime import timedelta

import pytest

from tests.payments.till import Till
from wattline.domain.payment import RefundTooLarge, State
from wattline.domain.payment_provider import EventRefused, Outcome
from wattline.domain.refusals import AlreadyTaken, IllegalMove, Invalid, Unknown
from wattline.operations import sandbox_bank
from wattline.operations.sandbox_bank import ref_of
from wattline.payments.sandbox import Sandbox


async def test_held_captured_in_part_and_given_back_in_parts(till: Till) -> None:
    payment = await till.hold(5_000)
    assert payment.state is State.ASKED
    await till.step()
    held = await till.look(payment)
    assert (held.state, held.card["last4"]) == (State.HELD, "4242")
    await till.capture(payment, 3_210)
    await till.step()
    taken = await till.look(payment)
    assert (taken.state, taken.captured_minor) == (State.CAPTURED, 3_210)
    await till.refund(payment, 1_000)
    await till.refund(payment, 210)
    await till.step()
    assert (await till.look(payment)).state is State.PARTLY_REFUNDED
    with pytest.raises(RefundTooLarge, match="2000"):
        await till.refund(payment, 2_001)
    await till.refund(payment, 2_000)
    await till.step()
    ended = await till.look(payment)
    assert (ended.state, ended.refunded_minor, ended.trouble) == (State.REFUNDED, 3_210, None)


async def test_a_declined_card_is_refused_with_the_reason(till: Till) -> None:
    payment = await till.hold(method="sandbox-no-funds")
    await till.step()
    refused = await till.look(payment)
    assert (refused.state, refused.failure_code) == (State.REFUSED, "insufficient_funds")
    with pytest.raises(IllegalMove):
        await till.capture(payment, 100)


async def test_a_card_that_no_sandbox_has_is_refused(till: Till) -> None:
    payment = await till.hold(method="pm_real_card")
    await till.step()
    assert (await till.look(payment)).failure_code == "no_such_card"


@pytest.mark.parametrize(("approve", "state"), [(True, State.HELD), (False, State.REFUSED)])
async def test_a_bank_that_asks_first_is_looked_at_until_it_knows(till: Till, approve: bool, state: State) -> None:
    payment = await till.hold(method="sandbox-asks")
    await till.step()
    asked = await till.look(payment)
    assert (asked.state, asked.action) == (State.NEEDS_ACTION, {"url": f"/payments/sandbox/{ref_of(payment.key)}"})
    assert await sandbox_bank.confirm(till.database, ref_of(payment.key), approve=approve)
    await till.to_next_thing()
    await till.step()
    assert (await till.look(payment)).state is state
    assert not await sandbox_bank.confirm(till.database, ref_of(payment.key), approve=True)


async def test_nobody_keeps_a_hold_waiting_for_more_than_an_hour(till: Till) -> None:
    payment = await till.hold(method="sandbox-asks")
    await till.step()
    till.now += timedelta(hours=1)
    await till.step()
    await till.step()
    assert (await till.look(payment)).state is State.CANCELLED


async def test_a_hold_that_was_never_sent_is_let_go_of_after_it_was_answered(till: Till) -> None:
    payment = await till.hold()
    assert (await till.cancel(payment)).state is State.CANCELLING
    await till.step()
    assert (await till.look(payment)).state is State.CANCELLED
    assert (await till.cancel(payment)).state is State.CANCELLED
    calls = await till.all("select deed, outcome from payment_call order by id")
    assert [(call["deed"], call["outcome"]) for call in calls] == [("hold", "done"), ("cancel", "done")]


async def test_nothing_captured_is_let_go_of(till: Till) -> None:
    payment = await till.hold()
    await till.step()
    assert (await till.capture(payment, 0)).state is State.CANCELLING


async def test_the_same_key_asks_once_and_other_wishes_under_it_are_refused(till: Till) -> None:
    payment = await till.hold(700, key="one")
    assert (await till.hold(700, key="one")).id == payment.id
    with pytest.raises(AlreadyTaken):
        await till.hold(701, key="one")
    await till.step()
    assert len(await till.all("select * from sandbox_payment")) == 1


async def test_a_capture_asked_twice_is_asked_once(till: Till) -> None:
    payment = await till.hold()
    await till.step()
    await till.capture(payment, 400)
    await till.capture(payment, 400)
    with pytest.raises(IllegalMove):
        await till.capture(payment, 500)
    assert len(await till.all("select * from payment_call where deed = 'capture'")) == 1


@pytest.mark.parametrize("amount", [0, -1, 100_000_000, True, 1.5, float("nan"), "5", None])
async def test_amounts_that_cannot_be_meant(till: Till, amount: object) -> None:
    with pytest.raises(Invalid):
        await till.hold(amount)  # type: ignore[arg-type]


async def test_an_unknown_currency_and_a_capture_above_the_hold(till: Till) -> None:
    for currency in ("EUR", "xyz", ""):
        with pytest.raises(Invalid):
            await till.hold(currency=currency)
    payment = await till.hold(100)
    await till.step()
    with pytest.raises(Invalid):
        await till.capture(payment, 101)


async def test_somebody_else_does_not_see_it(till: Till) -> None:
    payment = await till.hold()
    till.viewer = type(till.viewer)(name="somebody else", operator_id=999, operator_ids=(999,))
    with pytest.raises(Unknown):
        await till.cancel(payment)


async def test_the_sandbox_keeps_itself_to_a_banks_rules(till: Till) -> None:
    sandbox = Sandbox(till.database, clock=till.clock)
    payment = await till.hold(900)
    await till.step()
    ref = ref_of(payment.key)
    assert (await sandbox.refund(ref, 1, "eur", key="early")).outcome is Outcome.REFUSED
    assert (await sandbox.capture(ref, 901, "eur", key="much")).outcome is Outcome.REFUSED
    assert (await sandbox.capture(ref, 900, "eur", key="a")).outcome is Outcome.DONE
    assert (await sandbox.capture(ref, 900, "eur", key="b")).outcome is Outcome.REFUSED
    assert (await sandbox.cancel(ref, key="late")).outcome is Outcome.REFUSED
    for _ in range(2):
        given = await sandbox.refund(ref, 500, "eur", key="same")
        assert given.standing is not None
        assert given.standing.refunded_minor == 500
    assert (await sandbox.refund(ref, 401, "eur", key="other")).outcome is Outcome.REFUSED
    assert (await sandbox.fetch("sandbox_nothing")).outcome is Outcome.REFUSED
    with pytest.raises(EventRefused):
        sandbox.parse_event(b"{}", {}, now=till.now)
