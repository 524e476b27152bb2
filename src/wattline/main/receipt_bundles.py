"""The worker's part in receipts of a period."""

from datetime import datetime, timedelta

from wattline.documents.bundles import Bindery
from wattline.documents.press import Press
from wattline.main.places import web_url
from wattline.operations.receipt_bundles import forget_bundles
from wattline.settings import Settings
from wattline.timer.schedule import Job, Shift

# Then the worker looks at its clock again.
STEPS_MAX = 20


def receipt_bundles_job(settings: Settings) -> Job:
    """Make the worker's job: put together what was ordered, forget what was kept long enough."""
    press, url = Press(), web_url(settings)

    async def make(shift: Shift, now: datetime) -> None:
        bindery = Bindery(database=shift.database, press=press, pepper=shift.settings.pepper, web_url=url)
        for _ in range(STEPS_MAX):
            if not await bindery.step(now=now):
                break
        await forget_bundles(shift.database, now=now)

    return Job("receipts of a period", timedelta(seconds=2), make)
