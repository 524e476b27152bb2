"""The door for what providers tell us, and the sandbox's pretended bank."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.datastructures import State

from tests.payments.till import Till, open_till
from wattline.database.connection import Database
from wattline.domain.payment import State as PaymentState
from wattline.operations.sandbox_bank import ref_of
from wattline.payments.providers import NoSuchProvider, check, event_readers
from wattline.payments.sandbox import Sandbox
from wattline.settings import Payments
from wattline.web.assets import static_file
from wattline.web.payment_pages import payment_pages

SECRET, NEXT_SECRET = "whsec_first", "whsec_next"
RULES = Payments(
    provider="stripe", stripe_secret_key="sk_test_1", stripe_webhook_secret=f"{SECRET}, {NEXT_SECRET}"
)  # fmt: skip


@pytest.fixture
async def till(database: Database) -> Till:
    """An operator whose payments go to the sandbox."""
    opened = await open_till(database)
    opened.providers = {"sandbox": Sandbox(database, clock=opened.clock)}
    return opened


@pytest.fixture
async def web(till: Till) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who calls the payment pages."""
    state = {"database": till.database, "clock": till.clock, "payment_events": event_readers(RULES)}
    app: Any = Litestar([payment_pages(), static_file], state=State(state), openapi_config=None, logging_config=None)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://wattline.test") as client:
        yield client


def event(till: Till, number: int, about: dict[str, Any]) -> bytes:
    created = int(till.now.timestamp())
    return json.dumps(
        {"id": f"evt_{number}", "type": "payment_intent.succeeded", "created": created, "data": {"object": about}}
    ).encode()


def signed(body: bytes, till: Till, secret: str = SECRET, *, age: timedelta = timedelta()) -> dict[str, str]:
    """Sign as Stripe's documentation says, with our own hands."""
    at = int((till.now - age).timestamp())
    code = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={at},v0=00,v1={code}"}


async def test_a_signed_event_rings_for_its_payment_once(till: Till, web: httpx.AsyncClient) -> None:
    payment = await till.hold(provider="stripe")
    body = event(till, 1, {"object": "payment_intent", "id": "pi_1", "metadata": {"wattline_payment": payment.key}})
    for secret in (SECRET, NEXT_SECRET, SECRET):
        answer = await web.post("/payments/stripe/events", content=body, headers=signed(body, till, secret))
        assert answer.status_code == 200, answer.text
    rung = await till.look(payment)
    assert (rung.provider_ref, rung.look_at, rung.state) == ("pi_1", till.now, PaymentState.ASKED)
    assert [row["event_id"] for row in await till.all("select event_id from payment_event")] == ["evt_1"]


async def test_a_refunds_event_finds_its_payment_and_a_strangers_none(till: Till, web: httpx.AsyncClient) -> None:
    for number, about in enumerate(({"object": "refund", "payment_intent": "pi_9"}, {"object": "customer", "id": "x"})):
        body = event(till, number, about)
        assert (await web.post("/payments/stripe/events", content=body, headers=signed(body, till))).status_code == 200
    assert len(await till.all("select * from payment_event where payment_id is null")) == 2


@pytest.mark.parametrize("what", ["forged", "unsigned", "old", "early", "changed", "another", "garbage", "half"])
async def test_what_is_not_signed_now_by_the_provider_is_refused(till: Till, web: httpx.AsyncClient, what: str) -> None:
    body = event(till, 1, {"object": "payment_intent", "id": "pi_1"})
    headers = {
        "forged": signed(body, till, "whsec_of_somebody"),
        "unsigned": {},
        "old": signed(body, till, age=timedelta(seconds=301)),
        "early": signed(body, till, age=timedelta(seconds=-301)),
        "changed": signed(body + b" ", till),
        "another": {"Stripe-Signature": signed(body, till)["Stripe-Signature"].replace("v1=", "v0=")},
        "garbage": {"Stripe-Signature": "t=now,v1=\udcff".encode("utf-8", "replace").decode()},
        "half": {"Stripe-Signature": "v1"},
    }[what]
    assert (await web.post("/payments/stripe/events", content=body, headers=headers)).status_code == 400
    assert await till.all("select * from payment_event") == []


async def test_signed_nonsense_is_refused_and_a_flood_is_cut_off(till: Till, web: httpx.AsyncClient) -> None:
    for body in (b"", b"[]", b"{", b"\xff\xfe", b'{"id": 1}'):
        headers = signed(body, till)
        assert (await web.post("/payments/stripe/events", content=body, headers=headers)).status_code == 400
    flood = b" " * 600_000
    answer = await web.post("/payments/stripe/events", content=flood, headers=signed(flood, till))
    assert answer.status_code == 413


async def test_a_provider_that_is_not_set_up_has_no_door(web: httpx.AsyncClient) -> None:
    assert (await web.post("/payments/adyen/events", content=b"{}")).status_code == 404


async def test_the_sandbox_bank_says_what_it_is_and_takes_one_answer(till: Till, web: httpx.AsyncClient) -> None:
    payment = await till.hold(method="sandbox-asks")
    await till.step()
    path = f"/payments/sandbox/{ref_of(payment.key)}"
    page = await web.get(path)
    assert "pretended" in page.text
    assert "Approve" in page.text
    from_elsewhere = await web.post(path, data={"answer": "approve"}, headers={"sec-fetch-site": "cross-site"})
    assert from_elsewhere.status_code == 403
    assert (await web.post(path, data={"answer": "approve"})).status_code == 303
    assert "approved" in (await web.get(path)).text
    assert (await web.post(path, data={"answer": "decline"})).status_code == 303
    await till.to_next_thing()
    await till.step()
    assert (await till.look(payment)).state is PaymentState.HELD
    assert (await web.get("/payments/sandbox/nothing")).status_code == 404
    assert "Thank you" in (await web.get("/payments/done")).text


def test_settings_that_cannot_work_say_what_is_missing() -> None:
    for rules, words in (
        (Payments(provider="adyen"), "sandbox or stripe"),
        (Payments(provider="stripe"), "SECRET_KEY"),
    ):
        with pytest.raises(NoSuchProvider, match=words):
            check(rules)
    assert event_readers(Payments()) == {}
    assert "sk_test" not in repr(RULES)
