"""Run a check: ask the charge point now, and say how it is."""

import asyncio
from datetime import datetime
from typing import Any

from wattline.database.bus import Bus
from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.check_up import CheckResult, Findings, verdict
from wattline.domain.refusals import NoContact
from wattline.operations.command_targets import Target, Where, find_target
from wattline.operations.commands import CommandResult, send_command

ANSWER_SECONDS = 15.0
# A box that accepts sends its status within a second; some are slower than they admit.
STATUS_SECONDS = 4.0
LOOK_EVERY_SECONDS = 0.25

# Of a whole box, the connector that is worst off speaks for it.
LOOK = """
select box.connected, box.disconnected_at,
  coalesce(live.ocpp_status, box.status) as status,
  coalesce(live.error_code, box.error_code) as error_code,
  coalesce(live.error_info, box.error_info) as error_info,
  coalesce(live.status_at, box.status_at) >= $3 as fresh_status,
  (select count(*) from deviation where charge_point_id = box.id) as deviations
from charge_point box
left join connector on connector.charge_point_id = box.id and connector.deleted_at is null
  and ($2::int is null or connector.number = $2)
left join connector_live live on live.connector_id = connector.id
where box.id = $1
order by live.error_code <> 'NoError' desc nulls last, connector.number limit 1
"""


async def run_check(database: Database, bus: Bus, where: Where, *, asked_by: Viewer, now: datetime) -> CheckResult:
    """Ask a box to tell its status, wait a moment for it, and weigh what is known. Raises Unknown."""
    target = await find_target(database, where, asked_by=asked_by)
    answer = await _ask_for_status(database, bus, target, asked_by, now)
    found = await _look(database, target, now)
    if answer is not None and answer.outcome == "accepted":
        found = await _wait_for_status(database, target, found, now)
    return verdict(
        Findings(
            connected=found["connected"],
            disconnected_at=found["disconnected_at"],
            outcome=None if answer is None else answer.outcome,
            status=found["status"],
            error_code=found["error_code"],
            error_info=found["error_info"],
            fresh_status=bool(found["fresh_status"]),
            deviations=found["deviations"],
        )
    )


async def _ask_for_status(
    database: Database, bus: Bus, target: Target, asked_by: Viewer, now: datetime
) -> CommandResult | None:
    payload: dict[str, object] = {"requestedMessage": "StatusNotification"}
    if target.number is not None:
        payload["connectorId"] = target.number
    try:
        return await send_command(
            database, bus, target, "TriggerMessage", payload,
            asked_by=asked_by, purpose="check", wait_seconds=ANSWER_SECONDS, now=now,
        )  # fmt: skip
    except NoContact:
        return None


async def _wait_for_status(database: Database, target: Target, found: Any, now: datetime) -> Any:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + STATUS_SECONDS
    while not found["fresh_status"] and loop.time() < deadline:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        found = await _look(database, target, now)
    return found


async def _look(database: Database, target: Target, now: datetime) -> Any:
    async with database.read() as connection:
        row = await connection.fetchrow(LOOK, target.charge_point_id, target.number, now)
    assert row is not None
    return row
