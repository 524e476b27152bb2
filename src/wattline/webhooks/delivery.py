"""One subscriber's deliveries: due batches again, then new ones, each posted outside any transaction."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import httpx
import structlog
from cryptography.exceptions import InvalidTag

from wattline.database.connection import Database
from wattline.domain.webhook import delivered
from wattline.operations import webhook_batches
from wattline.operations.secrets import unseal
from wattline.operations.webhook_batches import Batch, Target
from wattline.settings import Webhooks
from wattline.webhooks.payloads import payloads_of
from wattline.webhooks.signature import signed_headers
from wattline.wire import outward
from wattline.wire.partner.shapes import to_json

log = structlog.get_logger(__name__)

# What is shown of a receiver's refusal in the list of entries.
MESSAGE_CHARACTERS_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What a delivery needs beside rows: the guarded client, the rules, the key that opens secrets, our own address."""

    client: httpx.AsyncClient
    rules: Webhooks
    pepper: bytes
    web_url: str


async def deliver_all(database: Database, target: Target, way: Way, *, clock: Callable[[], datetime]) -> None:
    """Send this subscriber's batches one after the other until none is left or one fails."""
    while (batch := await next_batch(database, target, way, now=clock())) is not None:
        problem = await attempt(batch, target, way, now=clock())
        if problem is not None:
            code, message = problem
            log.info("webhook not delivered", api_key=target.api_key_id, batch=batch.id, code=code)
            await webhook_batches.note_failed(database, batch, code=code, message=message, rules=way.rules, now=clock())
            return
        await webhook_batches.note_delivered(database, batch, now=clock())


async def next_batch(database: Database, target: Target, way: Way, *, now: datetime) -> Batch | None:
    """Take the oldest batch that is due, else fix a new one from the oldest entries."""
    due = await webhook_batches.take_due_batch(database, target.api_key_id, rules=way.rules, now=now)
    if due is not None:
        return due
    entries = await webhook_batches.open_entries(database, target.api_key_id, rules=way.rules)
    if not entries:
        return None
    payloads = await payloads_of(database, entries, web_url=way.web_url)
    return await webhook_batches.fix_batch(
        database,
        target.api_key_id,
        [(entry.id, payload.payload) for entry, payload in zip(entries, payloads, strict=True)],
        to_json(payloads),
        webhook_id=f"msg_{uuid.uuid4().hex}",
        rules=way.rules,
        now=now,
    )


async def attempt(batch: Batch, target: Target, way: Way, *, now: datetime) -> tuple[str, str] | None:
    """Post a batch once, signed for this very moment; return an error code and a sentence when it did not arrive."""
    body = body_of(batch, now=now)
    try:
        headers = headers_of(body, batch, target, way, now=now)
        status, answer = await outward.post(
            way.client, target.url, body=body, headers=headers, seconds_max=way.rules.timeout_seconds
        )
    except outward.DestinationRefused as refusal:
        return "DESTINATION_REFUSED", str(refusal)
    except (TimeoutError, httpx.TimeoutException):
        return "TIMEOUT", f"No answer within {way.rules.timeout_seconds:g} s."
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return "CONNECTION_FAILED", str(error) or type(error).__name__
    except InvalidTag:
        return "SECRET_UNREADABLE", "The server's own key has changed. Set the webhook again."
    if delivered(status):
        return None
    return f"HTTP_{status}", readable(answer)


def headers_of(body: bytes, batch: Batch, target: Target, way: Way, *, now: datetime) -> dict[str, str]:
    """Write the headers of one try. The subscriber's own headers never take the place of ours."""
    secret = unseal(target.secret_sealed, pepper=way.pepper)
    ours = {
        "Content-Type": "application/json",
        "User-Agent": "Wattline-Webhooks/1",
        **signed_headers(body, webhook_id=batch.id, secret=secret, now=now),
    }
    taken = {name.lower() for name in ours}
    return ours | {name: value for name, value in target.custom_headers.items() if name.lower() not in taken}


def readable(answer: bytes) -> str:
    """Make text of whatever a receiver answered; PostgreSQL keeps everything but NUL."""
    return answer.decode("utf-8", "replace").replace("\0", "")[:MESSAGE_CHARACTERS_MAX]


def body_of(batch: Batch, *, now: datetime) -> bytes:
    """Write the body of one try: the fixed entries, and the time of this try."""
    return b'{"entries":%b,"pending":%d,"timestamp":%d}' % (
        batch.entries,
        batch.pending,
        int(now.timestamp() * 1000),
    )
