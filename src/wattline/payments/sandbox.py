"""The default provider: a sandbox inside our own database. Nothing it does is money, and every page says so."""

from collections.abc import Callable, Mapping
from datetime import datetime

from wattline.database.connection import Database
from wattline.domain.payment_provider import (
    Answer,
    Capability,
    CardSession,
    EventRefused,
    Hold,
    Outcome,
    ProviderEvent,
    Standing,
)
from wattline.operations import sandbox_bank
from wattline.operations.sandbox_bank import BankRefuses, face_of


class Sandbox:
    """A payment provider without money, for demos, tests and first steps."""

    name = "sandbox"
    sandbox = True
    capabilities = frozenset({Capability.CARD, Capability.SAVED_CARD})

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def authorise(self, hold: Hold, *, key: str) -> Answer:
        """Hold pretended money; the payment's own key makes a repeat harmless."""
        try:
            held = await sandbox_bank.hold(
                self._database,
                hold.payment_key,
                card=hold.method,
                amount_minor=hold.amount_minor,
                currency=hold.currency,
                now=self._clock(),
            )
        except BankRefuses as refused:
            return _refused(refused)
        return _done(held)

    async def capture(self, provider_ref: str, amount_minor: int, currency: str, *, key: str) -> Answer:
        """Take pretended money. It is taken once: a repeat is refused, and a look then shows that it is done."""
        try:
            return _done(await sandbox_bank.capture(self._database, provider_ref, amount_minor))
        except BankRefuses as refused:
            return _refused(refused)

    async def cancel(self, provider_ref: str, *, key: str) -> Answer:
        """Let go of pretended money."""
        try:
            return _done(await sandbox_bank.cancel(self._database, provider_ref))
        except BankRefuses as refused:
            return _refused(refused)

    async def refund(self, provider_ref: str, amount_minor: int, currency: str, *, key: str) -> Answer:
        """Give pretended money back."""
        try:
            given = await sandbox_bank.refund(self._database, provider_ref, amount_minor, key=key, now=self._clock())
        except BankRefuses as refused:
            return _refused(refused)
        return _done(given)

    async def fetch(self, provider_ref: str) -> Answer:
        """Look."""
        seen = await sandbox_bank.standing(self._database, provider_ref)
        if seen is None:
            return Answer(outcome=Outcome.REFUSED, code="no-such-payment", text="The sandbox does not know it.")
        return _done(seen)

    async def find(self, payment_key: str, *, asked_at: datetime) -> Answer:
        """Look by our key."""
        seen = await sandbox_bank.standing(self._database, sandbox_bank.ref_of(payment_key))
        return Answer(outcome=Outcome.DONE, standing=seen)

    async def begin_card(self, *, owner_key: str, customer: str | None, key: str) -> CardSession | None:
        """Save the sandbox card that pays, without further questions."""
        return self._saved(key)

    async def fetch_card(self, session_ref: str) -> CardSession | None:
        """Look; a sandbox card was saved when it was asked for."""
        return self._saved(session_ref)

    def parse_event(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> ProviderEvent:
        """Refuse: the sandbox lives in our own database and sends nothing."""
        raise EventRefused("The sandbox sends no events, so this is not from it.")

    def _saved(self, key: str) -> CardSession:
        card = sandbox_bank.CARDS[0]
        return CardSession(
            provider_ref=key, customer="sandbox", state="saved", method=card.token, card=face_of(card)
        )  # fmt: skip


def _done(standing: Standing) -> Answer:
    return Answer(outcome=Outcome.DONE, standing=standing)


def _refused(refused: BankRefuses) -> Answer:
    return Answer(outcome=Outcome.REFUSED, code=refused.code, text=str(refused))
