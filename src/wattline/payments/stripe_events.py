"""Stripe's signed events: read only after the signature over the exact bytes was found good, and fresh."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import stripe

from wattline.domain.payment_patience import EVENT_TOLERANCE
from wattline.domain.payment_provider import EventRefused, ProviderEvent
from wattline.payments.stripe_words import PAYMENT_KEY
from wattline.settings import Payments


def secrets_in(rules: Payments) -> Sequence[str]:
    """List the secrets that events may be signed with: two while one is being replaced."""
    return [text.strip() for text in (rules.stripe_webhook_secret or "").split(",") if text.strip()]


class _Data(msgspec.Struct):
    object: dict[str, Any]


class _Event(msgspec.Struct):
    id: str
    type: str
    created: int
    data: _Data


def read_event(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], *, now: datetime) -> ProviderEvent:
    """Check and read one event. `secrets` are more than one while the secret is changed. Raises EventRefused."""
    header = headers.get("stripe-signature", "")
    if not any(_signed_with(secret, body, header) for secret in secrets):
        raise EventRefused("The signature is not Stripe's.")
    if abs(now - _signed_at(header)) > EVENT_TOLERANCE:
        raise EventRefused("The signature is too old, or from the future: check this machine's clock.")
    try:
        event = msgspec.json.decode(body, type=_Event)
    except msgspec.DecodeError as error:
        raise EventRefused(f"This is no event that we can read: {error}") from None
    about = event.data.object
    return ProviderEvent(
        id=event.id,
        type=event.type,
        at=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=event.created),
        provider_ref=_intent_ref(about),
        payment_key=_text((about.get("metadata") or {}).get(PAYMENT_KEY)),
    )


def _signed_with(secret: str, body: bytes, header: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body.decode(), header, secret, tolerance=None))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False


def _signed_at(header: str) -> datetime:
    """Read the time that the signature covers; the SDK's own check asks the clock, ours is given the time."""
    found = re.search(r"(?:^|,)t=([0-9]{1,11})(?:,|$)", header)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(found[1]) if found else 0)


def _intent_ref(about: Mapping[str, Any]) -> str | None:
    """Events are about the payment itself, or about its charge, refund or dispute, which name it."""
    if about.get("object") == "payment_intent":
        return _text(about.get("id"))
    return _text(about.get("payment_intent"))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and len(value) <= 200 else None
