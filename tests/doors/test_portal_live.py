"""Pages that stay live: what changes is sent, what stays is not, and who logs out hears no more."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from litestar import Litestar

from tests.doors.portal_door import Clock, Visitor
from tests.doors.portal_server import served
from tests.doors.portal_story import Network
from wattline.database import outbox
from wattline.database.connection import Connection, Database
from wattline.domain.facts import ConnectorChanged, Fact
from wattline.portal import live
from wattline.portal.live import Hub, Part, message, topics_of
from wattline.queries.portal_live import HeardFact

SOON_SECONDS = 60.0


class Stream:
    """Messages of one stream, one by one."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()

    async def message(self) -> str:
        """Wait for the next message; beats of a quiet page are `beat`."""
        async with asyncio.timeout(SOON_SECONDS):
            lines: list[str] = []
            async for line in self._lines:
                if not line and lines:
                    break
                lines.append(line)
        event = next((line.removeprefix("event: ") for line in lines if line.startswith("event: ")), "")
        return event or "\n".join(line.removeprefix("data: ") for line in lines)

    async def part(self, place: str) -> str:
        """Wait until something is put into this place of the page."""
        while True:
            found = re.search(
                rf'hx-target="#{place}" hx-swap="innerHTML">(.*?)</hx-partial>', await self.message(), re.S
            )
            if found:
                return found[1]


