"""Load from several processes: each drives its share of the charge points through connect, meter and goodbye."""

import asyncio
import multiprocessing
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import perf_counter
from urllib.parse import urlsplit

from bench.rig.charge_point import LoadChargePoint, Tally

READY_SECONDS_MAX = 120.0
ANSWER_SECONDS_MAX = 30.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the charge points do; with `tag` each opens a transaction. `seconds_between` calls of one charge point,
    None means that the next call follows the answer at once."""

    url: str
    ramp_per_second: float
    tag: str | None = None
    seconds_between: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Phase:
    """What all generator processes together saw in one phase."""

    answered: int
    skipped: int
    seconds: float
    latencies_ms: list[float]
    errors: dict[str, int]

    def percentile(self, share: float) -> float:
        """Return the latency that this share of the answers stayed below."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Generator:
    """The generator processes, driven phase by phase."""

    def __init__(self, plan: Plan, credentials: Sequence[tuple[str, str]], *, processes: int = 2) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipes: list[Connection] = []
        self._processes = []
        for number in range(processes):
            ours, its = context.Pipe()
            share = list(enumerate(credentials, start=1))[number::processes]
            process = context.Process(target=drive, args=(plan, share, len(share) / len(credentials), its), daemon=True)
            process.start()
            self._pipes.append(ours)
            self._processes.append(process)

    def phase(self, name: str) -> Phase:
        """Let every process do one phase, `connect` or `meter`, and add up what they saw."""
        began = perf_counter()
        for pipe in self._pipes:
            pipe.send(name)
        tallies: list[Tally] = [pipe.recv() for pipe in self._pipes]
        return Phase(
            answered=sum(tally.answered for tally in tallies),
            skipped=sum(tally.skipped for tally in tallies),
            seconds=perf_counter() - began,
            latencies_ms=[latency for tally in tallies for latency in tally.latencies_ms],
            errors=dict(sum((tally.errors for tally in tallies), start=Counter())),
        )

    def stop(self) -> None:
        """Close every connection and end the processes."""
        for pipe in self._pipes:
            pipe.send("stop")
        for process in self._processes:
            process.join(20)


def drive(plan: Plan, share: list[tuple[int, tuple[str, str]]], part: float, pipe: Connection) -> None:
    """Run one generator process."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_drive(plan, share, part, pipe))


async def _drive(plan: Plan, share: list[tuple[int, tuple[str, str]]], part: float, pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    points: list[LoadChargePoint] = []
    while (phase := await loop.run_in_executor(None, pipe.recv)) != "stop":
        if phase == "connect":
            points = await _connect(plan, share, part)
        else:
            await _meter(plan, points)
        pipe.send(_collect(points))
    for point in points:
        point.say_goodbye()
    await asyncio.sleep(0.5)


async def _connect(plan: Plan, share: list[tuple[int, tuple[str, str]]], part: float) -> list[LoadChargePoint]:
    parts = urlsplit(plan.url)
    assert parts.hostname is not None
    assert parts.port is not None
    host, port = parts.hostname, parts.port
    loop = asyncio.get_running_loop()
    began = loop.time()
    points: list[LoadChargePoint] = []
    tasks = []

    async def one(point: LoadChargePoint) -> None:
        try:
            await loop.create_connection(lambda: point, host, port)
            await asyncio.wait_for(asyncio.shield(point.ready), READY_SECONDS_MAX)
        except (OSError, TimeoutError) as error:
            point.tally.errors[type(error).__name__] += 1

    for place, (number, (identity, password)) in enumerate(share):
        await asyncio.sleep(max(0.0, began + place / (plan.ramp_per_second * part) - loop.time()))
        point = LoadChargePoint(parts.netloc, parts.path, identity, password, number=number, tag=plan.tag)
        points.append(point)
        tasks.append(asyncio.create_task(one(point)))
    await asyncio.gather(*tasks)
    return points


async def _meter(plan: Plan, points: list[LoadChargePoint]) -> None:
    live = [point for point in points if not point.lost]
    loop = asyncio.get_running_loop()
    end = loop.time() + plan.seconds
    for point in live:
        if plan.seconds_between is None:
            _as_fast_as_answered(point, end)
        else:
            _every(point, plan.seconds_between, end)
    await asyncio.sleep(plan.seconds)
    deadline = loop.time() + ANSWER_SECONDS_MAX
    while any(point.waiting and not point.lost for point in live) and loop.time() < deadline:
        await asyncio.sleep(0.05)
    for point in live:
        if point.waiting:
            point.tally.errors["no answer"] += 1


def _every(point: LoadChargePoint, seconds: float, end: float) -> None:
    loop = asyncio.get_running_loop()

    def tick() -> None:
        if loop.time() < end and not point.lost:
            point.tick()
            loop.call_later(seconds, tick)

    loop.call_later(random.random() * seconds, tick)


def _as_fast_as_answered(point: LoadChargePoint, end: float) -> None:
    loop = asyncio.get_running_loop()

    def again() -> None:
        if loop.time() < end and not point.lost:
            point.tick()

    point.when_answered = again
    loop.call_later(random.random() * 0.5, again)


def _collect(points: list[LoadChargePoint]) -> Tally:
    """Add up and clear what the charge points counted since the last phase."""
    whole = Tally()
    for point in points:
        whole.answered += point.tally.answered
        whole.skipped += point.tally.skipped
        whole.latencies_ms += point.tally.latencies_ms
        whole.errors += point.tally.errors
        point.tally = Tally()
    return whole
