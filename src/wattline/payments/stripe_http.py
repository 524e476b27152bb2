"""Carries the Stripe SDK's requests through our own guarded client (wire/outward.py) instead of one of its own."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import stripe

# A payment with its charge and refunds is some 10 KB; a list of a hundred payments stays below this.
ANSWER_BYTES_MAX = 4 * 1024 * 1024


class GuardedHttp(stripe.HTTPClient):
    """The SDK's transport. It does not try again by itself: our calls are rows, and their second try is one too."""

    name = "wattline"

    def __init__(self, client: httpx.AsyncClient, *, seconds_max: float) -> None:
        super().__init__()
        self._guarded = client
        self._seconds_max = seconds_max

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Send one request and read its answer whole."""
        content = post_data.encode() if isinstance(post_data, str) else post_data
        try:
            async with (
                asyncio.timeout(self._seconds_max),
                self._guarded.stream(method, url, headers=dict(headers), content=content) as response,
            ):
                return await _read(response), response.status_code, response.headers
        except (httpx.HTTPError, TimeoutError, OSError) as error:
            # The SDK has no types here.
            raise stripe.APIConnectionError(f"no answer: {type(error).__name__}") from error  # type: ignore[no-untyped-call]

    async def sleep_async(self, secs: float) -> None:
        await asyncio.sleep(secs)

    async def close_async(self) -> None:
        """Leave the client open: whoever opened it closes it."""

    def close(self) -> None:
        """Leave the client open: whoever opened it closes it."""


async def _read(response: httpx.Response) -> bytes:
    body = b""
    async for part in response.aiter_bytes():
        body += part
        if len(body) > ANSWER_BYTES_MAX:
            raise httpx.ReadError("The answer is far too long.")
    return body
