"""What the gateway costs: CPU per 1,000 calls of every part, latency, memory per connection, saturation, reconnects.

./dev bench ocpp [--quick]     the figures table, beside a floor that only takes frames apart
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import sleep
from typing import Annotated

from bench.rig.generator import Generator, Phase, Plan
from bench.rig.processes import Cost, cost_of, costs
from bench.rig.server import BenchServer, bench_server
from bench.rig.table import keep, show
from cyclopts import App, Parameter

PARTS = ("gateway", "web", "worker", "postgres")
# Charge points redial after random waits; this is how thick the crowd at the door is.
RECONNECTS_PER_SECOND = 400.0
TAG = "04BE7C4004BE7C"


@dataclass(frozen=True)
class Sizes:
    """How much of everything; smaller for a quick look."""

    charge_points: int
    rate: float
    seconds: float
    saturated: int
    memory: int
    reconnect: int


FULL = Sizes(charge_points=1_000, rate=600.0, seconds=60.0, saturated=100, memory=5_000, reconnect=10_000)
QUICK = Sizes(charge_points=200, rate=200.0, seconds=10.0, saturated=50, memory=500, reconnect=500)

app = App(help=__doc__)


@app.default
def run(*, quick: Annotated[bool, Parameter(help="A tenth of everything, for a first look.")] = False) -> None:
    """Measure everything and show it."""
    sizes = QUICK if quick else FULL
    rows = [floor_row(sizes)]
    with bench_server() as server:
        credentials = server.charge_points(max(sizes.charge_points, sizes.memory, sizes.reconnect))
        tag = server.charge_key(TAG)
        rows.append(steady_row(server, credentials[: sizes.charge_points], sizes, tag))
        rows.append(saturated_row(server, credentials[: sizes.saturated], sizes, tag))
        memory = memory_row(server, credentials[: sizes.memory])
        reconnect = reconnect_row(server, credentials[: sizes.reconnect])
    show("Calls", rows)
    show("Connections", [memory, reconnect])
    print(keep("ocpp", {"calls": rows, "connections": [memory, reconnect]}))


def steady_row(server: BenchServer, credentials: list[tuple[str, str]], sizes: Sizes, tag: str) -> dict[str, object]:
    """Measure calls at an even rate from charge points that charge."""
    plan = Plan(
        url=server.ocpp,
        ramp_per_second=200,
        tag=tag,
        seconds_between=len(credentials) / sizes.rate,
        seconds=sizes.seconds,
    )
    with generating(plan, credentials) as generator:
        sleep(5)
        before = costs(server.pid)
        phase = generator.phase("meter")
        return call_row(f"{len(credentials)} charging, {sizes.rate:g} calls/s", phase, before, costs(server.pid))


def saturated_row(server: BenchServer, credentials: list[tuple[str, str]], sizes: Sizes, tag: str) -> dict[str, object]:
    """Measure how many calls are stored and answered when each follows the last answer at once."""
    plan = Plan(url=server.ocpp, ramp_per_second=200, tag=tag, seconds=sizes.seconds / 3)
    with generating(plan, credentials) as generator:
        before = costs(server.pid)
        phase = generator.phase("meter")
        return call_row(f"{len(credentials)} charging, saturated", phase, before, costs(server.pid))


def floor_row(sizes: Sizes) -> dict[str, object]:
    """Measure the echo server under the steady load."""
    process = subprocess.Popen([sys.executable, "-m", "bench.rig.echo_floor"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = f"ws://127.0.0.1:{process.stdout.readline().strip()}/ocpp"
        credentials = [(f"LOAD{number:05d}", "x") for number in range(sizes.charge_points)]
        between = sizes.charge_points / sizes.rate
        plan = Plan(url=url, ramp_per_second=200, seconds_between=between, seconds=sizes.seconds / 3)
        with generating(plan, credentials) as generator:
            before = {"gateway": cost_of(process.pid)}
            phase = generator.phase("meter")
            return call_row("floor: an echo, nothing checked or kept", phase, before, {"gateway": cost_of(process.pid)})
    finally:
        process.kill()


def memory_row(server: BenchServer, credentials: list[tuple[str, str]]) -> dict[str, object]:
    """Measure what an open connection takes in the gateway."""
    before = costs(server.pid)["gateway"]
    with generating(Plan(url=server.ocpp, ramp_per_second=300), credentials) as _:
        sleep(5)
        after = costs(server.pid)["gateway"]
    per_connection = (after.rss_kib - before.rss_kib) / len(credentials)
    return {"what": f"{len(credentials)} open", "KiB each": per_connection, "seconds": "", "errors": ""}


def reconnect_row(server: BenchServer, credentials: list[tuple[str, str]]) -> dict[str, object]:
    """Measure how long it takes until all charge points have connected again, booted and reported."""
    generator = Generator(Plan(url=server.ocpp, ramp_per_second=RECONNECTS_PER_SECOND), credentials)
    try:
        phase = generator.phase("connect")
    finally:
        generator.stop()
    what = f"{len(credentials)} reconnect: connect, boot, status x2"
    return {"what": what, "KiB each": "", "seconds": phase.seconds, "errors": str(phase.errors or "")}


@contextmanager
def generating(plan: Plan, credentials: list[tuple[str, str]]) -> Iterator[Generator]:
    """Connect charge points for the length of a block."""
    generator = Generator(plan, credentials)
    try:
        connected = generator.phase("connect")
        if connected.errors:
            print(f"while connecting: {connected.errors}", file=sys.stderr)
        yield generator
    finally:
        generator.stop()


def call_row(what: str, phase: Phase, before: dict[str, Cost], after: dict[str, Cost]) -> dict[str, object]:
    """Put what was seen outside and what it cost inside in one row; CPU seconds per 1,000 answered calls."""
    spent = {part: after[part].cpu_s - before.get(part, Cost(0.0, 0)).cpu_s for part in after}
    per_1000 = {part: 1_000 * seconds / max(1, phase.answered) for part, seconds in spent.items()}
    return {
        "what": what,
        "calls/s": round(phase.answered / phase.seconds),
        "p50 ms": phase.percentile(0.50),
        "p95 ms": phase.percentile(0.95),
        "p99 ms": phase.percentile(0.99),
        "skipped": phase.skipped,
        **{f"{part} s/1000": per_1000.get(part, 0.0) for part in PARTS},
        "all s/1000": sum(per_1000.values()),
        "errors": str(phase.errors or ""),
    }


if __name__ == "__main__":
    app()
