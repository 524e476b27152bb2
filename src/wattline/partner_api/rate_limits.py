"""How many requests a credential may still make. Fixed blocks of time, counted here, added up in the database.

Several processes may serve one credential: each adds its own count to the common one every few seconds, so together
they let through at most what they count in that time too much.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from wattline.database.connection import Database
from wattline.operations.api_keys import RATE_LIMIT, RATE_LIMIT_INTERVAL_SECONDS
from wattline.operations.api_tokens import Credential
from wattline.operations.rate_limits import add_requests
from wattline.partner_api.errors import TooManyRequests

ADD_UP_EVERY = timedelta(seconds=5)
# Old blocks are forgotten when there are so many; that is some 2 MB.
SUBJECTS_MAX = 10_000


@dataclass(slots=True)
class Block:
    """A running block: requests that were added up, and those that were not yet."""

    started_at: datetime
    lasts: timedelta
    added_up: int
    added_up_at: datetime
    waiting: int = 0

    def runs(self, now: datetime) -> bool:
        """Tell whether the block is not over."""
        return now < self.started_at + self.lasts


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of a block, as headers tell it."""

    limit: int
    interval_seconds: int
    used: int
    resets_in_seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """Partner API 2.6."""
        return {
            "RateLimit-Policy": "Quota",
            "RateLimit-Quota": str(self.limit),
            "RateLimit-TimeWindow": str(self.interval_seconds),
            "RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "RateLimit-ResetsIn": str(self.resets_in_seconds),
        }

    def must_not_be_spent(self) -> None:
        """Raise TooManyRequests when the request that was just counted is one too many."""
        if self.used > self.limit:
            raise TooManyRequests(self.resets_in_seconds)


class RateLimits:
    """Counts the requests that this process serves."""

    def __init__(self) -> None:
        self._blocks: dict[str, Block] = {}
        self._adding_up = asyncio.Lock()

    async def count(self, credential: Credential, *, database: Database, now: datetime) -> Quota:
        """Count a request of a credential."""
        subject = f"api-key:{credential.viewer.api_key_id}"
        lasts = timedelta(seconds=credential.rate_limit_interval_seconds)
        if self._must_add_up(subject, now):
            async with self._adding_up:
                if self._must_add_up(subject, now):
                    await self._add_up(database, subject, lasts, now)
        return self._count(subject, credential.rate_limit, now)

    def count_stranger(self, address: str, *, now: datetime) -> Quota:
        """Count a request without a good token, by where it comes from; in this process only."""
        subject = f"address:{address}"
        block = self._blocks.get(subject)
        if block is None or not block.runs(now):
            self._begin(subject, Block(now, timedelta(seconds=RATE_LIMIT_INTERVAL_SECONDS), 0, now), now)
        return self._count(subject, RATE_LIMIT, now)

    def _must_add_up(self, subject: str, now: datetime) -> bool:
        block = self._blocks.get(subject)
        return block is None or not block.runs(now) or now - block.added_up_at >= ADD_UP_EVERY

    async def _add_up(self, database: Database, subject: str, lasts: timedelta, now: datetime) -> None:
        old = self._blocks.get(subject)
        waiting = old.waiting if old is not None and old.runs(now) else 0
        added_up = await add_requests(database, subject, waiting, lasts=lasts, now=now)
        # Requests that came while we waited for the database are counted in the old block.
        since = old.waiting - waiting if old is not None and old.runs(now) else 0
        self._begin(subject, Block(added_up.started_at, lasts, added_up.used, now, since), now)

    def _begin(self, subject: str, block: Block, now: datetime) -> None:
        if len(self._blocks) >= SUBJECTS_MAX:
            self._blocks = {name: one for name, one in self._blocks.items() if one.runs(now)}
        self._blocks[subject] = block

    def _count(self, subject: str, limit: int, now: datetime) -> Quota:
        block = self._blocks[subject]
        block.waiting += 1
        left = block.started_at + block.lasts - now
        return Quota(
            limit=limit,
            interval_seconds=int(block.lasts.total_seconds()),
            used=block.added_up + block.waiting,
            resets_in_seconds=max(1, -(-left // timedelta(seconds=1))),
        )
