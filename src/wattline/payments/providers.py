"""Which providers there are: the sandbox always, so that its old payments can be looked at, and the one that is set."""

from collections.abc import Callable, Mapping
from datetime import datetime

import httpx

from wattline.database.connection import Database
from wattline.domain.destinations import Reach
from wattline.domain.payment_provider import PaymentProvider, ProviderEvent
from wattline.payments.sandbox import Sandbox
from wattline.settings import Payments


class NoSuchProvider(Exception):
    """The settings name a provider that we do not speak with, or leave out its keys."""


EventReader = Callable[[bytes, Mapping[str, str], datetime], ProviderEvent]


def check(rules: Payments) -> None:
    """Raise NoSuchProvider with what to do when the settings cannot work."""
    if rules.provider not in ("sandbox", "stripe"):
        raise NoSuchProvider(f"WATTLINE_PAYMENTS_PROVIDER is '{rules.provider}', but can be sandbox or stripe.")
    if rules.provider == "stripe" and not (rules.stripe_secret_key and rules.stripe_webhook_secret):
        raise NoSuchProvider(
            "Stripe needs WATTLINE_PAYMENTS_STRIPE_SECRET_KEY and WATTLINE_PAYMENTS_STRIPE_WEBHOOK_SECRET. "
            "Both are in Stripe's dashboard under Developers."
        )


def providers_for(
    rules: Payments, database: Database, client: httpx.AsyncClient, *, clock: Callable[[], datetime]
) -> Mapping[str, PaymentProvider]:
    """Make the providers by name. Raises NoSuchProvider."""
    check(rules)
    sandbox = Sandbox(database, clock=clock)
    if rules.provider == "sandbox":
        return {sandbox.name: sandbox}
    # The SDK takes a second to load; servers without Stripe never load it.
    from wattline.payments.stripe import Stripe

    stripe = Stripe(rules, client)
    return {sandbox.name: sandbox, stripe.name: stripe}


def event_readers(rules: Payments) -> Mapping[str, EventReader]:
    """Make what reads signed events, by provider: for the web door, which calls nobody. Raises NoSuchProvider."""
    check(rules)
    if rules.provider != "stripe":
        return {}
    from wattline.payments.stripe_events import read_event, secrets_in

    secrets = secrets_in(rules)
    return {"stripe": lambda body, headers, now: read_event(body, headers, secrets, now=now)}


def reach_of(rules: Payments) -> Reach:
    """Translate the development setting."""
    return Reach.THIS_MACHINE if rules.allow_loopback else Reach.PUBLIC
