"""Charges from the first wish to the last figure, with a real database."""

import pytest

from tests.operations.story import Story, begin_story
from wattline.database.connection import Database
from wattline.domain.values import ConnectorState


@pytest.fixture
async def story(database: Database) -> Story:
    return await begin_story(database)


async def test_a_charge_asked_for_runs_from_plug_in_to_completed(story: Story) -> None:
    charge = await story.ask(partner_external_id="terminal-1")
    assert charge.state == "starting"
    assert await story.commands() == [("RemoteStartTransaction", {"connectorId": 1, "idTag": charge.id_tag})]
    await story.later(seconds=20).status("Preparing")
    answer = await story.begin(charge.id_tag, meter_wh=5_000)
    assert answer.status == "Accepted"
    await story.status("Charging")
    assert await story.state() is ConnectorState.BUSY_CHARGING
    await story.later(minutes=10).measure(6_800, answer.ocpp_transaction_id)
    running = await story.charge(charge)
    assert (running.state, running.energy_wh, running.power_w) == ("charging", 1_800, 11_000)
    await story.later(minutes=10).stop(charge)
    assert (await story.commands())[0] == (
        "RemoteStopTransaction",
        {"transactionId": answer.ocpp_transaction_id},
    )
    await story.end(answer.ocpp_transaction_id, 8_600, reason="Remote")
    stopped = await story.charge(charge)
    assert (stopped.state, stopped.stop_reason, stopped.energy_wh) == ("releasing", "api", 3_600)
    await story.later(minutes=3).status("Available")
    done = await story.charge(charge)
    assert (done.state, done.released_at, done.completed_at) == ("completed", story.now, story.now)
    assert await story.timeline(charge) == [
        *("starting", "charging", "stopping", "releasing", "released", "completed")
    ]
    assert await story.state() is ConnectorState.AVAILABLE
