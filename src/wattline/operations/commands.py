"""The life of a command to a box: claimed by the gateway that has its socket, sent once, and settled with an outcome.

    waiting ──claim──▶ sent ──answer──▶ accepted | refused | error
       │                 ├──time out──▶ no-answer
       └──deadline──▶    └──socket or gateway lost──▶ unknown; a stop alone waits again (STOPS)
        expired

Nothing but a stop is ever sent twice: a second unlock or start may do harm, a second stop cannot.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from asyncpg import Record

from wattline.database import commands, outbox
from wattline.database.bus import Bus, Subscription
from wattline.database.connection import Database, Transaction, wake
from wattline.domain.access import Viewer
from wattline.domain.facts import CommandAnswered, Fact
from wattline.domain.log_lines import LogLine
from wattline.domain.redaction import hide_secrets
from wattline.domain.refusals import NoContact
from wattline.operations import audit, charge_store, command_effects, logs
from wattline.operations.command_targets import Target

Outcome = Literal["accepted", "refused", "error", "no-answer", "no-contact", "expired", "unknown"]

# Who waits for an outcome listens here for the command's id.
ANSWERS = "command_answers"
# A text on the bus can be missed; the row cannot.
LOOK_EVERY_SECONDS = 1.0

STOPS = frozenset({"RemoteStopTransaction"})
# A stop that got lost is worth sending again for this long; after that somebody has walked away with the cable.
STOP_AGAIN_FOR = timedelta(minutes=10)
STOP_AGAIN_WITHIN = timedelta(minutes=2)


class Claimed(msgspec.Struct, frozen=True):
    """A command that is now ours to send."""

    id: int
    action: str
    payload: dict[str, Any]
    purpose: str


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What became of a command. `answer` is the box's payload, or code and description of its error."""

    outcome: Outcome
    answer: Mapping[str, Any]
    command_id: int


CLAIM = """
update command set gateway_id = $2, sent_at = $3, message_id = $4
where id = (
    select command.id from command join lease using (charge_point_id)
    where charge_point_id = $1 and lease.gateway_id = $2 and outcome is null and sent_at is null and deadline_at > $3
    order by command.id limit 1 for update of command skip locked)
returning id, action, payload, purpose
"""

SETTLE = """
update command set answered_at = $2, outcome = $3, answer = $4 where id = $1 and outcome is null returning *
"""

ASK = """
insert into command (operator_id, charge_point_id, action, payload, purpose, asked_by, created_at, deadline_at,
  gateway_id, sent_at, message_id)
select operator_id, id, 'GetConfiguration', $2, 'read-first', 'gateway', $3, $4, $5, $3, $6
from charge_point where id = $1
returning id, action, payload, purpose
"""

# What was really sent; and a password that was sent has no business in our tables any more.
REWRITE = "update command set payload = $2 where id = $1"

# A stop whose fate nobody knows goes back to the queue, while that makes sense.
SEND_AGAIN = """
update command set sent_at = null, message_id = null, gateway_id = null, deadline_at = greatest(deadline_at, $3)
where id = $1 and outcome is null and action = any($2) and created_at > $4 returning id
"""

LATE = "select id from command where outcome is null and sent_at is null and deadline_at <= $1 order by id"
STILL_LATE = """
select true from command
where id = $1 and outcome is null and sent_at is null and deadline_at <= $2 for update skip locked
"""

ORPHANED = """
select id, gateway_id from command
where outcome is null and sent_at is not null and not exists (select from gateway where id = command.gateway_id)
order by id
"""
STILL_ORPHANED = """
select true from command where id = $1 and outcome is null and gateway_id = $2 for update skip locked
"""

CONNECTOR = "select c.connector_id from command join charge c on c.id = command.charge_id where command.id = $1"


async def claim(
    database: Database, gateway_id: str, charge_point_id: int, *, message_id: str, now: datetime
) -> Claimed | None:
    """Take the oldest waiting command of a box whose lease the gateway holds. Once this commits, it counts as sent."""
    async with database.begin() as tx:
        row = await tx.fetchrow(CLAIM, charge_point_id, gateway_id, now, message_id)
    return None if row is None else Claimed(row["id"], row["action"], row["payload"], row["purpose"])


async def claim_question(
    database: Database, gateway_id: str, charge_point_id: int, *, keys: Sequence[str], message_id: str, now: datetime
) -> Claimed:
    """Write a GetConfiguration that the gateway itself needs now; it counts as sent."""
    async with database.begin() as tx:
        row = await tx.fetchrow(
            ASK, charge_point_id, {"key": list(keys)}, now, now + STOP_AGAIN_WITHIN, gateway_id, message_id
        )
    assert row is not None
    return Claimed(row["id"], row["action"], row["payload"], row["purpose"])


async def note_adjusted(database: Database, command_id: int, payload: Mapping[str, Any]) -> None:
    """Keep what is really sent, where that differs from what was asked for."""
    async with database.begin() as tx:
        await tx.execute(REWRITE, command_id, dict(payload))


async def boxes_with_work(database: Database, gateway_id: str) -> list[int]:
    """List the boxes of a gateway that have commands waiting: the sweep behind the bus."""
    async with database.read() as connection:
        rows = await connection.fetch(
            "select distinct charge_point_id from command join lease using (charge_point_id) "
            "where outcome is null and sent_at is null and lease.gateway_id = $1",
            gateway_id,
        )
    return [row["charge_point_id"] for row in rows]


