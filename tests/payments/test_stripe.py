"""The Stripe adapter: what its objects and errors mean to us, and the parts of its API that localstripe can play."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
import stripe

from tests.payments.bank_model import NONE
from tests.payments.stripe_bank import SECRET_KEY, StripeBank, stripe_bank
from tests.payments.till import NOON
from wattline.domain.destinations import Reach
from wattline.domain.payment_provider import Capability, Hold, Outcome
from wattline.payments.stripe import Stripe, capabilities_of
from wattline.payments.stripe_words import CALL_KEY, answer_to, standing_of, to_minor, to_stripe
from wattline.settings import Payments
from wattline.wire import outward

# Its errors have no types.
SDK: Any = stripe
RULES = Payments(provider="stripe", stripe_secret_key=SECRET_KEY, stripe_webhook_secret="whsec_1", timeout_seconds=2)


@pytest.fixture
async def bank() -> AsyncIterator[StripeBank]:
    """localstripe behind the proxy, with nothing going wrong yet."""
    async with stripe_bank(Random(3)) as opened:
        opened.faults = NONE
        yield opened


def hold(bank: StripeBank, kind: str = "pays", **more: Any) -> Hold:
    wanted: dict[str, Any] = {"payment_key": "k1", "amount_minor": 1_000, "currency": "eur"}
    return Hold(**wanted | {"method": bank.token(kind)} | more)


def intent(status: str, **more: Any) -> dict[str, Any]:
    return {"id": "pi_1", "status": status, "currency": "eur", "amount": 1_000, "client_secret": "pi_1_secret"} | more


# What Stripe says -----------------------------------------------------------------------------------------------------


def test_a_hold_tells_its_card_its_wallet_and_its_last_moment() -> None:
    card = {
        "brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030, "wallet": {"type": "apple_pay"},
        "capture_before": 1_795_000_000,
    }  # fmt: skip
    said = standing_of(intent("requires_capture", latest_charge={"payment_method_details": {"card": card}}))
    assert said.card_face() == {"brand": "visa", "last4": "4242", "wallet": "apple_pay"}
    assert said.capture_before == datetime.fromtimestamp(1_795_000_000, UTC)


def test_what_a_person_must_do_is_an_address_or_a_secret() -> None:
    redirect = {"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank.example"}}
    assert standing_of(intent("requires_action", next_action=redirect)).action == {"url": "https://bank.example"}
    by_script = standing_of(intent("requires_action", next_action={"type": "use_stripe_sdk"}))
    assert by_script.action == {"clientSecret": "pi_1_secret"}


def test_a_refusal_tells_the_banks_own_reason() -> None:
    error = {"code": "card_declined", "decline_code": "insufficient_funds", "message": "No."}
    said = standing_of(intent("requires_payment_method", last_payment_error=error))
    assert (said.state, said.code, said.text) == ("refused", "insufficient_funds", "No.")


def test_refunds_count_but_failed_ones_and_what_a_partial_capture_released() -> None:
    refunds: list[dict[str, Any]] = [
        {"amount": 400, "metadata": {}, "status": "succeeded"},  # released: 1,000 held, 600 taken
        {"amount": 100, "metadata": {CALL_KEY: "a"}, "status": "pending"},
        {"amount": 400, "metadata": {CALL_KEY: "b"}, "status": "failed"},
        {"amount": 50, "metadata": None, "status": "succeeded"},  # made by hand in the dashboard
    ]
    said = standing_of(intent("succeeded", amount_received=600), refunds)
    assert (said.captured_minor, said.refunded_minor, said.refund_keys) == (600, 150, frozenset({"a"}))


@pytest.mark.parametrize(("currency", "minor", "theirs"), [("isk", 990, 99_000), ("jpy", 990, 990), ("eur", 990, 990)])
def test_currencies_are_counted_as_stripe_counts_them(currency: str, minor: int, theirs: int) -> None:
    assert to_stripe(minor, currency) == theirs
    assert to_minor(theirs, currency) == minor


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (SDK.CardError("declined", None, "card_declined", http_status=402), Outcome.REFUSED),
        (SDK.InvalidRequestError("no such intent", "intent", http_status=404), Outcome.REFUSED),
        (SDK.APIConnectionError("lost"), Outcome.UNKNOWN),
        (SDK.APIError("broken", http_status=500), Outcome.UNKNOWN),
        (SDK.RateLimitError("slow down", http_status=429), Outcome.UNKNOWN),
        (SDK.IdempotencyError("key in use", http_status=409), Outcome.UNKNOWN),
        (SDK.AuthenticationError("expired key", http_status=401), Outcome.UNKNOWN),
        (SDK.PermissionError("restricted key", http_status=403), Outcome.UNKNOWN),
    ],
)
def test_only_what_was_understood_and_turned_down_is_a_refusal(error: stripe.StripeError, outcome: Outcome) -> None:
    assert answer_to(error).outcome is outcome


def test_a_declined_card_tells_how_its_payment_stands() -> None:
    body = {"error": {"payment_intent": intent("requires_payment_method")}}
    error = SDK.CardError("declined", None, "card_declined", http_status=402, json_body=body)
    standing = answer_to(error).standing
    assert standing is not None
    assert (standing.state, standing.provider_ref) == ("refused", "pi_1")


# What localstripe plays -----------------------------------------------------------------------------------------------


async def test_held_taken_in_part_and_given_back(bank: StripeBank) -> None:
    adapter = bank.provider
    held = (await adapter.authorise(hold(bank), key="h")).standing
    assert held is not None
    assert held.state == "held"
    taken = (await adapter.capture(held.provider_ref, 700, "eur", key="c")).standing
    assert taken is not None
    assert (taken.state, taken.captured_minor, taken.refunded_minor) == ("captured", 700, 0)
    given = (await adapter.refund(held.provider_ref, 200, "eur", key="r")).standing
    assert given is not None
    assert (given.refunded_minor, given.refund_keys) == (200, frozenset({"r"}))
    assert (await adapter.capture(held.provider_ref, 1, "eur", key="c2")).outcome is Outcome.REFUSED
    assert (await adapter.cancel(held.provider_ref, key="x")).outcome is Outcome.REFUSED


async def test_the_same_key_does_it_once_and_another_body_under_it_is_not_taken_for_a_refusal(bank: StripeBank) -> None:
    first, again = [await bank.provider.authorise(hold(bank), key="same") for _ in range(2)]
    assert first == again
    assert bank.proxy.replayed == 1
    assert len(await bank.intents()) == 1
    assert (await bank.provider.authorise(hold(bank, amount_minor=1), key="same")).outcome is Outcome.UNKNOWN


async def test_a_payment_is_found_by_our_key_among_more_than_a_page_of_others(bank: StripeBank) -> None:
    for number in range(105):
        form = {"amount": "100", "currency": "eur", "metadata[wattline_payment]": f"other {number}"}
        assert (await bank.direct.post("/v1/payment_intents", data=form)).status_code == 200
    await bank.provider.authorise(hold(bank), key="h")
    found = (await bank.provider.find("k1", asked_at=NOON)).standing
    assert found is not None
    assert found.state == "held"
    nothing = await bank.provider.find("never asked", asked_at=NOON)
    assert (nothing.outcome, nothing.standing) == (Outcome.DONE, None)


async def test_a_declined_card_and_a_card_whose_bank_asks(bank: StripeBank) -> None:
    assert (await bank.provider.authorise(hold(bank, "declines"), key="d")).outcome is Outcome.REFUSED
    asked = (await bank.provider.authorise(hold(bank, "asks"), key="a")).standing
    assert asked is not None
    assert (asked.state, asked.action and set(asked.action)) == ("needs-action", {"clientSecret"})
    cancelled = (await bank.provider.cancel(asked.provider_ref, key="c")).standing
    assert cancelled is not None
    assert cancelled.state == "cancelled"


async def test_saving_a_card_begins_with_a_customer_and_a_secret(bank: StripeBank) -> None:
    session = await bank.provider.begin_card(owner_key="user 1", customer=None, key="s")
    assert session is not None
    assert (session.state, session.customer[:4]) == ("open", "cus_")
    assert session.action is not None
    assert session.action["clientSecret"].startswith(session.provider_ref)
    again = await bank.provider.begin_card(owner_key="user 1", customer=None, key="s")
    assert again == session
    looked = await bank.provider.fetch_card(session.provider_ref)
    assert looked is not None
    assert looked.state == "open"


async def test_an_unknown_payment_is_a_refusal_and_a_lost_look_is_not(bank: StripeBank) -> None:
    assert (await bank.provider.fetch("pi_nothing")).outcome is Outcome.REFUSED
    bank.faults = replace(NONE, look_lost=1.0)
    for lost in (await bank.provider.fetch("pi_nothing"), await bank.provider.find("k1", asked_at=NOON)):
        assert lost.outcome is Outcome.UNKNOWN
    assert await bank.provider.fetch_card("seti_nothing") is None


async def test_a_way_to_pay_that_the_account_has_not_is_refused_unasked() -> None:
    async with outward.open_client(reach=Reach.PUBLIC) as client:
        adapter = Stripe(RULES, client)
        for method in ("mobilepay", "vipps"):
            wanted = Hold(payment_key="k", amount_minor=1, currency="dkk", method=method)
            assert (await adapter.authorise(wanted, key="k")).code == "method_not_available"
    assert Capability.MOBILEPAY in capabilities_of(Payments(stripe_mobilepay=True))
    assert Capability.VIPPS in capabilities_of(Payments(stripe_vipps=True))


async def test_the_sdk_goes_out_through_the_guarded_client_only(bank: StripeBank) -> None:
    """localstripe answers on this machine; a client that may call public addresses only never gets there."""
    rules = Payments(stripe_secret_key=SECRET_KEY, stripe_api_url=bank.proxy.url, timeout_seconds=2)
    async with outward.open_client(reach=Reach.PUBLIC) as client:
        answer = await Stripe(rules, client).fetch("pi_1")
    assert answer.outcome is Outcome.UNKNOWN
    assert bank.proxy.count == {}
    assert bank.proxy.replayed == 0


def test_disputes_count_while_the_bank_has_the_money() -> None:
    intent = {"id": "pi_1", "status": "succeeded", "amount": 2_500, "amount_received": 2_500, "currency": "eur"}

    def disputed(*statuses: str) -> int | None:
        disputes = [{"amount": 1_000, "currency": "eur", "status": status} for status in statuses]
        return standing_of(intent, disputes=disputes).disputed_minor

    assert disputed() == 0
    assert disputed("needs_response", "under_review", "lost") == 3_000
    assert disputed("warning_needs_response", "warning_closed", "won") == 0
    assert standing_of(intent | {"status": "requires_capture"}).disputed_minor is None
