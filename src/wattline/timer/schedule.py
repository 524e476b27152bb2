"""Everything that happens because time passed, as one list: what, how often, and the function that does it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_bytes

from wattline.database import partitions
from wattline.database.connection import Database
from wattline.operations import charge_costs, debt_rounds, gateways, problems, self_heals, timers
from wattline.operations.automatic_refills import refill_due
from wattline.operations.card_charges import follow_card_payments, secure_ending_holds
from wattline.operations.chance import Chance
from wattline.operations.clean_up import FACTS_PER_STEP_MAX, forget_expired, forget_old_facts
from wattline.operations.disputes import follow_disputes
from wattline.operations.fleet_orders import forget_orders
from wattline.operations.fleet_work import Means, step
from wattline.operations.hold_expiry import end_holds_due
from wattline.operations.network_hours import roll_up_hours, roll_up_late
from wattline.operations.payment_events import forget_events
from wattline.operations.power_rollup import roll_up_power
from wattline.operations.public_hours import AT_ONCE as HOURS_AT_ONCE
from wattline.operations.public_hours import follow_public_hours
from wattline.operations.refill_outcomes import follow_refills
from wattline.operations.running_costs import AT_ONCE as COSTS_AT_ONCE
from wattline.operations.running_costs import look_at_due
from wattline.operations.tariff_publication import publish_ahead
from wattline.operations.webhook_entries import forget_old_entries
from wattline.operations.withdrawals import withdraw_due
from wattline.settings import Settings

# Providers try for three days to deliver an event; people who look into a payment come later.
PAYMENT_EVENTS_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What a job works with."""

    database: Database
    settings: Settings
    chance: Chance


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do again and again. It must not mind being done twice, or by two servers at once."""

    name: str
    every: timedelta
    do: Callable[[Shift, datetime], Awaitable[None]]


async def run_due_timers(shift: Shift, now: datetime) -> None:
    """Starts that never began, stops without a last reading, reservations that ran out, charges gone silent."""
    while await timers.run_due(shift.database, now=now):
        pass


async def expire_holds(shift: Shift, now: datetime) -> None:
    """Give back money that was reserved for longer than was agreed."""
    while await end_holds_due(shift.database, now=now):
        pass


async def watch_running_costs(shift: Shift, now: datetime) -> None:
    """Price running charges, and stop those that would cost more than is held."""
    while await look_at_due(shift.database, now=now) == COSTS_AT_ONCE:
        pass


async def fill_wallets(shift: Shift, now: datetime) -> None:
    """Take on fillings whose card has answered, and ask the cards of wallets that fill themselves."""
    await follow_refills(shift.database, now=now)
    while await refill_due(shift.database, now=now):
        pass


async def follow_cards(shift: Shift, now: datetime) -> None:
    """Let charges begin whose card holds money, call off those whose card refused; book what banks took back."""
    await follow_card_payments(shift.database, now=now)
    await follow_disputes(shift.database, now=now)


async def secure_cards(shift: Shift, now: datetime) -> None:
    """Take what long charges cost before their card's bank lets go of the money."""
    await secure_ending_holds(shift.database, now=now)


async def collect_debts(shift: Shift, now: datetime) -> None:
    """Take what is owed out of wallets that money came into other than by a deposit, which sees to it itself."""
    while await debt_rounds.collect_due(shift.database, now=now) == debt_rounds.AT_ONCE:
        pass


async def work_out_costs(shift: Shift, now: datetime) -> None:
    """Work out what charges cost their owners for which the market's price was not known."""
    while await charge_costs.look_at_due(shift.database, now=now) == charge_costs.AT_ONCE:
        pass


async def withdraw_monthly(shift: Shift, now: datetime) -> None:
    """Send what is in wallets to their bank accounts, on the first working day, where somebody wants that."""
    while await withdraw_due(shift.database, now=now):
        pass


async def publish_tariffs(shift: Shift, now: datetime) -> None:
    """Keep the prices of tariffs known for the weeks to come."""
    await publish_ahead(shift.database, now=now)


async def work_on_fleet_orders(shift: Shift, now: datetime) -> None:
    """Bring every order for many charge points a step further."""
    means = Means(database=shift.database, pepper=shift.settings.pepper, random=token_bytes)
    while await step(means, now=now):
        pass


async def forget_fleet_orders(shift: Shift, now: datetime) -> None:
    """Delete orders for many charge points that are old enough, and files nobody applied."""
    await forget_orders(shift.database, now=now)


