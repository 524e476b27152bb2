"""A partner's program: a client of the Partner API, logged in with a credential of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.journeys.server import RunningServer


@asynccontextmanager
async def program(server: RunningServer, *scopes: str) -> AsyncIterator[httpx.AsyncClient]:
    """Make a credential with these scopes and log in; no scopes are all."""
    key = await server.command("api-key", "create", "--scopes", *(scopes or ("all:delete",)))
    async with httpx.AsyncClient(base_url=f"{server.web}/api/v1", timeout=60) as client:
        credentials = {"clientId": key["clientId"], "clientSecret": key["clientSecret"]}
        answer = await client.post("/auth/token", json=credentials)
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['accessToken']}"
        yield client


async def subscribe(api: httpx.AsyncClient, url: str, secret: str) -> None:
    """Ask for everything about charges to be told to this address."""
    config = {"webhookUrl": url, "webhookSecret": secret, "eventTypes": ["charges"]}
    answer = await api.put("/webhooks/config", json=config)
    assert answer.status_code == 200, answer.text


async def get(api: httpx.AsyncClient, path: str) -> Any:
    """Read something that must be there."""
    answer = await api.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()
