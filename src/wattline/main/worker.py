"""`wattline worker`: webhooks, payments and mail out, timers, roll-ups and clean-up."""

import asyncio
import os

from wattline.database.connection import Database
from wattline.domain.destinations import Reach
from wattline.mail.carrier import Carrier
from wattline.main import child, logs
from wattline.main.alerts import alerts_job
from wattline.main.clock import utc_now
from wattline.main.connect import url_for_part
from wattline.main.environment import read_settings
from wattline.main.options import Data
from wattline.main.payments import carry_payments
from wattline.main.places import web_url
from wattline.main.receipt_bundles import receipt_bundles_job
from wattline.operations.chance import SystemChance
from wattline.settings import Settings, Webhooks
from wattline.timer import clockwork
from wattline.timer.schedule import SCHEDULE, Shift
from wattline.webhooks.alert_calls import AlertCaller
from wattline.webhooks.delivery import Way
from wattline.webhooks.sender import Sender
from wattline.wire import outward


def worker(*, data: Data = None) -> None:
    """Run only webhooks, timers and clean-up, beside a database that runs already."""
    settings = read_settings(os.environ, data_directory=data)
    logs.configure(level=settings.log_level, form=settings.log_format, process="worker")
    child.run(lambda life: work(settings, life))


async def work(settings: Settings, life: child.Life) -> None:
    """Work until the signal to stop; what is broken off then is done again at the next start."""
    database = await Database.open(url_for_part(settings), connections_max=settings.database.connections_max)
    client = outward.open_client(reach=reach_of(settings.webhooks))
    try:
        way = Way(client=client, rules=settings.webhooks, pepper=settings.pepper, web_url=web_url(settings))
        sender = Sender(database, way, clock=utc_now)
        shift = Shift(database=database, settings=settings, chance=SystemChance())
        schedule = (*SCHEDULE, receipt_bundles_job(settings), alerts_job(settings))
        tasks = [
            asyncio.create_task(sender.run(), name="webhooks"),
            asyncio.create_task(clockwork.run(shift, schedule, clock=utc_now), name="clockwork"),
            asyncio.create_task(life.until_stopped(), name="stop"),
        ]
        caller = AlertCaller(database, way, clock=utc_now)
        tasks.append(asyncio.create_task(caller.run(), name="alerts"))
        tasks.append(asyncio.create_task(carry_payments(database, settings), name="payments"))
        if settings.mail.host:
            carrier = Carrier(database, settings.mail, clock=utc_now)
            tasks.append(asyncio.create_task(carrier.run(), name="mail"))
        life.ready()
        done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        for task in done:
            task.result()
    finally:
        await client.aclose()
        await database.close()


def reach_of(rules: Webhooks) -> Reach:
    """Translate the development settings."""
    if rules.allow_private:
        return Reach.PRIVATE_NETWORKS
    return Reach.THIS_MACHINE if rules.allow_loopback else Reach.PUBLIC
