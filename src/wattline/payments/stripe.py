"""Stripe, through its official SDK: cards and wallets, MobilePay and Vipps where the account has them.

Card data never touches us: the page of the person who pays gives the card to Stripe and us a token (`pm_…`). Apple Pay
and Google Pay come as such tokens too, and show up as a card with a wallet.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx
import stripe

from wattline.domain.payment_provider import Answer, Capability, CardSession, Hold, Outcome, ProviderEvent
from wattline.payments.stripe_events import read_event, secrets_in
from wattline.payments.stripe_http import GuardedHttp
from wattline.payments.stripe_words import (
    CALL_KEY,
    PAYMENT_KEY,
    answer_to,
    card_face,
    standing_of,
    to_stripe,
)
from wattline.settings import Payments

# With `latest_charge` come the card's face and until when a hold can be captured.
EXPAND = ["latest_charge"]
# Ways to pay that have no token of their own: the person confirms in the app that the answer leads to.
BY_NAME = {"mobilepay": Capability.MOBILEPAY, "vipps": Capability.VIPPS}
# A payment is at Stripe within moments of our asking; between our clock and Stripe's may lie some minutes.
FIND_BEFORE, FIND_AFTER = timedelta(minutes=10), timedelta(days=2)
PAGES_MAX = 50


class Stripe:
    """The adapter. Every call carries our key, none is tried again by the SDK itself."""

    name = "stripe"
    sandbox = False

    def __init__(self, rules: Payments, client: httpx.AsyncClient) -> None:
        assert rules.stripe_secret_key, "Stripe needs a secret key"
        self._secrets = secrets_in(rules)
        self._publishable_key = rules.stripe_publishable_key
        self.capabilities = capabilities_of(rules)
        self._client = stripe.StripeClient(
            rules.stripe_secret_key,
            http_client=GuardedHttp(client, seconds_max=rules.timeout_seconds),
            max_network_retries=0,
            **({"base_addresses": {"api": rules.stripe_api_url}} if rules.stripe_api_url else {}),  # type: ignore[arg-type]
        )

    async def authorise(self, hold: Hold, *, key: str) -> Answer:
        """Hold an amount: a PaymentIntent with manual capture, confirmed at once."""
        if hold.method in BY_NAME and BY_NAME[hold.method] not in self.capabilities:
            text = f"This account does not take {hold.method}."
            return Answer(outcome=Outcome.REFUSED, code="method_not_available", text=text)
        params = {
            "amount": to_stripe(hold.amount_minor, hold.currency),
            "currency": hold.currency,
            "capture_method": "manual",
            "confirm": True,
            "description": hold.description,
            "metadata": {PAYMENT_KEY: hold.payment_key},
            "expand": EXPAND,
            **_way_to_pay(hold),
        }
        return await self._intent(lambda: self._client.v1.payment_intents.create_async(_any(params), _with(key)))

    async def capture(self, provider_ref: str, amount_minor: int, currency: str, *, key: str) -> Answer:
        """Take what is due; Stripe lets go of the rest by itself."""
        intents = self._client.v1.payment_intents
        params = {"amount_to_capture": to_stripe(amount_minor, currency), "expand": EXPAND}
        return await self._intent(lambda: intents.capture_async(provider_ref, _any(params), _with(key)))

    async def cancel(self, provider_ref: str, *, key: str) -> Answer:
        """Let go of all of it."""
        intents = self._client.v1.payment_intents
        return await self._intent(lambda: intents.cancel_async(provider_ref, _any({"expand": EXPAND}), _with(key)))

    async def refund(self, provider_ref: str, amount_minor: int, currency: str, *, key: str) -> Answer:
        """Give back; the refund carries our key too, so that a look can tell it from others."""
        params = {
            "payment_intent": provider_ref,
            "amount": to_stripe(amount_minor, currency),
            "metadata": {CALL_KEY: key},
        }
        try:
            await self._client.v1.refunds.create_async(_any(params), _with(key))
        except stripe.StripeError as error:
            return answer_to(error)
        return await self.fetch(provider_ref)

    async def fetch(self, provider_ref: str) -> Answer:
        """Look at the PaymentIntent, and at its refunds once it was captured."""
        intents = self._client.v1.payment_intents
        return await self._intent(lambda: intents.retrieve_async(provider_ref, _any({"expand": EXPAND})))

    async def find(self, payment_key: str, *, asked_at: datetime) -> Answer:
        """Look through the PaymentIntents made about then for one with our key in its metadata."""
        window = {"gte": int((asked_at - FIND_BEFORE).timestamp()), "lte": int((asked_at + FIND_AFTER).timestamp())}
        params: dict[str, Any] = {"created": window, "limit": 100}
        try:
            for _ in range(PAGES_MAX):
                page = (await self._client.v1.payment_intents.list_async(_any(params))).to_dict()
                for intent in page["data"]:
                    if (intent.get("metadata") or {}).get(PAYMENT_KEY) == payment_key:
                        return await self.fetch(intent["id"])
                if not page.get("has_more"):
                    return Answer(outcome=Outcome.DONE)
                params["starting_after"] = page["data"][-1]["id"]
        except stripe.StripeError as error:
            return answer_to(error)
        return Answer(outcome=Outcome.UNKNOWN, code="too-many", text="There are too many payments to look through.")

    async def begin_card(self, *, owner_key: str, customer: str | None, key: str) -> CardSession | None:
        """Make a SetupIntent; the card is typed into Stripe's own field, with the secret that `action` carries."""
        try:
            if customer is None:
                made = await self._client.v1.customers.create_async(
                    {"metadata": {"wattline_owner": owner_key}}, _with(f"{key}/customer")
                )
                customer = made.id
            params = {
                "customer": customer,
                "usage": "off_session",
                "payment_method_types": ["card"],
                "metadata": {"wattline_owner": owner_key},
            }
            setup = await self._client.v1.setup_intents.create_async(_any(params), _with(key))
        except stripe.StripeError:
            return None
        return self._session(setup.to_dict())

    async def fetch_card(self, session_ref: str) -> CardSession | None:
        """Look at the SetupIntent."""
        try:
            setup = await self._client.v1.setup_intents.retrieve_async(session_ref, {"expand": ["payment_method"]})
        except stripe.StripeError:
            return None
        return self._session(setup.to_dict())

    def parse_event(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> ProviderEvent:
        """Check and read an event. Raises EventRefused."""
        return read_event(body, headers, self._secrets, now=now)

    async def _intent(self, ask: Callable[[], Awaitable[Any]]) -> Answer:
        try:
            intent = (await ask()).to_dict()
            refunds = await self._refunds(intent["id"]) if intent["status"] == "succeeded" else []
            disputes = await self._disputes(intent["id"]) if _is_disputed(intent) else []
        except stripe.StripeError as error:
            return answer_to(error)
        return Answer(outcome=Outcome.DONE, standing=standing_of(intent, refunds, disputes))

    async def _refunds(self, provider_ref: str) -> list[Mapping[str, Any]]:
        params = {"payment_intent": provider_ref, "limit": 100}
        page = (await self._client.v1.refunds.list_async(_any(params))).to_dict()
        refunds: list[Mapping[str, Any]] = page["data"]
        return refunds

    async def _disputes(self, provider_ref: str) -> list[Mapping[str, Any]]:
        page = (
            await self._client.v1.disputes.list_async(_any({"payment_intent": provider_ref, "limit": 100}))
        ).to_dict()
        disputes: list[Mapping[str, Any]] = page["data"]
        return disputes

    def _session(self, setup: Mapping[str, Any]) -> CardSession:
        method = setup.get("payment_method")
        state = {"succeeded": "saved", "canceled": "refused"}.get(setup["status"], "open")
        open_action = {"clientSecret": setup["client_secret"], "publishableKey": self._publishable_key or ""}
        return CardSession(
            provider_ref=setup["id"],
            customer=setup["customer"],
            state=state,  # type: ignore[arg-type]  # one of the three by the line above
            action=open_action if state == "open" else None,
            method=method.get("id") if isinstance(method, Mapping) else method,
            card=card_face(method.get("card")) if isinstance(method, Mapping) else None,
        )


def capabilities_of(rules: Payments) -> frozenset[Capability]:
    """Tell what this account can do: cards and the wallets that come as cards always, the rest by its settings."""
    always = {Capability.CARD, Capability.APPLE_PAY, Capability.GOOGLE_PAY, Capability.SAVED_CARD}
    named = {Capability.MOBILEPAY: rules.stripe_mobilepay, Capability.VIPPS: rules.stripe_vipps}
    return frozenset(always | {capability for capability, has in named.items() if has})


def _way_to_pay(hold: Hold) -> dict[str, Any]:
    """Name the way to pay. MobilePay and Vipps take manual capture, and cannot be saved for later."""
    if hold.method in BY_NAME:
        return {
            "payment_method_types": [hold.method],
            "payment_method_data": {"type": hold.method},
            "return_url": hold.return_url,
        }
    way: dict[str, Any] = {"payment_method_types": ["card"], "payment_method": hold.method}
    if hold.customer is not None:
        way["customer"] = hold.customer
    if hold.off_session:
        return way | {"off_session": True}
    return way | ({"return_url": hold.return_url} if hold.return_url else {})


def _is_disputed(intent: Mapping[str, Any]) -> bool:
    charge = intent.get("latest_charge")
    return isinstance(charge, Mapping) and bool(charge.get("disputed"))


def _with(key: str) -> Any:
    return {"idempotency_key": key}


def _any(params: Mapping[str, Any]) -> Any:
    """Hand over parameters that are put together at run time, which the SDK's types cannot follow."""
    return params
