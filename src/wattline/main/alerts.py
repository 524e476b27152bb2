"""The worker's round for alerts; letters name our own address, which only this layer knows."""

from datetime import datetime, timedelta

from wattline.main.places import web_url
from wattline.operations.alerts import tell_groups
from wattline.settings import Settings
from wattline.timer.schedule import Job, Shift


def alerts_job(settings: Settings) -> Job:
    """Tell groups what is wrong with their charge points."""
    address = web_url(settings)

    async def tell(shift: Shift, now: datetime) -> None:
        while await tell_groups(shift.database, chance=shift.chance, web_url=address, now=now):
            pass

    return Job("alerts", timedelta(seconds=15), tell)
