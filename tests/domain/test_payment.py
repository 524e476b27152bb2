"""The life of a payment: legal steps, old news, contradictions, and amounts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import hypothesis.strategies as st
import pytest
from hypothesis import given

from wattline.domain.payment import (
    CONTRADICTIONS,
    FINAL,
    MOVES,
    TAKEN,
    Payment,
    RefundTooLarge,
    State,
    Step,
    ask_cancel,
    ask_capture,
    ask_refund,
    learn,
    moved,
    refundable,
    refuse_refund,
)
from wattline.domain.payment_patience import key_is_spent, look_again_at, next_try_at
from wattline.domain.payment_provider import CardFace, Standing
from wattline.domain.refusals import IllegalMove

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORDS = ("processing", "needs-action", "held", "refused", "captured", "cancelled")


def payment(state: State = State.ASKED, **more: object) -> Payment:
    values: dict[str, object] = {
        **dict.fromkeys(("team_id", "user_id", "charge_id", "provider_ref", "saved_card_id", "action", "card")),
        **dict.fromkeys(("failure_code", "failure_text", "capture_before", "trouble", "look_at", "ended_at")),
        **dict.fromkeys(("capture_minor", "captured_minor", "refund_minor", "refunded_minor", "disputed_minor"), 0),
        "id": 1,
        "key": "k",
        "operator_id": 1,
        "purpose": "charge",
        "provider": "p",
        "method": "m",
        "currency": "eur",
        "amount_minor": 1_000,
        "state": state,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Payment(**values | more)  # type: ignore[arg-type]


def said(state: str, **more: object) -> Standing:
    return Standing(**{"state": state, "provider_ref": "ref"} | more)  # type: ignore[arg-type]


def taken(captured: int = 1_000) -> Payment:
    return payment(State.CAPTURED, capture_minor=captured, captured_minor=captured)


@pytest.mark.parametrize(("state", "step"), [pair for pair in product(State, Step) if pair not in MOVES])
def test_an_illegal_step_is_loud(state: State, step: Step) -> None:
    with pytest.raises(IllegalMove):
        moved(payment(state), step)


def test_the_providers_word_never_leads_backwards() -> None:
    """From wherever, whatever is said twice in a row: the second time changes nothing."""
    for state, word in product(State, WORDS):
        once = learn(payment(state), said(word))
        assert learn(once, said(word)) == once, (state, word)


def test_money_that_was_taken_stays_taken_whatever_old_news_says() -> None:
    for state, word in product(TAKEN, WORDS):
        before = payment(state, capture_minor=900, captured_minor=900, refund_minor=900, refunded_minor=900)
        after = learn(before, said(word, captured_minor=900 if word == "captured" else None))
        assert (after.state, after.captured_minor, after.refunded_minor) == (state, 900, 900)


def test_what_contradicts_is_left_for_a_person() -> None:
    assert learn(payment(State.CANCELLED), said("captured")).trouble
    assert learn(payment(State.CANCELLED), said("captured")).state is State.CANCELLED
    assert not CONTRADICTIONS & MOVES.keys()
    assert learn(payment(State.CAPTURING, capture_minor=500), said("captured", captured_minor=600)).trouble


def test_a_reference_a_card_and_a_last_day_are_learnt_even_from_old_news() -> None:
    face = CardFace(brand="visa", last4="4242", expires_month=1, expires_year=2030, wallet="apple_pay")
    after = learn(payment(State.CANCELLING), said("held", card=face, capture_before=NOON))
    assert (after.state, after.provider_ref, after.capture_before) == (State.CANCELLING, "ref", NOON)
    assert after.card == {"brand": "visa", "last4": "4242", "wallet": "apple_pay"}


def test_a_hold_after_a_refusal_is_let_go_of() -> None:
    assert learn(payment(State.REFUSED), said("held")).state is State.CANCELLING


def test_refunds_go_by_their_sum() -> None:
    asked = ask_refund(ask_refund(taken(), 300), 200)
    first = learn(asked, said("captured", captured_minor=1_000, refunded_minor=300))
    assert (first.state, first.refunded_minor) == (State.REFUNDING, 300)
    both = learn(first, said("captured", captured_minor=1_000, refunded_minor=500))
    assert (both.state, refundable(both)) == (State.PARTLY_REFUNDED, 500)
    late = learn(both, said("captured", captured_minor=1_000, refunded_minor=300))
    assert late == both
    rest = learn(ask_refund(both, 500), said("captured", captured_minor=1_000, refunded_minor=1_000))
    assert rest.state is State.REFUNDED


def test_a_refund_that_is_refused_can_be_asked_for_again() -> None:
    assert refuse_refund(ask_refund(taken(), 1_000), 1_000) == replace(taken(), state=State.CAPTURED)
    with pytest.raises(RefundTooLarge):
        ask_refund(ask_refund(taken(), 1_000), 1)


def test_only_what_is_held_is_captured_and_only_once() -> None:
    capturing = ask_capture(payment(State.HELD), 400)
    assert (capturing.state, capturing.capture_minor) == (State.CAPTURING, 400)
    for state in (*FINAL, State.ASKED, State.CAPTURED, State.CAPTURING):
        with pytest.raises(IllegalMove):
            ask_capture(payment(state), 400)
    with pytest.raises(IllegalMove):
        ask_cancel(capturing)


@given(st.integers(1, 10_000))
def test_we_ask_again_ever_later_but_at_least_every_quarter_of_an_hour(tries: int) -> None:
    assert NOON < next_try_at(tries, now=NOON) <= next_try_at(tries + 1, now=NOON) <= NOON + timedelta(minutes=15)


def test_keys_are_given_up_before_the_provider_forgets_them() -> None:
    assert not key_is_spent(NOON, now=NOON + timedelta(hours=22))
    assert key_is_spent(NOON, now=NOON + timedelta(hours=23))


def test_we_look_by_ourselves_where_an_event_may_be_missing() -> None:
    assert look_again_at(payment(State.NEEDS_ACTION), now=NOON) == NOON + timedelta(seconds=5)
    assert look_again_at(payment(State.HELD), now=NOON) == NOON + timedelta(hours=1)
    assert all(look_again_at(payment(state), now=NOON) is None for state in FINAL | TAKEN)