@asynccontextmanager
async def listening(portal: Litestar, visitor: Visitor, path: str) -> AsyncIterator[Stream]:
    """Open a stream as the visitor's browser does."""
    cookies = dict(visitor.http.cookies)
    async with (
        served(portal) as address,
        httpx.AsyncClient(cookies=cookies, timeout=None) as http,
        http.stream("GET", address + path) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(answer)


async def change(database: Database, network: Network, identity: str, sql: str) -> None:
    """Change something about connector 1 of a box, and tell it as a verb does."""
    connector_id = network.connectors[identity, 1]
    fact: Fact = ConnectorChanged(
        entity_id=connector_id, operator_ids=(network.operator_id,), team_ids=(network.team_id,),
        charge_point_id=network.boxes[identity],
    )  # fmt: skip
    async with database.begin() as tx:
        await tx.execute(sql, connector_id)
        await outbox.add(tx, [fact], now=network.now)


async def test_a_row_changes_in_place_and_the_list_says_what_moved(
    portal: Litestar, visitor: Visitor, network: Network, database: Database, clock: Clock
) -> None:
    page = await visitor.get("/charge-points")
    (path,) = page.all(r'hx-sse:connect="([^"]*)"')
    box = network.boxes["AAR-0001"]
    async with listening(portal, visitor, path.replace("&amp;", "&")) as stream:
        first = await stream.message()
        assert f'hx-target="#state-{box}"' in first
        assert "touched" not in first
        clock.after(seconds=11)
        await change(
            database, network, "AAR-0001",
            "update connector_live set state = 'error', error_code = 'HighTemperature' where connector_id = $1",
        )  # fmt: skip
        told = await stream.message()
    assert 'Error<span class="st-why"> · too hot' in told
    assert "touched" in told
    assert "1 row moved" in told
    assert 'hx-target="#count-charge-points"' in told
    assert f'hx-target="#state-{network.boxes["AAR-0002"]}"' not in told


async def test_a_charge_point_follows_its_charge(
    portal: Litestar, visitor: Visitor, network: Network, database: Database
) -> None:
    box = network.boxes["KOL-0004"]
    async with listening(portal, visitor, f"/live/charge-points/{box}?tab=now") as stream:
        assert "fig-power" in await stream.message()
        await change(
            database, network, "KOL-0004",
            "update charge set power_w = 12300, energy_wh = 45600, soc_percent = 71 where id = (select charge_id from"
            " connector_live where connector_id = $1)",
        )  # fmt: skip
        told = await stream.message()
    assert "12,3" in told
    assert "45,6" in told
    assert '71&#8239;<span class="u">%' in told
    assert "now-first" not in told


async def test_every_tab_says_when_contact_is_lost(
    portal: Litestar, visitor: Visitor, network: Network, database: Database
) -> None:
    box = network.boxes["KOL-0004"]
    async with listening(portal, visitor, f"/live/charge-points/{box}/connection?after=0") as stream:
        assert "Connected for" in await stream.part("point-contact")
        await change(
            database, network, "KOL-0004",
            "with gone as (update charge_point set connected = false where id ="
            " (select charge_point_id from connector where id = $1))"
            " update connector_live set state = 'disconnected' where connector_id = $1",
        )  # fmt: skip
        assert "Last heard" in await stream.part("point-contact")


async def test_the_page_is_drawn_anew_only_for_another_charge(
    portal: Litestar, visitor: Visitor, network: Network, database: Database
) -> None:
    box = network.boxes["KOL-0004"]
    async with listening(portal, visitor, f"/live/charge-points/{box}?tab=now") as stream:
        await stream.message()
        await change(
            database, network, "KOL-0004",
            "update connector_live set charge_id = null, state = 'available', cable_plugged_in = false"
            " where connector_id = $1",
        )  # fmt: skip
        assert "Nothing plugged in." in await stream.part("now-first")


async def test_the_log_counts_what_is_new_and_moves_nothing(
    portal: Litestar, visitor: Visitor, network: Network, database: Database
) -> None:
    box = network.boxes["KOL-0004"]
    page = await visitor.get(f"/charge-points/{box}/connection")
    (path,) = page.all(r'hx-sse:connect="([^"]*)"')
    async with listening(portal, visitor, path.replace("&amp;", "&")) as stream:
        await stream.message()
        await change(
            database, network, "KOL-0004",
            "insert into log_line (operator_id, charge_point_id, at, kind, detail) select operator_id, charge_point_id,"
            " timestamptz '2026-11-20 13:33Z', 'BootNotification', '{}' from connector where id = $1",
        )  # fmt: skip
        assert "1 new line" in await stream.part("new-lines")


async def test_a_quiet_page_still_hears_from_us(
    portal: Litestar, visitor: Visitor, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(live, "LOOK_EVERY_SECONDS", 0.05)
    async with listening(portal, visitor, f"/live/charges/{network.charges['cut short']}") as stream:
        await stream.message()
        assert await stream.message() == "beat"


async def test_who_is_logged_out_is_sent_away(
    portal: Litestar, visitor: Visitor, network: Network, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(live, "LOOK_EVERY_SECONDS", 0.05)
    async with listening(portal, visitor, f"/live/charges/{network.charges['cut short']}") as stream:
        await stream.message()
        clock.after(days=31)
        while (said := await stream.message()) != "gone":
            assert said


async def test_without_a_session_there_is_no_stream(stranger: Visitor, network: Network) -> None:
    await stranger.get("/live/charge-points?keys=1", 401, accept="text/event-stream")


async def test_many_who_see_the_same_ask_once(portal: Litestar, database: Database) -> None:
    asked = []

    async def count(connection: Connection) -> int:
        asked.append(await connection.fetchval("select 1"))
        return len(asked)

    hub = Hub(database, portal.state.bus)
    async with hub.listen([("operator", 1)]) as listener:
        assert await listener.wait(SOON_SECONDS)
        assert await asyncio.gather(*(hub.share("rooms", count) for _ in range(20))) == [1] * 20
        async with database.begin() as tx:
            await outbox.add(tx, [ConnectorChanged(entity_id=3, operator_ids=(1,), team_ids=())], now=Clock()())
        assert await listener.wait(SOON_SECONDS)
        assert await hub.share("rooms", count) == 2


async def test_facts_are_read_only_while_somebody_listens(portal: Litestar, database: Database) -> None:
    hub = Hub(database, portal.state.bus)
    async with hub.listen([("operator", 1)]) as listener, hub.listen([("box", 7)]) as other:
        # Both look once more when the reading begins: something may have happened before.
        assert await listener.wait(SOON_SECONDS)
        assert await other.wait(SOON_SECONDS)
        async with database.begin() as tx:
            await outbox.add(tx, [ConnectorChanged(entity_id=3, operator_ids=(1,), team_ids=())], now=Clock()())
        assert await listener.wait(SOON_SECONDS)
        assert not await other.wait(0.05)
        reading = next(task for task in asyncio.all_tasks() if task.get_name() == "live facts")
    await asyncio.gather(reading, return_exceptions=True)
    assert reading.cancelled()


def test_a_fact_concerns_its_operators_its_box_and_itself() -> None:
    moved = HeardFact(1, "ChargeMoved", "charge", "42", (1, 2), 7)
    assert topics_of(moved) == {("operator", 1), ("operator", 2), ("box", 7), ("charge", 42)}
    called = HeardFact(2, "HandshakeRefused", "charge-point", "0", (), None)
    assert topics_of(called) == {("connector", 0), ("handshake", 0)}
    connected = HeardFact(3, "ChargePointConnected", "ocpp-messages", "7", (1,), 7)
    assert topics_of(connected) == {("operator", 1), ("box", 7)}


def test_a_message_is_one_event_however_its_parts_are_wrapped() -> None:
    sent = message({"a": Part("<b>x\r\ny</b>"), "b": Part("z", flash=False)}, flash=True)
    assert sent.endswith("\n\n")
    assert "\n\n" not in sent[:-2]
    assert all(line.startswith("data: ") for line in sent.strip().split("\n"))
    assert '<span class="touched"><b>x' in sent
    assert '<hx-partial hx-target="#b" hx-swap="innerHTML">z</hx-partial>' in sent
