"""A bank in memory that speaks the provider port and breaks in every way a real one can, by dice that can be repeated.

It loses requests, loses answers after its commit, answers 500 and then the same 500 for the same key, lets the worker
die with the answer in hand, and sends its events late, twice, in any order or not at all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from tests.payments.till import Till
from wattline.domain.payment_provider import (
    Answer,
    Capability,
    CardSession,
    EventRefused,
    Hold,
    Outcome,
    PaymentProvider,
    ProviderEvent,
    Standing,
)
from wattline.operations.payment_events import take_event

# Real providers keep keys for a day; what comes later under the same key is done again.
KEYS_KEPT = timedelta(hours=24)
EVENT_DELAY_MAX = timedelta(hours=26)


class Killed(Exception):
    """The worker died here."""


@dataclass
class Account:
    """One payment as the bank's books have it."""

    ref: str
    payment_key: str
    held_minor: int
    state: str
    captured_minor: int = 0
    refunds: dict[str, int] = field(default_factory=dict)
    disputed_minor: int = 0

    def standing(self) -> Standing:
        return Standing(
            state=self.state,  # type: ignore[arg-type]
            provider_ref=self.ref,
            captured_minor=self.captured_minor if self.state == "captured" else None,
            refunded_minor=sum(self.refunds.values()),
            refund_keys=frozenset(self.refunds),
            disputed_minor=self.disputed_minor,
            code="card_declined" if self.state == "refused" else None,
        )


@dataclass(frozen=True)
class Faults:
    """How often each thing goes wrong, as shares of 1."""

    request_lost: float = 0.1
    answer_lost: float = 0.15
    broken_undone: float = 0.03
    broken_done: float = 0.03
    killed: float = 0.05
    look_lost: float = 0.2
    event_lost: float = 0.3
    event_twice: float = 0.3


NONE = Faults(0, 0, 0, 0, 0, 0, 0, 0)


