"""The worker's part that asks payment providers."""

from wattline.database.bus import PostgresBus
from wattline.database.connection import Database
from wattline.main.clock import utc_now
from wattline.main.places import web_url
from wattline.payments.cashier import Cashier
from wattline.payments.providers import providers_for, reach_of
from wattline.settings import Settings
from wattline.wire import outward

CONNECTIONS_MAX = 20


async def carry_payments(database: Database, settings: Settings) -> None:
    """Carry out what payments wait for, until cancelled."""
    rules = settings.payments
    client = outward.open_client(
        reach=reach_of(rules), seconds_max=rules.timeout_seconds, connections_max=CONNECTIONS_MAX
    )
    try:
        providers = providers_for(rules, database, client, clock=utc_now)
        cashier = Cashier(database, providers, clock=utc_now, return_url=f"{web_url(settings)}/payments/done")
        async with PostgresBus(database.url) as bus:
            await cashier.run(bus)
    finally:
        await client.aclose()
