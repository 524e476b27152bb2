"""`wattline api-key create`: credentials for a program."""

import secrets
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter

from wattline.database.connection import Database
from wattline.main.defaults import viewer_for_commands
from wattline.main.options import Data, Json, with_database
from wattline.main.output import show_one
from wattline.operations.api_keys import RATE_LIMIT, RATE_LIMIT_INTERVAL_SECONDS, NewApiKey, create_api_key
from wattline.settings import Settings

app = App(name="api-key", help="Create credentials for programs.")


@app.command
def create(
    *,
    name: Annotated[str, Parameter(help="What it is for, for people.")] = "made by the command line",
    scopes: Annotated[
        tuple[str, ...], Parameter(consume_multiple=True, help="For example charges:read; all:delete is everything.")
    ] = ("all:delete",),
    teams: Annotated[tuple[int, ...], Parameter(consume_multiple=True, help="Ids of the only teams it sees.")] = (),
    rate_limit: Annotated[int, Parameter(help="Requests in ten minutes.")] = RATE_LIMIT,
    operator: Annotated[str | None, Parameter(help="Name or identifier of the operator.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Create an API key. Its secret is shown once, now."""
    new = NewApiKey(
        name=name,
        scopes=scopes,
        team_ids=teams,
        rate_limit=rate_limit,
        rate_limit_interval_seconds=RATE_LIMIT_INTERVAL_SECONDS,
    )

    async def deed(database: Database, settings: Settings) -> dict[str, object]:
        return await create_key(database, settings, new, operator=operator, now=datetime.now(UTC))

    show_one(with_database(data, deed), as_json=json)


async def create_key(
    database: Database, settings: Settings, new: NewApiKey, *, operator: str | None, now: datetime
) -> dict[str, object]:
    """Create a key with random client id and secret and return what its owner must know."""
    viewer = await viewer_for_commands(database, operator, now=now)
    client_id, client_secret = secrets.token_hex(12), secrets.token_urlsafe(32)
    api_key_id = await create_api_key(
        database,
        new,
        client_id=client_id,
        client_secret=client_secret,
        pepper=settings.pepper,
        asked_by=viewer,
        now=now,
    )
    return {"id": api_key_id, "clientId": client_id, "clientSecret": client_secret, "scopes": list(new.scopes)}