async def turn_public_or_private(shift: Shift, now: datetime) -> None:
    """Let charge points be public or private as their hours say."""
    while await follow_public_hours(shift.database, now=now) == HOURS_AT_ONCE:
        pass


async def bury_dead_gateways(shift: Shift, now: datetime) -> None:
    """Let go of the charge points of a gateway that fell silent."""
    await gateways.bury_dead(shift.database, now=now)


async def roll_up(shift: Shift, now: datetime) -> None:
    """Work out the ten-minute power steps that new readings belong to."""
    while await roll_up_power(shift.database, now=now):
        pass


async def roll_up_network(shift: Shift, now: datetime) -> None:
    """Work out the hours that the first page is drawn from."""
    while await roll_up_hours(shift.database, now=now):
        pass


async def roll_up_latecomers(shift: Shift, now: datetime) -> None:
    """Work out the last day's hours again, for what charge points told late."""
    await roll_up_late(shift.database, now=now)


async def look_for_problems(shift: Shift, now: datetime) -> None:
    """Find charge points without contact, with a fault, with a meter that stands still."""
    await problems.look_at_states(shift.database, now=now)


async def look_for_failing_starts(shift: Shift, now: datetime) -> None:
    """Find charge points at which too many starts fail."""
    await problems.look_at_starts(shift.database, now=now)


async def heal_charge_points(shift: Shift, now: datetime) -> None:
    """Restart charge points that are stuck, where their operator wants that."""
    await self_heals.heal(shift.database, now=now)


async def keep_partitions(shift: Shift, now: datetime) -> None:
    """Make the partitions of the days to come, drop those whose time is over."""
    async with shift.database.begin() as tx:
        await partitions.make(tx, now=now)
        await partitions.drop_old(tx, now=now, retention=shift.settings.retention)


async def forget_facts(shift: Shift, now: datetime) -> None:
    """Delete facts that everybody has heard."""
    while await forget_old_facts(shift.database, now=now) == FACTS_PER_STEP_MAX:
        pass


async def forget_webhooks(shift: Shift, now: datetime) -> None:
    """Give up webhook entries nobody took for a day, delete those listed long enough."""
    await forget_old_entries(shift.database, rules=shift.settings.webhooks, now=now)


async def forget_payment_events(shift: Shift, now: datetime) -> None:
    """Delete what payment providers told us so long ago that they cannot repeat it."""
    await forget_events(shift.database, before=now - PAYMENT_EVENTS_KEPT)


async def forget_tokens(shift: Shift, now: datetime) -> None:
    """Delete expired tokens, sessions and handshakes."""
    await forget_expired(shift.database, now=now)


SCHEDULE = (
    Job("due timers", timedelta(seconds=1), run_due_timers),
    Job("expired holds", timedelta(seconds=1), expire_holds),
    Job("running costs", timedelta(seconds=5), watch_running_costs),
    Job("wallets to fill", timedelta(seconds=1), fill_wallets),
    Job("cards that answered", timedelta(seconds=1), follow_cards),
    Job("card holds that end", timedelta(minutes=1), secure_cards),
    Job("debts", timedelta(seconds=5), collect_debts),
    Job("costs of charges", timedelta(minutes=1), work_out_costs),
    Job("monthly withdrawals", timedelta(minutes=10), withdraw_monthly),
    Job("tariff prices", timedelta(minutes=10), publish_tariffs),
    Job("orders for many charge points", timedelta(seconds=1), work_on_fleet_orders),
    Job("old orders for many charge points", timedelta(hours=1), forget_fleet_orders),
    Job("public hours", timedelta(seconds=1), turn_public_or_private),
    Job("dead gateways", timedelta(seconds=5), bury_dead_gateways),
    Job("power steps", timedelta(minutes=1), roll_up),
    Job("hours of networks", timedelta(seconds=30), roll_up_network),
    Job("late hours of networks", timedelta(hours=1), roll_up_latecomers),
    Job("problems", timedelta(seconds=15), look_for_problems),
    Job("failing starts", timedelta(minutes=10), look_for_failing_starts),
    Job("self-heal", timedelta(minutes=3), heal_charge_points),
    Job("partitions", timedelta(hours=1), keep_partitions),
    Job("old facts", timedelta(minutes=10), forget_facts),
    Job("old webhook entries", timedelta(minutes=10), forget_webhooks),
    Job("old payment events", timedelta(hours=1), forget_payment_events),
    Job("expired tokens", timedelta(hours=1), forget_tokens),
)
