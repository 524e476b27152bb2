"""What a charge costs its owner: worked out from the cost group of the place when the charge is over, and kept beside.

Nobody is asked for it and nothing is booked: it is there so that owners see what remains of a sale (decision 0013).
"""

from datetime import datetime, timedelta

import msgspec
import structlog

from wattline.database.connection import Database, Transaction
from wattline.domain.charge_record import Charge
from wattline.domain.price import PricedCharge
from wattline.domain.price_terms import PriceTerms
from wattline.domain.refusals import Refusal
from wattline.domain.spot import SpotPriceUnknown
from wattline.operations.charge_settlements import price_of
from wattline.operations.price_freeze import cost_terms_for

AT_ONCE = 200

# The market's prices of a day come once a day.
LOOK_AGAIN_AFTER = timedelta(minutes=15)

# Who imports no prices for so long does not follow what charges cost.
GIVE_UP_AFTER = timedelta(days=31)

log = structlog.get_logger(__name__)


async def note_cost(tx: Transaction, charge: Charge, *, now: datetime) -> int | None:
    """Work out and keep what a completed charge costs its owner, in minor units of the charge's currency.

    None: nobody says what energy costs there, or the market's price is not known yet, and the worker looks again. What
    is wrong with a cost group is told in the log, and holds up no charge.
    """
    if not charge.begun:
        return None
    try:
        terms = await _terms(tx, charge, now)
    except Refusal as refusal:
        log.warning("a charge's cost is not known", charge=charge.id, why=str(refusal))
        return None
    if terms is None or terms.currency != charge.currency:
        return None
    priced = await _priced(tx, charge, terms, now)
    again_at = None if priced else now + LOOK_AGAIN_AFTER
    await tx.execute(KEEP, charge.id, terms.price_group_id, msgspec.to_builtins(terms), _written(priced), again_at)
    return priced.total_minor if priced else None


async def look_at_due(database: Database, *, now: datetime) -> int:
    """Work out the costs that waited for a price of the market; return how many were looked at."""
    async with database.begin() as tx:
        rows = await tx.fetch(DUE, now, AT_ONCE)
        for row in rows:
            charge = Charge(**{name: row[name] for name in Charge.__dataclass_fields__})
            priced = await _priced(tx, charge, msgspec.convert(row["cost_terms"], PriceTerms), now)
            over = priced or now >= (charge.completed_at or now) + GIVE_UP_AFTER
            await tx.execute(LEARN, charge.id, _written(priced), None if over else now + LOOK_AGAIN_AFTER)
            await tx.execute(SHOW, charge.id, priced.total_minor if priced else None)
    return len(rows)


async def _terms(tx: Transaction, charge: Charge, now: datetime) -> PriceTerms | None:
    """Find the terms of the charge's start; where none can be had as of then, those of now."""
    assert charge.started_at is not None
    try:
        return await cost_terms_for(tx, charge.connector_id, now=charge.started_at)
    except Refusal:
        return await cost_terms_for(tx, charge.connector_id, now=now)


async def _priced(tx: Transaction, charge: Charge, terms: PriceTerms, now: datetime) -> PricedCharge | None:
    try:
        return await price_of(tx, charge, terms, now=now)
    except SpotPriceUnknown:
        return None


def _written(priced: PricedCharge | None) -> object:
    return None if priced is None else msgspec.to_builtins(priced)


KEEP = """
insert into charge_cost (charge_id, price_group_id, terms, priced, check_at) values ($1, $2, $3, $4, $5)
on conflict (charge_id) do nothing
"""

DUE = """
select charge.*, charge_cost.terms as cost_terms from charge_cost join charge on charge.id = charge_cost.charge_id
where charge_cost.check_at <= $1 order by charge_cost.check_at limit $2 for update of charge_cost skip locked
"""

LEARN = "update charge_cost set priced = $2, check_at = $3 where charge_id = $1"

SHOW = "update charge set cost_minor = $2 where id = $1"
