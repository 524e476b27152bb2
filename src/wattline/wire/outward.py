"""The one HTTP client for addresses that other people gave us: webhooks now, payments and mail hooks later.

https to public addresses only. The name is looked up once, every address it has is judged (domain/destinations.py),
and the connection goes to an address that was judged, so a name that changes its mind in between gains nothing.
Redirects are not followed, proxies of the environment are not used.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import httpcore
import httpx

from wattline.domain.destinations import Reach, may_call

SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]

# Enough for a receiver's error text; a receiver that streams for ever is cut off here.
ANSWER_BYTES_MAX = 4 * 1024


class DestinationRefused(httpx.ConnectError):
    """The URL leads where we do not go; nothing was sent."""


def open_client(*, reach: Reach, seconds_max: float = 10.0, connections_max: int = 100) -> httpx.AsyncClient:
    """Make the client. Any reach beyond PUBLIC is for development, and allows plain http as well."""
    return httpx.AsyncClient(
        transport=GuardedTransport(reach=reach, connections_max=connections_max),
        timeout=seconds_max,
        follow_redirects=False,
        trust_env=False,
    )


async def post(
    client: httpx.AsyncClient, url: str, *, body: bytes, headers: dict[str, str], seconds_max: float
) -> tuple[int, bytes]:
    """Send one POST and return its status with the first bytes of the answer.

    Raises httpx.HTTPError (DestinationRefused is one) and TimeoutError when the whole takes longer than `seconds_max`.
    """
    async with asyncio.timeout(seconds_max), client.stream("POST", url, content=body, headers=headers) as response:
        start = b""
        async for part in response.aiter_raw():
            start += part
            if len(start) >= ANSWER_BYTES_MAX:
                break
        return response.status_code, start[:ANSWER_BYTES_MAX]


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport whose connections are opened by `GuardedNetwork`."""

    def __init__(self, *, reach: Reach, connections_max: int) -> None:
        super().__init__(verify=trusted_authorities(), trust_env=False)
        self._reach = reach
        # httpx has no argument for httpcore's network; its pool is made anew with ours.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trusted_authorities(),
            max_connections=connections_max,
            max_keepalive_connections=connections_max // 5,
            keepalive_expiry=30.0,
            network_backend=GuardedNetwork(reach=reach),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Refuse what is not https (http in development), then send."""
        allowed = ("https",) if self._reach is Reach.PUBLIC else ("https", "http")
        if request.url.scheme not in allowed:
            raise DestinationRefused(f"Only {' or '.join(allowed)} addresses are called, not {request.url.scheme}.")
        return await super().handle_async_request(request)


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Opens TCP connections to judged addresses only. TLS on top still checks the name, not the address."""

    def __init__(self, *, reach: Reach) -> None:
        self._reach = reach
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Look the name up once, then try its addresses in order."""
        failure: Exception = httpcore.ConnectError(f"{host} has no address.")
        for address in await self._addresses_of(host, port):
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise DestinationRefused("Unix sockets are not called.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _addresses_of(self, host: str, port: int) -> list[str]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} could not be looked up: {error}") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        # One bad address refuses the name: a public name has no business with a private one beside it.
        if not all(may_call(address, reach=self._reach) for address in addresses):
            raise DestinationRefused(f"{host} is not a public address.")
        return addresses


@lru_cache(maxsize=1)
def trusted_authorities() -> ssl.SSLContext:
    """Load the certificate authorities once; it takes 20 ms each time."""
    return httpx.create_ssl_context(trust_env=False)
