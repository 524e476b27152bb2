"""The server as a payment provider's program sees it: the Partner API, and nothing else."""

from collections.abc import Mapping
from typing import Any

import httpx

SECONDS_MAX = 15.0


class ServerSaysNo(Exception):
    """The server answered, and the answer is no; the text is the server's own."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{message} ({status} {code})")
        self.status, self.code = status, code


class AnswerLost(Exception):
    """The request went out and no answer came back: nobody knows what became of it."""


class Server:
    """Calls the Partner API with one credential."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.AsyncClient(base_url=f"{self.url}/api/v1", timeout=SECONDS_MAX)

    async def close(self) -> None:
        await self._http.aclose()

    async def log_in(self, client_id: str, client_secret: str) -> None:
        """Get a token. Raises ServerSaysNo."""
        body = {"clientId": client_id, "clientSecret": client_secret}
        token = (await self.call("POST", "/auth/token", body))["accessToken"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    async def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask, and return the JSON of the answer. Raises ServerSaysNo and AnswerLost."""
        try:
            answer = await self._http.request(method, path, json=body)
        except httpx.ConnectError as error:
            raise ConnectionRefusedError(f"Nobody answers at {self.url}. Does the server run there?") from error
        except httpx.HTTPError as error:
            raise AnswerLost(f"No answer to {method} {path}: {type(error).__name__}") from error
        if answer.is_success:
            return answer.json() if answer.content else None
        said = answer.json() if answer.headers.get("content-type", "").startswith("application/json") else {}
        raise ServerSaysNo(answer.status_code, said.get("errorCode", ""), said.get("message", answer.reason_phrase))

    async def charge(self, charge_id: int) -> Any:
        """Read a charge."""
        return await self.call("GET", f"/charges/{charge_id}")

    async def find_charge(self, partner_external_id: str) -> Any | None:
        """Find a charge by our own id: the way back when the answer to its start got lost."""
        page = await self.call("GET", f"/charges?partnerExternalId={partner_external_id}&perPage=1")
        return page["data"][0] if page["data"] else None

    async def stop(self, charge_id: int) -> None:
        """Ask for a stop."""
        await self.call("POST", f"/charges/{charge_id}/stop")
