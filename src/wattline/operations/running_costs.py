"""What running charges cost so far: looked at by the worker, so that they stop before they cost more than is held."""

from dataclasses import replace
from datetime import datetime

from wattline.database import outbox
from wattline.database.connection import Connection, Database, Transaction
from wattline.domain import charge_steps as life
from wattline.domain.charge_events import StopAsked
from wattline.domain.charge_facts import edited
from wattline.domain.charge_record import Charge
from wattline.domain.limits import Limit
from wattline.domain.price import price_charge
from wattline.domain.price_terms import PriceTerms
from wattline.domain.running_cost import LOOK_AGAIN_MAX, NEXT_INTERVAL, Watch, one_interval_on, watch
from wattline.domain.spot import SpotPriceUnknown
from wattline.operations import charge_payments, charge_settlements, charge_store
from wattline.operations.charge_payments import ChargePayment
from wattline.operations.charge_usage import usage_of
from wattline.operations.ledger import book_or_refuse
from wattline.operations.price_freeze import spot_for

AT_ONCE = 200
ASKED_BY = "running cost"


async def look_at_due(database: Database, *, now: datetime) -> int:
    """Look at charges whose time has come, each in a transaction of its own; return how many.

    A charge that is over but waits for the price of the market is settled here as soon as that is known.
    """
    async with database.read() as connection:
        due = await connection.fetch(DUE, now, AT_ONCE)
    failures: list[Exception] = []
    for row in due:
        try:
            async with database.begin() as tx:
                await _look(tx, row["charge_id"], now)
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise ExceptionGroup("running costs failed", failures)
    return len(due)


async def _look(tx: Transaction, charge_id: int, now: datetime) -> None:
    charge = await charge_store.lock(tx, charge_id)
    payment = await charge_payments.find(tx, charge_id, lock=True)
    if payment is None or payment.terms is None or payment.state != "held":
        return
    if charge.completed_at is not None:
        await _settle_late(tx, charge, now)
        return
    if not charge.begun:
        await charge_payments.look_again(tx, charge_id, now + LOOK_AGAIN_MAX)
        return
    cost_minor, seen = await _judge(tx, charge, payment, payment.terms, now)
    after = replace(charge, price_minor=cost_minor)
    await charge_store.save(tx, charge, after)
    await charge_payments.look_again(tx, charge_id, now + seen.look_again_after)
    if seen.stop and charge.stop_asked_at is None and life.is_legal(after, StopAsked):
        step = life.step(after, StopAsked(at=now, by=Limit.PRICE), now=now)
        await outbox.add(tx, await charge_store.apply(tx, step, asked_by=ASKED_BY, now=now), now=now)


async def _judge(
    connection: Connection, charge: Charge, payment: ChargePayment, terms: PriceTerms, now: datetime
) -> tuple[int | None, Watch]:
    """Return what a charge costs so far, and what follows from that."""
    usage = await usage_of(connection, charge, as_of=now)
    power_w = charge.power_w or 0
    ahead = one_interval_on(usage, power_w=0 if charge.stopped_at else power_w, now=max(now, usage.ended_at))
    spot = await spot_for(connection, terms, usage.started_at, now + NEXT_INTERVAL)
    try:
        cost_minor = price_charge(terms, usage, spot).total_minor
        next_minor = price_charge(terms, ahead, spot).total_minor
    except SpotPriceUnknown:
        return charge.price_minor, Watch(stop=False, look_again_after=LOOK_AGAIN_MAX)
    held_minor = sum(held.amount_minor for held in payment.holds)
    return cost_minor, watch(cost_minor=cost_minor, next_minor=next_minor, most_minor=held_minor)


async def _settle_late(tx: Transaction, charge: Charge, now: datetime) -> None:
    settled, transfers = await charge_settlements.close(tx, charge, now=now)
    await charge_store.save(tx, charge, settled)
    await book_or_refuse(tx, transfers, now=now)
    if settled != charge:
        await outbox.add(tx, [edited(settled)], now=now)


DUE = "select charge_id from charge_payment where check_at <= $1 order by check_at limit $2"
