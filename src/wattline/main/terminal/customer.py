"""One customer at a terminal, from the tap of a card to the bill (mission page S3)."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlencode

from wattline.main.terminal.hooks import Hooks
from wattline.main.terminal.server import AnswerLost, Server, ServerSaysNo
from wattline.main.terminal.slip import Slip

POLL_SECONDS = 2.0
# With webhooks a look now and then is enough, in case one was lost.
LOOK_SECONDS = 20.0
OVER = {"completed"}
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What the customer holds to the reader. A card number never gets further than the reader."""

    brand: str
    last4: str
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What the customer wants, and what the terminal makes of it."""

    charge_point_id: int
    paying_team_id: int | None
    provider: str
    external_id: str
    partner_external_id: str
    reserved: Decimal | None
    price_per_kwh: Decimal | None
    stop_at_kwh: float | None
    stop_after_seconds: float | None
    lose_answer: bool
    patience_seconds: float

    @property
    def kwh_limit(self) -> float | None:
        """How much energy the reserved amount pays for, rounded down so that it is never exceeded."""
        if self.reserved is None or not self.price_per_kwh:
            return None
        return int(self.reserved / self.price_per_kwh * 1000) / 1000


class CardRefused(Exception):
    """The card's bank said no, so no charge was started."""


class GivenUp(Exception):
    """The charge did not come to its end while the terminal waited."""


class Customer:
    """Plays one sale against a server."""

    def __init__(self, server: Server, sale: Sale, card: Card, slip: Slip, hooks: Hooks | None) -> None:
        self._server, self._sale, self._card, self._slip, self._hooks = server, sale, card, slip, hooks
        self._began = time.monotonic()
        self._stop_asked = False

    async def charge(self) -> Any:
        """Tap, start, follow, stop, bill. Return the completed charge. Raises CardRefused, GivenUp, ServerSaysNo."""
        self._tap()
        charge = await self._start()
        facts = {"chargeId": charge["id"], "state": charge["state"]}
        self._slip.say("started", f"Charge {charge['id']} is {charge['state']}. Plug in now.", **facts)
        charge = await self._follow(charge)
        self._bill(charge)
        return charge

    def _tap(self) -> None:
        card, reserved = self._card, self._sale.reserved
        if card.refused:
            self._slip.say("card-refused", f"{card.brand} ending in {card.last4}: declined.", last4=card.last4)
            raise CardRefused
        sentence = f"{card.brand} ending in {card.last4}" + (
            f": {reserved:.2f} reserved." if reserved else ": accepted."
        )
        self._slip.say("card", sentence, last4=card.last4, reserved=reserved, kwhLimit=self._sale.kwh_limit)

    async def _start(self) -> Any:
        """Start the charge; when the answer gets lost, look for the charge by our own id before trying again."""
        for _ in range(3):
            try:
                return await self._ask_for_start()
            except AnswerLost as lost:
                self._slip.say("answer-lost", f"{lost}. Looking for the charge by our own id.")
            found = await self._server.find_charge(self._sale.partner_external_id)
            if found is not None:
                self._slip.say("found", f"Found it: charge {found['id']} was started.", chargeId=found["id"])
                return found
        raise GivenUp("The server's answers get lost again and again.")

    async def _ask_for_start(self) -> Any:
        sale = self._sale
        body = {
            "chargePointId": sale.charge_point_id,
            "payingTeamId": sale.paying_team_id or await self._team(),
            "partnerExternalId": sale.partner_external_id,
            "genericPaymentSession": {
                "provider": sale.provider,
                "externalId": sale.external_id,
                "partnerExternalId": sale.partner_external_id,
                "cardBrand": self._card.brand,
                "cardLast4": self._card.last4,
                "amount": None if sale.reserved is None else float(sale.reserved),
            },
            "kwhLimit": sale.kwh_limit,
        }
        charge = await self._server.call(
            "POST", "/charges", {name: body[name] for name in body if body[name] is not None}
        )
        if sale.lose_answer:
            raise AnswerLost("The answer to POST /charges was thrown away (--lose-answer)")
        return charge

    async def _team(self) -> int:
        """Let the team pay that has the charge point; money is the terminal's affair in any case."""
        charge_point = await self._server.call("GET", f"/charge-points/{self._sale.charge_point_id}")
        team_id: int = charge_point["teamId"]
        return team_id

    async def _follow(self, charge: Any) -> Any:
        shown = None
        while True:
            if shown != (charge["state"], charge["consumedKwh"]):
                shown = (charge["state"], charge["consumedKwh"])
                self._slip.count(charge)
            if charge["state"] in OVER:
                return charge
            await self._stop_if_wanted(charge)
            if time.monotonic() - self._began > self._sale.patience_seconds:
                raise GivenUp(f"Charge {charge['id']} is still {charge['state']}; the terminal waits no longer.")
            charge = await self._next(charge)

    async def _next(self, charge: Any) -> Any:
        """Wait for word by webhook, or look."""
        if self._hooks is None:
            await asyncio.sleep(POLL_SECONDS)
            return await self._look(charge)
        try:
            async with asyncio.timeout(min(LOOK_SECONDS, self._until_stop() or LOOK_SECONDS)):
                while (told := await self._hooks.heard.get())["id"] != charge["id"]:
                    pass
            return told
        except TimeoutError:
            return await self._look(charge)

    async def _look(self, charge: Any) -> Any:
        try:
            return await self._server.charge(charge["id"])
        except AnswerLost:
            return charge

    def _until_stop(self) -> float | None:
        if self._sale.stop_after_seconds is None or self._stop_asked:
            return None
        return max(self._sale.stop_after_seconds - (time.monotonic() - self._began), 0.1)

    async def _stop_if_wanted(self, charge: Any) -> None:
        enough = self._sale.stop_at_kwh is not None and (charge["consumedKwh"] or 0) >= self._sale.stop_at_kwh
        late = self._sale.stop_after_seconds is not None and (self._until_stop() or 1) <= 0.1
        if self._stop_asked or charge["state"] not in ("charging", "paused", "starting") or not (enough or late):
            return
        self._stop_asked = True
        self._slip.say("stop", "The driver presses stop.", chargeId=charge["id"])
        try:
            await self._server.stop(charge["id"])
        except (AnswerLost, ServerSaysNo) as problem:
            self._stop_asked = False
            self._slip.say("stop-failed", f"The stop did not work: {problem}")

    def _bill(self, charge: Any) -> None:
        sale, kwh = self._sale, Decimal(str(charge["consumedKwh"] or 0))
        if charge.get("price") is not None:
            amount = Decimal(str(charge["price"]))
        else:
            amount = (kwh * (sale.price_per_kwh or 0)).quantize(CENT, ROUND_HALF_UP)
        billed = amount if sale.reserved is None else min(amount, sale.reserved)
        how = "Nothing was charged, so the card is let go." if charge.get("failedAt") else f"Billed {billed:.2f}."
        receipt = f"{self._server.url}/receipts?{urlencode({'day': _day(charge), 'number': sale.external_id})}"
        self._slip.say(
            "billed", f"{how}\nReceipt: {receipt}\n  or by day and the last four digits {self._card.last4}.",
            chargeId=charge["id"], kwh=float(kwh), amount=float(billed), receipt=receipt, externalId=sale.external_id,
            failed=charge.get("failedAt") is not None,
        )  # fmt: skip


def _day(charge: Any) -> str:
    """The day of the start where the terminal stands, which is where the charge point stands too."""
    at = datetime.fromisoformat(charge.get("startedAt") or charge["createdAt"])
    return at.astimezone().date().isoformat()