async def record_answer(
    database: Database, command_id: int, *, outcome: Outcome, answer: Mapping[str, Any], now: datetime
) -> None:
    """Settle a command with what the box said, and let everything follow that follows from it."""
    async with database.begin() as tx:
        await _lock_its_connector(tx, command_id)
        await _settle(tx, command_id, outcome, answer, now)


async def give_up(database: Database, command_id: int, *, now: datetime) -> None:
    """The socket went away before the answer: nobody knows whether the box has done it."""
    async with database.begin() as tx:
        await _lock_its_connector(tx, command_id)
        await _give_up(tx, command_id, now)


async def expire(database: Database, *, now: datetime) -> None:
    """Settle what waited past its deadline; it will not be sent any more."""
    async with database.read() as connection:
        rows = await connection.fetch(LATE, now)
    for row in rows:
        async with database.begin() as tx:
            await _lock_its_connector(tx, row["id"])
            if await tx.fetchval(STILL_LATE, row["id"], now):
                await _settle(tx, row["id"], "expired", {}, now)


async def settle_unanswered(database: Database, *, now: datetime) -> None:
    """Settle what gateways had sent that are no more."""
    async with database.read() as connection:
        rows = await connection.fetch(ORPHANED)
    for row in rows:
        async with database.begin() as tx:
            await _lock_its_connector(tx, row["id"])
            if await tx.fetchval(STILL_ORPHANED, row["id"], row["gateway_id"]):
                await _give_up(tx, row["id"], now)


async def send_command(
    database: Database,
    bus: Bus,
    target: Target,
    action: str,
    payload: Mapping[str, object],
    *,
    asked_by: Viewer,
    purpose: str,
    wait_seconds: float,
    now: datetime,
) -> CommandResult:
    """Ask a box for something and wait for the outcome, at most `wait_seconds`. Raises NoContact."""
    async with bus.subscribe(ANSWERS) as texts:
        async with database.begin() as tx:
            if not await commands.has_contact(tx, target.charge_point_id):
                raise NoContact
            command_id = await commands.add(
                tx,
                charge_point_id=target.charge_point_id,
                operator_id=target.operator_id,
                action=action,
                payload=payload,
                purpose=purpose,
                asked_by=asked_by.name,
                deadline_at=now + timedelta(seconds=wait_seconds),
                now=now,
            )
            await audit.note(
                tx, asked_by, purpose, "box", target.charge_point_id, now=now, detail={"command": command_id}
            )
        return await _outcome_of(database, texts, command_id, wait_seconds)


async def _outcome_of(database: Database, texts: Subscription, command_id: int, wait_seconds: float) -> CommandResult:
    try:
        async with asyncio.timeout(wait_seconds):
            while True:
                async with database.read() as connection:
                    row = await connection.fetchrow("select outcome, answer from command where id = $1", command_id)
                if row is not None and row["outcome"] is not None:
                    return CommandResult(row["outcome"], row["answer"] or {}, command_id)
                await _next_word(texts, command_id)
    except TimeoutError:
        return CommandResult("no-answer", {}, command_id)


async def _next_word(texts: Subscription, command_id: int) -> None:
    """Wait until the bus speaks of this command, or may have; or until it is time to look anyway."""
    try:
        async with asyncio.timeout(LOOK_EVERY_SECONDS):
            async for text in texts:
                if text in ("", str(command_id)):
                    return
    except TimeoutError:
        return


async def _lock_its_connector(tx: Transaction, command_id: int) -> None:
    """Lock the connector whose charge asked for this, before the command: everybody locks in that order."""
    connector_id = await tx.fetchval(CONNECTOR, command_id)
    if connector_id is not None:
        await charge_store.lock_connector(tx, connector_id)


async def _give_up(tx: Transaction, command_id: int, now: datetime) -> None:
    again = await tx.fetchval(SEND_AGAIN, command_id, list(STOPS), now + STOP_AGAIN_WITHIN, now - STOP_AGAIN_FOR)
    if again is None:
        await _settle(tx, command_id, "unknown", {}, now)


async def _settle(tx: Transaction, command_id: int, outcome: Outcome, answer: Mapping[str, Any], now: datetime) -> None:
    row = await tx.fetchrow(SETTLE, command_id, now, outcome, dict(answer))
    if row is None:
        return
    facts: list[Fact] = [*await command_effects.follow(tx, row, now=now), _answered(row)]
    if (hidden := hide_secrets(row["payload"])) != row["payload"]:
        await tx.execute(REWRITE, row["id"], hidden)
    wake(tx, ANSWERS, str(row["id"]))
    facts += await logs.write(tx, [_line(row)])
    await outbox.add(tx, facts, now=now)


def _answered(row: Record) -> CommandAnswered:
    return CommandAnswered(
        entity_id=row["id"],
        operator_ids=(row["operator_id"],),
        team_ids=(),
        charge_point_id=row["charge_point_id"],
        detail={"action": row["action"], "outcome": row["outcome"]},
    )


def _line(row: Record) -> LogLine:
    return LogLine(
        operator_id=row["operator_id"],
        charge_point_id=row["charge_point_id"],
        kind=row["action"],
        at=row["sent_at"] or row["answered_at"],
        connector_number=_connector_in(row["payload"]),
        charge_id=row["charge_id"],
        detail={
            "outcome": row["outcome"],
            "answer": row["answer"],
            "payload": hide_secrets(row["payload"]),
            "askedBy": row["asked_by"],
        },
        message_id=row["message_id"],
    )


def _connector_in(payload: Mapping[str, Any]) -> int | None:
    number = payload.get("connectorId")
    return number if isinstance(number, int) else None
