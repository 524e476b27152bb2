"""What a payment provider can do for us, in our words. Each provider is one module in payments/ that speaks its own.

Every deed carries our key, and asking again with the same key does nothing twice. An answer that got lost is a value
(`Outcome.UNKNOWN`), never a guess: it is settled by asking again with the same key, by `fetch`, or by an event.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Protocol

from wattline.domain.refusals import Refusal


class Capability(StrEnum):
    """Ways to pay that an account may have or not."""

    CARD = "card"
    APPLE_PAY = "apple-pay"
    GOOGLE_PAY = "google-pay"
    MOBILEPAY = "mobilepay"
    VIPPS = "vipps"
    SAVED_CARD = "saved-card"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFace:
    """All we ever know of a card: what is printed on receipts. `wallet` is apple_pay, google_pay or None."""

    brand: str
    last4: str
    expires_month: int
    expires_year: int
    wallet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a payment stands at the provider at one moment.

    `refund_keys` are the keys of those of our refunds that the provider has. `disputed_minor` is what the card's bank
    has taken back because its holder said so; None when this look did not tell. `action` is what the page of the person
    who pays must do: `{"url": …}` to go there, or `{"clientSecret": …}` for the provider's own script.
    """

    state: Literal["processing", "needs-action", "held", "refused", "captured", "cancelled"]
    provider_ref: str
    captured_minor: int | None = None
    refunded_minor: int = 0
    disputed_minor: int | None = None
    refund_keys: frozenset[str] = frozenset()
    action: Mapping[str, str] | None = None
    card: CardFace | None = None
    capture_before: datetime | None = None
    code: str | None = None
    text: str | None = None

    def card_face(self) -> dict[str, Any] | None:
        """The card as it is kept beside the payment."""
        if self.card is None:
            return None
        return {"brand": self.card.brand, "last4": self.card.last4, "wallet": self.card.wallet}


class Outcome(StrEnum):
    """What became of one call: done, understood and refused, or nobody knows."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a provider answered. `standing` is there when it is done, and when a refusal came with one."""

    outcome: Outcome
    standing: Standing | None = None
    code: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What to hold: `payment_key` finds the payment at the provider again, whatever got lost.

    `method` is the provider's token for a way to pay, from its own page or a saved card: never a card number.
    `customer` belongs to a saved card.
    """

    payment_key: str
    amount_minor: int
    currency: str
    method: str
    customer: str | None = None
    description: str = ""
    return_url: str | None = None
    off_session: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSession:
    """A card about to be saved: the person goes to `action` and types it in there, not here."""

    provider_ref: str
    customer: str
    state: Literal["open", "saved", "refused"]
    action: Mapping[str, str] | None = None
    method: str | None = None
    card: CardFace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEvent:
    """A signed word from the provider, a bell and no messenger: it says where to look, and we look.

    `payment_key` is ours, from the payment's metadata; it finds a payment whose reference got lost.
    """

    id: str
    type: str
    at: datetime
    provider_ref: str | None = None
    payment_key: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict)


class EventRefused(Refusal):
    """A call at our door for events that the provider did not sign, or signed too long ago."""

    code = "EVENT_REFUSED"


class PaymentProvider(Protocol):
    """The port. No method raises for what the network or the provider does: that is in the answer."""

    name: str
    sandbox: bool
    capabilities: frozenset[Capability]

    async def authorise(self, hold: Hold, *, key: str) -> Answer:
        """Hold an amount."""

    async def capture(self, provider_ref: str, amount_minor: int, currency: str, *, key: str) -> Answer:
        """Take all or a part of what is held; the rest returns to the card."""

    async def cancel(self, provider_ref: str, *, key: str) -> Answer:
        """Let go of what is held."""

    async def refund(self, provider_ref: str, amount_minor: int, currency: str, *, key: str) -> Answer:
        """Give back a part of what was taken."""

    async def fetch(self, provider_ref: str) -> Answer:
        """Look how a payment stands. REFUSED means that the provider does not know it."""

    async def find(self, payment_key: str, *, asked_at: datetime) -> Answer:
        """Look for a payment by our key; DONE without a standing means that there is none."""

    async def begin_card(self, *, owner_key: str, customer: str | None, key: str) -> CardSession | None:
        """Begin to save a card; None when nobody answered, then ask again with the same key."""

    async def fetch_card(self, session_ref: str) -> CardSession | None:
        """Look how far it is; None when nobody answered."""

    def parse_event(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> ProviderEvent:
        """Check the signature over the exact bytes and read the event. Raises EventRefused."""
