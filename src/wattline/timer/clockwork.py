"""Runs the schedule: each job in a loop of its own, so that a slow or failing one delays no other."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from wattline.timer.schedule import Job, Shift

log = structlog.get_logger(__name__)


async def run(shift: Shift, schedule: Sequence[Job], *, clock: Callable[[], datetime]) -> None:
    """Work until cancelled. Every job is done once at the start."""
    async with asyncio.TaskGroup() as jobs:
        for job in schedule:
            jobs.create_task(repeat(job, shift, clock=clock), name=job.name)


async def repeat(job: Job, shift: Shift, *, clock: Callable[[], datetime]) -> None:
    """Do one job for ever. A failure is logged and the job is done again when its time comes."""
    while True:
        try:
            await job.do(shift, clock())
        except Exception:
            log.exception("a job failed and will be done again", job=job.name)
        await asyncio.sleep(job.every.total_seconds())