class BankModel:
    """The bank. `accounts` are its books; `count` says how often each fault was played."""

    name = "model"
    sandbox = True
    capabilities = frozenset({Capability.CARD})

    def __init__(self, chance: Random, clock: Callable[[], datetime]) -> None:
        self.chance, self.clock = chance, clock
        self.faults = Faults()
        self.accounts: dict[str, Account] = {}
        self.answers: dict[str, tuple[datetime, Answer]] = {}
        self.mail: list[tuple[datetime, ProviderEvent]] = []
        self.count: dict[str, int] = {}
        self.written = 0

    @property
    def provider(self) -> PaymentProvider:
        return self

    # The port ----------------------------------------------------------------------------------------------------

    async def authorise(self, hold: Hold, *, key: str) -> Answer:
        def do() -> Answer:
            self.written += 1
            state = {"pays": "held", "declines": "refused", "asks": "needs-action"}[hold.method]
            account = Account(f"pi_{hold.payment_key}_{self.written}", hold.payment_key, hold.amount_minor, state)
            self.accounts[account.ref] = account
            return self._changed(account)

        return self._played(key, do)

    async def capture(self, provider_ref: str, amount_minor: int, currency: str, *, key: str) -> Answer:
        def do() -> Answer:
            account = self.accounts[provider_ref]
            if account.state != "held" or amount_minor > account.held_minor:
                return Answer(outcome=Outcome.REFUSED, code="cannot_capture")
            account.state, account.captured_minor = "captured", amount_minor
            return self._changed(account)

        return self._played(key, do)

    async def cancel(self, provider_ref: str, *, key: str) -> Answer:
        def do() -> Answer:
            account = self.accounts[provider_ref]
            if account.state not in ("held", "needs-action"):
                return Answer(outcome=Outcome.REFUSED, code="cannot_cancel")
            account.state = "cancelled"
            return self._changed(account)

        return self._played(key, do)

    async def refund(self, provider_ref: str, amount_minor: int, currency: str, *, key: str) -> Answer:
        def do() -> Answer:
            account = self.accounts[provider_ref]
            if account.state != "captured" or sum(account.refunds.values()) + amount_minor > account.captured_minor:
                return Answer(outcome=Outcome.REFUSED, code="cannot_refund")
            assert key not in account.refunds, "given back twice under one key"
            account.refunds[key] = amount_minor
            return self._changed(account)

        return self._played(key, do)

    async def fetch(self, provider_ref: str) -> Answer:
        if self._falls("look_lost"):
            return Answer(outcome=Outcome.UNKNOWN, code="lost")
        account = self.accounts.get(provider_ref)
        if account is None:
            return Answer(outcome=Outcome.REFUSED, code="no-such-payment")
        return Answer(outcome=Outcome.DONE, standing=account.standing())

    async def find(self, payment_key: str, *, asked_at: datetime) -> Answer:
        if self._falls("look_lost"):
            return Answer(outcome=Outcome.UNKNOWN, code="lost")
        found = [account for account in self.accounts.values() if account.payment_key == payment_key]
        return Answer(outcome=Outcome.DONE, standing=found[0].standing() if found else None)

    async def begin_card(self, *, owner_key: str, customer: str | None, key: str) -> CardSession | None:
        return None

    async def fetch_card(self, session_ref: str) -> CardSession | None:
        return None

    def parse_event(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> ProviderEvent:
        raise EventRefused("the model's events do not come by post")

    # What the story does -----------------------------------------------------------------------------------------

    def token(self, kind: str) -> str:
        return kind

    async def confirm(self, payment_key: str, *, approve: bool) -> None:
        """The person answers the bank's question."""
        for account in self.accounts.values():
            if account.payment_key == payment_key and account.state == "needs-action":
                account.state = "held" if approve else "refused"
                self._changed(account)

    async def deliver(self, till: Till, chance: Random) -> None:
        """Deliver the events that arrive by now, in whatever order they do."""
        arrived = [event for at, event in self.mail if at <= self.clock()]
        self.mail = [(at, event) for at, event in self.mail if at > self.clock()]
        chance.shuffle(arrived)
        for event in arrived:
            await take_event(till.database, self.name, event, now=till.now)

    async def close_books(self) -> None:
        """The books lie open already."""

    # Faults ------------------------------------------------------------------------------------------------------

    def _played(self, key: str, do: Callable[[], Answer]) -> Answer:
        if self._falls("request_lost"):
            return Answer(outcome=Outcome.UNKNOWN, code="lost")
        answer = self._once(key, do)
        if self._falls("killed"):
            raise Killed
        return Answer(outcome=Outcome.UNKNOWN, code="lost") if self._falls("answer_lost") else answer

    def _once(self, key: str, do: Callable[[], Answer]) -> Answer:
        now = self.clock()
        if key in self.answers and now - self.answers[key][0] < KEYS_KEPT:
            return self.answers[key][1]
        broken = Answer(outcome=Outcome.UNKNOWN, code="500")
        if self._falls("broken_undone"):
            answer = broken
        else:
            answer = do()
            if self._falls("broken_done"):
                answer = broken
        self.answers[key] = (now, answer)
        return answer

    def _changed(self, account: Account) -> Answer:
        standing = account.standing()
        if not self._falls("event_lost"):
            for _ in range(1 + self._falls("event_twice")):
                self._post(account)
        return Answer(outcome=Outcome.DONE, standing=standing)

    def _post(self, account: Account) -> None:
        event = ProviderEvent(
            id=f"evt_{account.ref}_{account.state}_{sum(account.refunds.values())}",
            type=account.state,
            at=self.clock(),
            provider_ref=account.ref,
            payment_key=account.payment_key,
        )
        delay = EVENT_DELAY_MAX * self.chance.random() ** 6
        self.mail.append((self.clock() + delay, event))

    def _falls(self, fault: str) -> bool:
        falls = bool(self.chance.random() < getattr(self.faults, fault))
        if falls:
            self.count[fault] = self.count.get(fault, 0) + 1
        return falls
