"""localstripe behind the fault proxy, played as the bank of a payment story."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import httpx
import stripe

from tests.payments.bank_model import Account, Faults, Killed
from tests.payments.fault_proxy import FaultProxy, proxying
from tests.payments.till import Till
from wattline.domain.destinations import Reach
from wattline.domain.payment_provider import Answer, Hold
from wattline.operations.payment_events import take_event
from wattline.payments.stripe import Stripe
from wattline.payments.stripe_events import read_event
from wattline.payments.stripe_words import CALL_KEY, PAYMENT_KEY, STATES
from wattline.settings import Payments
from wattline.wire import outward

SECRET = "whsec_of_the_tests"
SECRET_KEY = "sk_test_of_the_tests"
CARDS = {"pays": "4242424242424242", "declines": "4000000000000341", "asks": "4000002500003155"}


class MortalStripe(Stripe):
    """The adapter under test in a worker that may die with the answer in its hand."""

    def __init__(self, rules: Payments, client: httpx.AsyncClient, dies: Callable[[], bool]) -> None:
        super().__init__(rules, client)
        self._dies = dies

    async def authorise(self, hold: Hold, *, key: str) -> Answer:
        return self._unless_dead(await super().authorise(hold, key=key))

    async def capture(self, provider_ref: str, amount_minor: int, currency: str, *, key: str) -> Answer:
        return self._unless_dead(await super().capture(provider_ref, amount_minor, currency, key=key))

    async def cancel(self, provider_ref: str, *, key: str) -> Answer:
        return self._unless_dead(await super().cancel(provider_ref, key=key))

    async def refund(self, provider_ref: str, amount_minor: int, currency: str, *, key: str) -> Answer:
        return self._unless_dead(await super().refund(provider_ref, amount_minor, currency, key=key))

    def _unless_dead(self, answer: Answer) -> Answer:
        if self._dies():
            raise Killed
        return answer


class StripeBank:
    """The bank of the story: what people do at Stripe, its post, and its books."""

    name = "stripe"

    def __init__(self, direct: httpx.AsyncClient, proxy: FaultProxy, client: httpx.AsyncClient) -> None:
        self.direct, self.proxy = direct, proxy
        rules = Payments(
            provider="stripe", stripe_secret_key=SECRET_KEY, stripe_webhook_secret=SECRET, stripe_api_url=proxy.url,
            timeout_seconds=10, allow_loopback=True,
        )  # fmt: skip
        self.provider = MortalStripe(rules, client, lambda: proxy.falls("killed"))
        self.cards: Mapping[str, str] = {}
        self.accounts: dict[str, Account] = {}

    @property
    def faults(self) -> Faults:
        return self.proxy.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self.proxy.faults = faults

    @property
    def count(self) -> dict[str, int]:
        return self.proxy.count

    async def open(self) -> None:
        """Have localstripe send its events to the proxy, and make the cards."""
        hook = {"url": f"{self.proxy.url}/hooks", "secret": SECRET}
        await self._post("/_config/webhooks/ours", hook)
        self.cards = {name: await self.card(number) for name, number in CARDS.items()}

    async def card(self, number: str) -> str:
        """Let the person's page give a card to the bank; we only ever see the token."""
        card = {"type": "card", "card[number]": number, "card[exp_month]": "12", "card[exp_year]": "2030"}
        made = await self._post("/v1/payment_methods", card | {"card[cvc]": "123"})
        return str(made["id"])

    def token(self, kind: str) -> str:
        return self.cards[kind]

    async def confirm(self, payment_key: str, *, approve: bool) -> None:
        """The person answers the bank's question."""
        for intent in await self.intents():
            if intent["metadata"].get(PAYMENT_KEY) == payment_key and intent["status"] == "requires_action":
                answer = {"client_secret": intent["client_secret"], "success": str(approve).lower()}
                await self._post(f"/v1/payment_intents/{intent['id']}/_authenticate", answer)

    async def deliver(self, till: Till, chance: Random) -> None:
        """Deliver what localstripe sent: checked, then signed anew for this hour, as Stripe does at each try."""
        arrived, self.proxy.mail = self.proxy.mail, []
        chance.shuffle(arrived)
        for body, signature in arrived:
            stripe.WebhookSignature.verify_header(body, signature, SECRET)
            if self.proxy.falls("event_lost"):
                continue
            if chance.random() < 0.3:
                self.proxy.mail.append((body, signature))
                continue
            for _ in range(1 + self.proxy.falls("event_twice")):
                await self.take(till, body)

    async def take(self, till: Till, body: bytes) -> None:
        at = int(till.now.timestamp())
        header = stripe.WebhookSignature.generate_signature_header(body.decode(), SECRET, at)
        event = read_event(body, {"stripe-signature": header}, [SECRET], now=till.now)
        await take_event(till.database, self.name, event, now=till.now)

    async def close_books(self) -> None:
        """Read what the bank really did, past the proxy."""
        for intent in await self.intents():
            account = Account(
                intent["id"], intent["metadata"].get(PAYMENT_KEY, ""), intent["amount"], STATES[intent["status"]]
            )  # fmt: skip
            if account.state == "captured":
                refunds = await self._list("/v1/refunds", {"payment_intent": intent["id"]})
                ours = {refund["metadata"][CALL_KEY]: refund["amount"] for refund in refunds if refund["metadata"]}
                released = sum(refund["amount"] for refund in refunds if not refund["metadata"])
                account.captured_minor, account.refunds = intent["amount"] - released, ours
                assert sum(CALL_KEY in refund["metadata"] for refund in refunds) == len(ours), "given back twice"
            self.accounts[account.ref] = account

    async def intents(self) -> list[Any]:
        return await self._list("/v1/payment_intents", {})

    async def _list(self, path: str, query: dict[str, str]) -> list[Any]:
        found: list[Any] = []
        while True:
            after = {"starting_after": found[-1]["id"]} if found else {}
            page = (await self.direct.get(path, params={"limit": "100"} | query | after)).json()
            found += page["data"]
            if not page["has_more"]:
                return found

    async def _post(self, path: str, form: dict[str, str]) -> Any:
        answer = await self.direct.post(path, data=form)
        assert answer.status_code in (200, 402), answer.text
        return answer.json() if answer.content else None


@asynccontextmanager
async def stripe_bank(chance: Random) -> AsyncIterator[StripeBank]:
    """Start localstripe and the proxy in front of it."""
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.payments.localstripe_program", stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout is not None
    try:
        async with asyncio.timeout(30):
            url = f"http://127.0.0.1:{int(await program.stdout.readline())}"
        async with (
            httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {SECRET_KEY}"}, timeout=20) as direct,
            proxying(url, chance) as proxy,
            outward.open_client(reach=Reach.THIS_MACHINE) as client,
        ):
            bank = StripeBank(direct, proxy, client)
            await bank.open()
            yield bank
    finally:
        program.kill()
        await program.wait()
