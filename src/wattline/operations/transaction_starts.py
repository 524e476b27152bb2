"""StartTransaction: whose charge is it, may it begin, and what becomes of the charge that was there before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from asyncpg import Record

from wattline.database import commands, outbox
from wattline.database.connection import Database, Transaction
from wattline.database.deadlock import despite_deadlocks
from wattline.domain import charge_steps as life
from wattline.domain.box_time import trusted_time
from wattline.domain.charge_events import Began, Overtaken
from wattline.domain.charge_key import KeyStatus, Place, is_same_tag, may_charge
from wattline.domain.charge_record import Charge
from wattline.domain.facts import Fact
from wattline.domain.log_lines import LogKind
from wattline.domain.refusals import Refusal, Unknown
from wattline.domain.values import ChargeState
from wattline.operations import charge_store
from wattline.operations.chance import Chance
from wattline.operations.charge_accounts import lock_purses
from wattline.operations.charge_funding import fund_tapped
from wattline.operations.charge_key_rows import as_key, judge, note_scan
from wattline.operations.reader_waits import note_unknown_tap
from wattline.operations.tapped_refills import CARD_PATIENCE, WalletShort, fill_for_tap
from wattline.operations.transaction_log import write_line
from wattline.operations.transaction_repeats import earlier_start

ASKED_BY = "charge point"

# Ids are drawn from 2^31 values: even among millions, several collisions in a row do not happen.
DRAWS_MAX = 10

# A box that was offline tells what it let begin: then the energy has flowed, and a refusal saves nobody anything.
TOLD_LATE_AFTER = timedelta(minutes=5)

# How long we remember that a tag was ours, to stop a box that begins after we gave up.
LATE_STARTS_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionStart:
    """A StartTransaction in our words. `started_at` is the box's own time, untouched: a repeat says the same.

    `own_tags` are tags this make uses when nobody showed a key, `own_tag_keys` settings that hold such a tag.
    """

    charge_point_id: int
    connector_number: int
    id_tag: str
    meter_wh: int
    started_at: datetime
    received_at: datetime
    reservation_id: int | None = None
    message_id: str | None = None
    own_tags: frozenset[str] = frozenset()
    own_tag_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionAnswer:
    """What to answer to StartTransaction or StopTransaction.

    `repeat` tells that nothing was done again; `is_unknown` that the box named a transaction we never gave it, and
    `meant` which one it must have meant. `is_own_tag`: nobody showed a key, the box began by itself.
    """

    ocpp_transaction_id: int
    status: KeyStatus
    expires_at: datetime | None = None
    repeat: bool = False
    is_unknown: bool = False
    meant: int | None = None
    is_own_tag: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Admission:
    """Whether a start is let in: for a charge that was asked for, or for a key that was tapped.

    `key_now` is how the key of a start that was let in is now: it may have been blocked since.
    `born` is the charge that the key begins; `refusal` why a good key is not enough.
    """

    status: KeyStatus
    key_now: KeyStatus = KeyStatus.ACCEPTED
    charge: Charge | None = None
    born: Charge | None = None
    key: Record | None = None
    refusal: Refusal | None = None


async def begin_charge(
    database: Database,
    start: TransactionStart,
    *,
    chance: Chance,
    now: datetime,
    card_patience: timedelta = CARD_PATIENCE,
) -> TransactionAnswer:
    """Open a transaction and let its charge begin: the one asked for with this tag, or a new one for a tapped key.

    A refused start is kept as a transaction without a charge, under an id as unique as any other: OCPP 1.6 section 4.8
    wants one in the answer. A wallet with too little asks its card first, and the box waits for that. Raises Unknown
    when there is no such box.
    """
    try:
        return await despite_deadlocks(lambda: _begin(database, start, chance, now, may_wait=True))
    except WalletShort as short:
        later = now + await fill_for_tap(database, short.wallet_id, patience=card_patience, now=now)
    return await despite_deadlocks(lambda: _begin(database, start, chance, later, may_wait=False))


async def _begin(
    database: Database, start: TransactionStart, chance: Chance, now: datetime, *, may_wait: bool
) -> TransactionAnswer:
    async with database.begin() as tx:
        socket = await _socket_of(tx, start)
        is_own_tag = await _is_own_tag(tx, start)
        asked_for = await _asked_for(tx, start, is_own_tag=is_own_tag)
        await _lock(tx, start, sorted({row["connector_id"] for row in (socket, asked_for) if row} - {None}))
        earlier = await earlier_start(
            tx, start.charge_point_id, start.connector_number, start.id_tag, start.meter_wh,
            started_at=start.started_at, received_at=start.received_at,
        )  # fmt: skip
        if earlier is not None:
            return _same_answer(earlier)
        admission = await _admit(tx, socket, asked_for, start, now)
        await _lock_purses(tx, socket, admission)
        if admission.status is KeyStatus.ACCEPTED and admission.key is not None:
            funded = await _fund(tx, socket, start, admission.key, chance, now, may_wait=may_wait)
            admission = replace(funded, key_now=admission.key_now)
        transaction = await _keep(tx, socket, start, admission, chance)
        facts: list[Fact] = []
        if admission.status is KeyStatus.ACCEPTED:
            facts += await _let_begin(tx, start, admission, transaction, now)
        elif admission.key is None:
            await _stop_if_late(tx, start, transaction, now)
        facts += await _log(tx, start, transaction, admission, now)
        await outbox.add(tx, facts, now=now)
    expires_at = admission.key["active_until"] if admission.key else None
    return TransactionAnswer(
        ocpp_transaction_id=transaction["ocpp_transaction_id"],
        status=admission.key_now if admission.status is KeyStatus.ACCEPTED else admission.status,
        expires_at=expires_at,
        is_own_tag=is_own_tag,
    )


async def _lock_purses(tx: Transaction, socket: Record, admission: _Admission) -> None:
    charge, key = admission.charge, admission.key
    connector_id = charge.connector_id if charge else socket["connector_id"]
    if admission.status is KeyStatus.ACCEPTED and connector_id is not None:
        await lock_purses(
            tx,
            connector_id,
            team_id=key["team_id"] if key else None,
            user_id=key["user_id"] if key else None,
            except_charge_id=charge.id if charge else None,
        )


async def _lock(tx: Transaction, start: TransactionStart, connector_ids: Sequence[int]) -> None:
    """Let nobody else begin the same here; where nobody created the connector, nobody else of this box."""
    for connector_id in connector_ids:
        await charge_store.lock_connector(tx, connector_id)
    if not connector_ids:
        await tx.execute("select from charge_point where id = $1 for no key update", start.charge_point_id)


async def _log(
    tx: Transaction, start: TransactionStart, transaction: Record, admission: _Admission, now: datetime
) -> list[Fact]:
    why = {"refusal": str(admission.refusal)} if admission.refusal else {}
    return await write_line(
        tx, LogKind.START_TRANSACTION, start.charge_point_id, transaction["ocpp_transaction_id"],
        told_at=trusted_time(start.started_at, received_at=start.received_at),
        detail={"idTag": start.id_tag, "meterWh": start.meter_wh, "status": admission.status, **why},
        message_id=start.message_id, now=now,
    )  # fmt: skip


async def _socket_of(tx: Transaction, start: TransactionStart) -> Record:
    row = await tx.fetchrow(SOCKET, start.charge_point_id, start.connector_number, start.started_at)
    if row is None:
        raise Unknown("charge point", start.charge_point_id)
    return row


async def _is_own_tag(tx: Transaction, start: TransactionStart) -> bool:
    """Tell whether the box began by itself, under the tag it has for that (field notes C8, T12)."""
    told = await tx.fetch(OWN_TAGS, start.charge_point_id, start.own_tag_keys) if start.own_tag_keys else ()
    return any(is_same_tag(start.id_tag, tag) for tag in (*start.own_tags, *(row["value"] for row in told)))


async def _asked_for(tx: Transaction, start: TransactionStart, *, is_own_tag: bool) -> Record | None:
    """Find the charge that we gave this tag, on whichever connector of the box it was asked for.

    A box that began by itself begins what waits on that connector.
    """
    rows = await tx.fetch(ASKED_FOR, start.charge_point_id)
    ours = next((row for row in rows if is_same_tag(start.id_tag, row["id_tag"])), None)
    if ours is not None or not is_own_tag:
        return ours
    waiting = (row for row in rows if row["state"] == ChargeState.STARTING)
    return next((row for row in waiting if row["number"] == start.connector_number), None)


def _same_answer(earlier: Record) -> TransactionAnswer:
    status = KeyStatus.ACCEPTED if earlier["accepted"] else KeyStatus(earlier["refusal"])
    return TransactionAnswer(ocpp_transaction_id=earlier["ocpp_transaction_id"], status=status, repeat=True)


async def _admit(
    tx: Transaction, socket: Record, asked_for: Record | None, start: TransactionStart, now: datetime
) -> _Admission:
    if asked_for is not None:
        charge = await charge_store.lock_alone(tx, asked_for["id"])
        if life.is_legal(charge, Began):
            return _Admission(status=KeyStatus.ACCEPTED, charge=charge)
    if socket["connector_id"] is None:
        return _Admission(status=KeyStatus.INVALID)
    place = Place(socket["operator_id"], socket["team_id"], socket["visibility"] == "public", socket["country_id"])
    judged = await judge(tx, start.id_tag, place, now=now)
    if judged.key is None:
        await note_unknown_tap(tx, start.charge_point_id, start.id_tag, now=now)
    began_at = trusted_time(start.started_at, received_at=start.received_at)
    # What a box tells late was begun by the rules of then.
    status = judged.status if judged.key is None else may_charge(as_key(judged.key), place, now=began_at)
    if status is KeyStatus.ACCEPTED and await _is_held(tx, socket["connector_id"], began_at):
        # Not Invalid: some boxes then block the key for good (field note C9).
        return _Admission(status=KeyStatus.CONCURRENT, key=judged.key)
    return _Admission(status=status, key_now=judged.status, key=judged.key)


async def _is_held(tx: Transaction, connector_id: int, began_at: datetime) -> bool:
    """Tell whether the connector was held for somebody else then, by a box that does not know reservations."""
    current = await charge_store.current(tx, connector_id)
    if current is None or current.state is not ChargeState.RESERVED:
        return False
    return life.is_overtaken(current, began_at=began_at)


async def _keep(
    tx: Transaction, socket: Record, start: TransactionStart, admission: _Admission, chance: Chance
) -> Record:
    accepted = admission.status is KeyStatus.ACCEPTED
    for _ in range(DRAWS_MAX):
        row = await tx.fetchrow(
            KEEP, socket["box_operator_id"], start.charge_point_id, start.connector_number, chance.transaction_id(),
            start.id_tag, accepted, None if accepted else admission.status, start.meter_wh, start.started_at,
            start.received_at, start.reservation_id,
        )  # fmt: skip
        if row is not None:
            return row
    raise AssertionError("every transaction id drawn was taken")


async def _fund(
    tx: Transaction,
    socket: Record,
    start: TransactionStart,
    key: Record,
    chance: Chance,
    now: datetime,
    *,
    may_wait: bool,
) -> _Admission:
    """Hold the money for what a tapped key begins. A key whose wallet has too little is refused for now."""
    draft = await _draft(tx, socket, start, key, chance, now)
    began_at = min(trusted_time(start.started_at, received_at=start.received_at), now)
    told_late = now - began_at > TOLD_LATE_AFTER
    funded = await fund_tapped(
        tx, draft, key, began_at=began_at, told_late=told_late, may_wait=may_wait, asked_by=ASKED_BY, now=now
    )
    if isinstance(funded, Refusal):
        return _Admission(status=KeyStatus.BLOCKED, key=key, refusal=funded)
    return _Admission(status=KeyStatus.ACCEPTED, key=key, born=funded)


async def _let_begin(
    tx: Transaction, start: TransactionStart, admission: _Admission, transaction: Record, now: datetime
) -> list[Fact]:
    event = Began(
        at=trusted_time(start.started_at, received_at=start.received_at),
        transaction_id=transaction["id"],
        ocpp_transaction_id=transaction["ocpp_transaction_id"],
        meter_wh=start.meter_wh,
    )
    if admission.charge is not None:
        step = life.step(admission.charge, event, now=now)
    else:
        assert admission.born is not None
        step = life.birth(admission.born, event, now=now)
    facts = await _overtake(tx, step.charge, began_at=event.at, now=now)
    facts += await charge_store.apply(tx, step, asked_by=ASKED_BY, now=now)
    await tx.execute("update transaction set charge_id = $2 where id = $1", transaction["id"], step.charge.id)
    if admission.key is not None:
        facts += await note_scan(tx, admission.key, start.charge_point_id, now=now)
    return facts


async def _overtake(tx: Transaction, newcomer: Charge, *, began_at: datetime, now: datetime) -> list[Fact]:
    """Close the charges that were on the connector before, with a reason: their stop was lost, or they never began."""
    facts: list[Fact] = []
    for other in await charge_store.unfinished(tx, newcomer.connector_id):
        if other.id != newcomer.id and life.is_overtaken(other, began_at=began_at):
            step = life.step(other, Overtaken(at=began_at), now=now)
            facts += await charge_store.apply(tx, step, asked_by=ASKED_BY, now=now)
    return facts


async def _draft(
    tx: Transaction, socket: Record, start: TransactionStart, key: Record, chance: Chance, now: datetime
) -> Charge:
    by_vehicle = key["type"] == "vehicleId"
    return Charge(
        id=await charge_store.next_id(tx),
        operator_id=socket["operator_id"],
        team_id=socket["team_id"],
        site_id=socket["site_id"],
        connector_id=socket["connector_id"],
        charge_point_id=start.charge_point_id,
        connector_number=start.connector_number,
        human_readable_id=chance.human_id(),
        state=ChargeState.OTHER,
        type="operator" if key["operator_id"] == socket["operator_id"] else "external",
        start_source="vehicle-vid" if by_vehicle else "cpi-auth-token",
        paying_team_id=key["team_id"],
        paying_operator_id=key["operator_id"],
        user_id=key["user_id"],
        charge_key_id=key["id"],
        auth_type=key["type"],
        auth_id=key["identifier"],
        id_tag=start.id_tag,
        currency=socket["currency"],
        cable_plugged_in_at=socket["plugged_in_at"],
        created_at=now,
        updated_at=now,
    )


async def _stop_if_late(tx: Transaction, start: TransactionStart, transaction: Record, now: datetime) -> None:
    """Stop a box that begins a charge we gave up: its answer Invalid does not stop every box."""
    rows: Sequence[Record] = await tx.fetch(GIVEN_UP, start.charge_point_id, now - LATE_STARTS_WITHIN)
    late = next((row for row in rows if is_same_tag(start.id_tag, row["id_tag"])), None)
    if late is not None:
        await commands.add(
            tx,
            charge_point_id=start.charge_point_id,
            operator_id=transaction["operator_id"],
            action="RemoteStopTransaction",
            payload={"transactionId": transaction["ocpp_transaction_id"]},
            purpose="stop a start that came too late",
            asked_by=ASKED_BY,
            charge_id=late["id"],
            deadline_at=now + charge_store.STOP_DEADLINE,
            now=now,
        )


# When a cable was in before the start, the status that told so is when it was plugged in, near enough.
SOCKET = """
select box.operator_id as box_operator_id, k.id as connector_id, k.operator_id, k.team_id, k.site_id, k.visibility,
       team.currency, coalesce(site.country_id, team.country_id) as country_id,
       case when live.cable_plugged_in and live.status_at <= $3 then live.status_at end as plugged_in_at
from charge_point box
left join connector k on k.charge_point_id = box.id and k.number = $2 and k.deleted_at is null
left join connector_live live on live.connector_id = k.id
left join team on team.id = k.team_id
left join site on site.id = k.site_id
where box.id = $1
"""

OWN_TAGS = """
select value from configuration_key
where charge_point_id = $1 and value <> '' and lower(trim(key)) in (select lower(name) from unnest($2::text[]) name)
"""

ASKED_FOR = """
select c.id, c.connector_id, c.id_tag, c.state, k.number
from connector k join charge c on c.connector_id = k.id and c.completed_at is null and c.charge_key_id is null
where k.charge_point_id = $1
"""

GIVEN_UP = """
select c.id, c.id_tag
from connector k join charge c on c.connector_id = k.id and c.created_at > $2 and c.charge_key_id is null
where k.charge_point_id = $1
"""

KEEP = """
insert into transaction (operator_id, charge_point_id, connector_number, ocpp_transaction_id, id_tag, accepted, refusal,
  meter_start_wh, started_at, start_received_at, reservation_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict do nothing returning id, operator_id, ocpp_transaction_id
"""
