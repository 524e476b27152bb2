"""Posts what alert groups' webhooks are to hear, signed as all our webhooks are, outside any transaction."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import httpx
import structlog
from cryptography.exceptions import InvalidTag

from wattline.database.connection import AWAY, Database
from wattline.domain.webhook import delivered
from wattline.operations import alert_calls
from wattline.operations.alert_calls import AlertCall
from wattline.operations.secrets import unseal
from wattline.webhooks.delivery import Way, readable
from wattline.webhooks.signature import signed_headers
from wattline.wire import outward

log = structlog.get_logger(__name__)

EVERY_SECONDS = 2.0


class AlertCaller:
    """Carries alerts out for as long as it runs."""

    def __init__(self, database: Database, way: Way, *, clock: Callable[[], datetime]) -> None:
        self._database, self._way, self._clock = database, way, clock

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            try:
                await self.step()
            except AWAY as error:
                log.warning("alerts wait for the database", error=str(error))
            await asyncio.sleep(EVERY_SECONDS)

    async def step(self) -> int:
        """Try every call that is due; return how many there were."""
        calls = await alert_calls.claim_calls(self._database, now=self._clock())
        await asyncio.gather(*(self._carry(call) for call in calls))
        return len(calls)

    async def _carry(self, call: AlertCall) -> None:
        problem = await self._attempt(call)
        if problem is None:
            await alert_calls.note_arrived(self._database, call.id, now=self._clock())
            return
        log.info("alert not delivered", call=call.id, problem=problem)
        rules = self._way.rules
        await alert_calls.note_failed(self._database, call, failure=problem, rules=rules, now=self._clock())

    async def _attempt(self, call: AlertCall) -> str | None:
        try:
            secret = unseal(call.secret_sealed, pepper=self._way.pepper)
            signed = signed_headers(call.body, webhook_id=call.webhook_id, secret=secret, now=self._clock())
            headers = {"Content-Type": "application/json", "User-Agent": "Wattline-Webhooks/1", **signed}
            status, answer = await outward.post(
                self._way.client, call.url, body=call.body, headers=headers,
                seconds_max=self._way.rules.timeout_seconds,
            )  # fmt: skip
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return str(error) or type(error).__name__
        except InvalidTag:
            return "The server's own key has changed. Make the group anew."
        return None if delivered(status) else f"HTTP {status} {readable(answer)}"
