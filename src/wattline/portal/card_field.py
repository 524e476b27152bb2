"""The field in which somebody gives a card: the provider's own, so that no card number ever comes here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wattline.operations.sandbox_bank import CARDS, SandboxCard
from wattline.settings import Settings
from wattline.web.pages import HEADERS, POLICY

_STRIPE = "https://js.stripe.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardField:
    """What a page needs to know of the provider that is set."""

    provider: str
    publishable_key: str
    sandbox_cards: Sequence[SandboxCard]

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
    )
