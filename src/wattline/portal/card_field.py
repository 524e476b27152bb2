"""The field in which somebody gives a card: the provider's own, so that no card number ever comes here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from wattline.operations.sandbox_bank import CARDS, SandboxCard
from wattline.settings import Payments, Settings
from wattline.web.pages import HEADERS, POLICY

_STRIPE = "https://js.stripe.com"


@dataclass(frozen=True, slots=True)
class OtherWay:
    """A way to pay without a card, which leads to a page of its own and back."""

    method: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardField:
    """What a page needs to know of the provider that is set."""

    provider: str
    publishable_key: str
    sandbox_cards: Sequence[SandboxCard]
    other_ways: Sequence[OtherWay] = ()

    def takes(self, method: str) -> bool:
        """Tell whether this can be a way to pay that the page offered."""
        if self.provider == "sandbox":
            return method in {card.token for card in self.sandbox_cards}
        return method.startswith("pm_") or method in {way.method for way in self.other_ways}

    @property
    def is_stripe(self) -> bool:
        """Tell whether Stripe's script draws the field."""
        return self.provider == "stripe"

    @property
    def headers(self) -> Mapping[str, str]:
        """Let Stripe's script in, where it is needed, and nothing else (docs.stripe.com/security/guide, "CSP")."""
        if not self.is_stripe:
            return {}
        policy = POLICY.replace("script-src 'self'", f"script-src 'self' {_STRIPE}")
        policy = policy.replace("connect-src 'self'", "connect-src 'self' https://api.stripe.com")
        policy += f"; frame-src {_STRIPE} https://*.js.stripe.com https://hooks.stripe.com"
        rights = HEADERS["Permissions-Policy"].replace("payment=()", f'payment=(self "{_STRIPE}")')
        return {"Content-Security-Policy": policy, "Permissions-Policy": rights}


def card_field(settings: Settings) -> CardField:
    """Return the field of the provider that is set."""
    rules = settings.payments
    return CardField(
        provider=rules.provider,
        publishable_key=rules.stripe_publishable_key or "",
        sandbox_cards=CARDS if rules.provider == "sandbox" else (),
        other_ways=tuple(_other_ways(rules)) if rules.provider == "stripe" else (),
    )


def _other_ways(rules: Payments) -> Iterator[OtherWay]:
    if rules.stripe_mobilepay:
        yield OtherWay("mobilepay", "MobilePay")
    if rules.stripe_vipps:
        yield OtherWay("vipps", "Vipps")
