"""States of connectors follow from contact, statuses and charges, with a history."""

from tests.operations.story import Story
from wattline.domain.values import ConnectorState


async def test_contact_and_statuses_change_the_state_and_leave_a_history(story: Story) -> None:
    assert await story.state() is ConnectorState.AVAILABLE
    await story.later(minutes=1).status("Preparing")
    await story.later(minutes=1).disconnect()
    assert await story.state() is ConnectorState.DISCONNECTED
    await story.later(minutes=1).connect()
    assert await story.state() is ConnectorState.BUSY_BLOCKED
    history = await story.rows(
        "select state from connector_state where connector_id = $1 order by at, state", story.box.connectors[1]
    )
    assert [row["state"] for row in history][-3:] == ["busy-blocked", "disconnected", "busy-blocked"]


async def test_a_state_that_stays_is_not_told_again(story: Story) -> None:
    await story.status("Preparing")
    await story.facts()
    await story.status("Preparing")
    assert "ConnectorChanged" not in await story.facts()
