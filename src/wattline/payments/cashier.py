"""Carries out what payments wait for: each call once, and again with the same key when the answer got lost."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from wattline.database.bus import Bus
from wattline.database.connection import AWAY, Database
from wattline.domain.payment import Payment
from wattline.domain.payment_patience import key_is_spent
from wattline.domain.payment_provider import Answer, Hold, Outcome, PaymentProvider
from wattline.operations import payment_outcomes, saved_cards
from wattline.operations.payment_rows import CALLS, Call

log = structlog.get_logger(__name__)

# A word on the bus can be missed; the rows cannot.
LOOK_EVERY_SECONDS = 1.0
LOOKS_AT_ONCE_MAX = 20
# Slow banks must not keep other people's payments waiting.
CALLS_AT_ONCE_MAX = 16


class Cashier:
    """Takes calls, asks providers outside of any transaction, and notes what they answered."""

    def __init__(
        self,
        database: Database,
        providers: Mapping[str, PaymentProvider],
        *,
        clock: Callable[[], datetime],
        return_url: str | None = None,
    ) -> None:
        self._database = database
        self._providers = providers
        self._clock = clock
        self._return_url = return_url

    async def run(self, bus: Bus) -> None:
        """Work until cancelled; what is broken off then is asked again, with the same key, at the next start."""
        async with bus.subscribe(CALLS) as texts:
            while True:
                try:
                    await self.step()
                except AWAY as error:
                    log.warning("payments wait for the database", error=str(error))
                except Exception:
                    log.exception("payments broke off and go on")
                try:
                    async with asyncio.timeout(LOOK_EVERY_SECONDS):
                        await anext(texts)
                except TimeoutError:
                    continue

    async def step(self) -> None:
        """Carry out every call that is due, then look wherever it is time to look."""
        async with asyncio.TaskGroup() as tills:
            for _ in range(CALLS_AT_ONCE_MAX):
                call = await payment_outcomes.claim(self._database, now=self._clock())
                if call is None:
                    break
                tills.create_task(self._till(call))
        await payment_outcomes.give_up_waiting(self._database, now=self._clock())
        await self._look_around()
        await self._begin_cards()

    async def _till(self, call: Call) -> None:
        following: Call | None = call
        while following is not None:
            call = following
            try:
                await self._carry_out(call)
                following = await payment_outcomes.claim(self._database, now=self._clock())
            except Exception:
                # One payment's trouble stays its own. Its call was claimed and comes up again in a minute.
                log.exception("a call to a payment provider broke off", payment=call.payment.id, deed=call.deed)
                return

    async def _carry_out(self, call: Call) -> None:
        provider = self._providers.get(call.payment.provider)
        if provider is None:
            answer = Answer(outcome=Outcome.UNKNOWN, code="no-provider", text="This provider is not set up any more.")
            await self._note(call, answer)
            return
        if call.tries > 1 and await self._done_already(provider, call):
            return
        if key_is_spent(call.first_sent_at, now=self._clock()):
            await self._long_ago(call)
            return
        answer = await self._ask(provider, call)
        if answer.outcome is Outcome.REFUSED and answer.standing is None and call.payment.provider_ref is not None:
            answer = await self._with_standing(provider, call.payment.provider_ref, answer)
        await self._note(call, answer)

    async def _done_already(self, provider: PaymentProvider, call: Call) -> bool:
        """Look before asking again; an answer that cannot be had settles nothing, and the call waits on."""
        seen = await look(provider, call.payment)
        if seen.outcome is Outcome.UNKNOWN:
            await self._note(call, seen)
            return True
        if seen.standing is None or not payment_outcomes.reached(call, seen.standing):
            return False
        await self._note(call, seen)
        return True

    async def _long_ago(self, call: Call) -> None:
        """Nothing was done, and the provider has forgotten the key. A hold is of no use to anybody any more."""
        if call.deed == "hold":
            text = "The provider never heard of it."
            await self._note(call, Answer(outcome=Outcome.REFUSED, code="never-arrived", text=text))
        else:
            await payment_outcomes.renew(self._database, call, now=self._clock())

    async def _ask(self, provider: PaymentProvider, call: Call) -> Answer:
        payment, ref = call.payment, call.payment.provider_ref
        if call.deed == "hold":
            return await provider.authorise(self._hold(call), key=call.key)
        assert ref is not None, "only what is held can be captured, cancelled or given back"
        if call.deed == "capture":
            return await provider.capture(ref, call.amount_minor, payment.currency, key=call.key)
        if call.deed == "cancel":
            return await provider.cancel(ref, key=call.key)
        assert call.deed == "refund", f"payment {payment.id} has a call to {call.deed}"
        return await provider.refund(ref, call.amount_minor, payment.currency, key=call.key)

    def _hold(self, call: Call) -> Hold:
        payment = call.payment
        return Hold(
            payment_key=payment.key,
            amount_minor=call.amount_minor,
            currency=payment.currency,
            method=payment.method,
            customer=call.customer,
            description=f"Charge {payment.charge_id}" if payment.charge_id else payment.purpose.capitalize(),
            return_url=self._return_url,
            off_session=payment.saved_card_id is not None,
        )

    async def _with_standing(self, provider: PaymentProvider, ref: str, refused: Answer) -> Answer:
        """A refusal alone does not say how things stand: the hold may have run out, or be captured already."""
        seen = await provider.fetch(ref)
        if seen.outcome is Outcome.UNKNOWN:
            return seen
        return Answer(outcome=Outcome.REFUSED, standing=seen.standing, code=refused.code, text=refused.text)

    async def _look_around(self) -> None:
        for payment in await payment_outcomes.due_looks(self._database, limit=LOOKS_AT_ONCE_MAX, now=self._clock()):
            provider = self._providers.get(payment.provider)
            if provider is not None:
                seen = await look(provider, payment)
                await payment_outcomes.note_standing(self._database, payment.id, seen, now=self._clock())

    async def _note(self, call: Call, answer: Answer) -> None:
        if answer.outcome is Outcome.UNKNOWN:
            log.warning("no answer from a payment provider", payment=call.payment.id, deed=call.deed, why=answer.code)
        await payment_outcomes.note_outcome(self._database, call, answer, now=self._clock())

    async def _begin_cards(self) -> None:
        for card in await saved_cards.due_looks(self._database, limit=LOOKS_AT_ONCE_MAX, now=self._clock()):
            provider = self._providers.get(card.provider)
            if provider is None:
                continue
            session = (
                await provider.begin_card(owner_key=card.owner_key, customer=card.customer, key=f"{card.key}/card")
                if card.session_ref is None
                else await provider.fetch_card(card.session_ref)
            )
            if session is not None:
                await saved_cards.note_session(self._database, card.id, session, now=self._clock())


async def look(provider: PaymentProvider, payment: Payment) -> Answer:
    """Look how a payment stands, by the provider's reference, or by our key when that was lost."""
    if payment.provider_ref is not None:
        return await provider.fetch(payment.provider_ref)
    return await provider.find(payment.key, asked_at=payment.created_at)
