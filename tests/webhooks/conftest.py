"""A small operator with a subscriber, for the stories about webhooks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.webhooks.receiver import Receiver, receiving
from wattline.database import outbox
from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.destinations import Reach
from wattline.domain.facts import ChargeCreated
from wattline.domain.webhook_settings import WebhookSettings
from wattline.operations.api_keys import NewApiKey, create_api_key
from wattline.operations.charge_points import NewConnector, create_connector
from wattline.operations.operators import create_operator, viewer_of_operator
from wattline.operations.teams import NewTeam, create_team
from wattline.operations.webhook_settings import set_webhook
from wattline.settings import Webhooks
from wattline.webhooks.delivery import Way
from wattline.webhooks.sender import Sender
from wattline.wire import outward

PEPPER = b"p" * 32
SECRET = "a secret of the subscriber"


@dataclass
class Story:
    """Time that we move by hand, an operator, and the sender under test."""

    database: Database
    client: httpx.AsyncClient
    viewer: Viewer
    now: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC)
    rules: Webhooks = field(default_factory=lambda: Webhooks(timeout_seconds=30.0))
    keys: int = 0

    def __post_init__(self) -> None:
        self.sender = self.new_sender()

    def new_sender(self) -> Sender:
        """Make a sender as a worker that has just started has one."""
        way = Way(client=self.client, rules=self.rules, pepper=PEPPER, web_url="http://localhost:8400")
        return Sender(self.database, way, clock=lambda: self.now)

    async def team(self, name: str) -> int:
        """Make a team."""
        return await create_team(self.database, NewTeam(name=name), asked_by=self.viewer, join_code=name, now=self.now)

    async def charge_point(self, team_id: int, name: str = "Yard 1") -> int:
        """Add a charge point: one fact."""
        new = NewConnector(team_id=team_id, name=name)
        return await create_connector(self.database, new, asked_by=self.viewer, now=self.now)

    async def charge(self, connector_id: int, *, payment_session: object) -> int:
        """Put a charge there, whatever it holds, and tell of it."""
        async with self.database.begin() as tx:
            row = await tx.fetchrow(CHARGE, connector_id, self.now, payment_session)
            assert row is not None
            fact = ChargeCreated(entity_id=row["id"], operator_ids=(row["operator_id"],), team_ids=(row["team_id"],))
            await outbox.add(tx, [fact], now=self.now)
        return int(row["id"])

    async def subscriber(
        self,
        url: str,
        *,
        event_types: tuple[str, ...] = ("*",),
        team_ids: tuple[int, ...] | None = None,
        key_team_ids: tuple[int, ...] = (),
        headers: dict[str, str] | None = None,
        viewer: Viewer | None = None,
    ) -> int:
        """Make an API key with a webhook; return its id."""
        self.keys += 1
        viewer = viewer or self.viewer
        key_id = await create_api_key(
            self.database,
            NewApiKey(name=f"Program {self.keys}", scopes=["all:delete"], team_ids=key_team_ids),
            client_id=f"client {self.keys}",
            client_secret="secret",
            pepper=PEPPER,
            asked_by=viewer,
            now=self.now,
        )
        as_program = Viewer(
            name="program", operator_id=viewer.operator_id, operator_ids=viewer.operator_ids, api_key_id=key_id
        )
        wanted = WebhookSettings(
            url=url, secret=SECRET, event_types=event_types, team_ids=team_ids, custom_headers=headers
        )
        await set_webhook(
            self.database,
            wanted,
            http_allowed=True,
            nonce=b"n" * 12,
            pepper=PEPPER,
            asked_by=as_program,
            now=self.now,
        )
        return key_id

    async def send(self, *, after: timedelta = timedelta(0)) -> None:
        """Let time pass, look once for work, and wait for the deliveries this starts."""
        self.now += after
        await self.sender.step()
        await self.sender.until_idle()

    async def statuses(self, key_id: int) -> list[str]:
        """List the statuses of a subscriber's entries, oldest first."""
        async with self.database.read() as connection:
            rows = await connection.fetch("select status from webhook_entry where api_key_id = $1 order by id", key_id)
        return [row["status"] for row in rows]


CHARGE = """
insert into charge (operator_id, team_id, connector_id, human_readable_id, state, type, start_source, id_tag, currency,
  payment_session, created_at, updated_at)
select operator_id, team_id, id, gen_random_uuid(), 'starting', 'operator', 'server-api', 'tag', 'eur', $3, $2, $2
from connector where id = $1
returning id, operator_id, team_id
"""


@pytest.fixture
async def story(database: Database) -> AsyncIterator[Story]:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    operator_id = await create_operator(database, "Test", identifier="TST", now=now)
    async with outward.open_client(reach=Reach.THIS_MACHINE) as client:
        viewer = await viewer_of_operator(database, operator_id, name="test")
        yield Story(database, client, viewer)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened
