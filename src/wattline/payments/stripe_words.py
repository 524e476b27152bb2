"""Stripe's words and ours: what its objects say of a payment, and which of its errors mean what."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import stripe

from wattline.domain.payment_provider import Answer, CardFace, Outcome, Standing

# Our names in the metadata of Stripe's objects.
PAYMENT_KEY = "wattline_payment"
CALL_KEY = "wattline_call"

# Stripe counts these in hundredths, though they have no smaller coin (docs "Currencies", special cases).
STRIPE_PER_MINOR = {"isk": 100, "ugx": 100}

States = Literal["processing", "needs-action", "held", "refused", "captured", "cancelled"]
STATES: Mapping[str, States] = {
    "requires_payment_method": "refused",
    "requires_confirmation": "processing",
    "requires_action": "needs-action",
    "processing": "processing",
    "requires_capture": "held",
    "succeeded": "captured",
    "canceled": "cancelled",
}

Object = Mapping[str, Any]


def to_stripe(amount_minor: int, currency: str) -> int:
    """Write an amount as Stripe counts it."""
    return amount_minor * STRIPE_PER_MINOR.get(currency, 1)


def to_minor(amount: int, currency: str) -> int:
    """Read an amount as we count it."""
    return amount // STRIPE_PER_MINOR.get(currency, 1)


# The bank has the money in these. An inquiry (`warning_…`) takes nothing, and what was won came back.
DISPUTED = frozenset({"needs_response", "under_review", "lost"})


def disputed_minor(disputes: Iterable[Object]) -> int:
    """Add up what cards' banks have taken back."""
    return sum(to_minor(each["amount"], each["currency"]) for each in disputes if each["status"] in DISPUTED)


def standing_of(intent: Object, refunds: Iterable[Object] = (), disputes: Iterable[Object] = ()) -> Standing:
    """Read a PaymentIntent (with `latest_charge` expanded), its refunds and its disputes."""
    state = STATES[intent["status"]]
    currency, received = intent["currency"], intent.get("amount_received")
    captured = to_minor(received, currency) if state == "captured" and received is not None else None
    backs = [refund for refund in refunds if refund.get("status") not in ("failed", "canceled")]
    if captured is not None:
        backs = _without_release(backs, intent["amount"] - (received or 0))
    error = intent.get("last_payment_error") or {}
    charge = intent.get("latest_charge") if isinstance(intent.get("latest_charge"), Mapping) else None
    return Standing(
        state=state,
        provider_ref=intent["id"],
        captured_minor=captured,
        refunded_minor=to_minor(sum(refund["amount"] for refund in backs), currency),
        refund_keys=frozenset(_call_keys(backs)),
        action=_action(intent) if state == "needs-action" else None,
        card=_card_of_charge(charge or {}),
        capture_before=_capture_before(charge or {}),
        disputed_minor=disputed_minor(disputes) if state == "captured" else None,
        code=error.get("decline_code") or error.get("code"),
        text=error.get("message"),
    )


def _without_release(refunds: list[Object], released: int) -> list[Object]:
    """Leave out what a partial capture let go of: some versions of the API list that as a refund, too."""
    for place, refund in enumerate(refunds):
        if released > 0 and refund["amount"] == released and CALL_KEY not in (refund.get("metadata") or {}):
            return refunds[:place] + refunds[place + 1 :]
    return refunds


def _call_keys(refunds: Iterable[Object]) -> Iterable[str]:
    return (refund["metadata"][CALL_KEY] for refund in refunds if CALL_KEY in (refund.get("metadata") or {}))


def _action(intent: Object) -> dict[str, str]:
    """A page to go to, or the secret for Stripe's own script on our page."""
    redirect = (intent.get("next_action") or {}).get("redirect_to_url") or {}
    if redirect.get("url"):
        return {"url": redirect["url"]}
    return {"clientSecret": intent["client_secret"]}


def _card_of_charge(charge: Object) -> CardFace | None:
    details = charge.get("payment_method_details") or {}
    return card_face(details.get("card"))


def card_face(card: Object | None) -> CardFace | None:
    """Read what receipts print of a card."""
    if not card or not card.get("last4"):
        return None
    return CardFace(
        brand=card.get("brand") or "card",
        last4=card["last4"],
        expires_month=card["exp_month"],
        expires_year=card["exp_year"],
        wallet=(card.get("wallet") or {}).get("type"),
    )


def _capture_before(charge: Object) -> datetime | None:
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    at = card.get("capture_before")
    return None if at is None else datetime.fromtimestamp(at, UTC)


def answer_to(error: stripe.StripeError) -> Answer:
    """Tell a refusal from an answer that nobody has: only what Stripe understood and turned down is a refusal.

    A 5xx may have done its work (Stripe says so), a 429 or a key in use may be done by the other request, and with a
    key that is not accepted any more, nothing is known at all.
    """
    code = error.code or type(error).__name__
    if isinstance(error, stripe.CardError | stripe.InvalidRequestError):
        intent = _intent_in(error)
        standing = None if intent is None else standing_of(intent)
        return Answer(outcome=Outcome.REFUSED, standing=standing, code=code, text=error.user_message)
    return Answer(outcome=Outcome.UNKNOWN, code=code, text=error.user_message)


def _intent_in(error: stripe.StripeError) -> Object | None:
    body = error.json_body if isinstance(error.json_body, Mapping) else {}
    intent = (body.get("error") or {}).get("payment_intent")
    return intent if isinstance(intent, Mapping) and intent.get("status") in STATES else None
