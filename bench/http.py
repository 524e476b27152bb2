"""What the Partner API's two hottest requests take: GET /charges/{id} and POST /charges, 50 each second.

./dev bench http [--quick]     beside an emulated charge point per start, so that every POST really starts a charge;
the last row is a bare handler in the same run: the floor
"""

import asyncio
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import httpx
from bench.rig.http_floor import Floor, http_floor
from bench.rig.processes import Cost, cost_of, costs
from bench.rig.server import COMMAND, BenchServer, bench_server
from bench.rig.table import keep, show
from cyclopts import App, Parameter

RATE = 50.0
PARTS = ("web", "postgres", "gateway", "worker")

app = App(help=__doc__)


@dataclass
class Answers:
    """What one kind of request took, in milliseconds, and how it was answered."""

    milliseconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def percentile(self, share: float) -> float:
        """Return what this share of the answers stayed below."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@app.default
def run(*, quick: Annotated[bool, Parameter(help="A few seconds only.")] = False) -> None:
    """Measure both and show them."""
    seconds = 4.0 if quick else 20.0
    with bench_server() as server, emulated(server, round(RATE * seconds)) as charge_point_ids:
        rows = asyncio.run(measure(server, charge_point_ids, seconds))
    with http_floor() as floor:
        rows.append(asyncio.run(measure_floor(floor, seconds)))
    show("Partner API", rows)
    print(keep("http", {"requests": rows}))


async def measure(server: BenchServer, charge_point_ids: list[int], seconds: float) -> list[dict[str, object]]:
    """Start a charge at each charge point, then read charges."""
    with server.api() as logged_in:
        headers = {"Authorization": logged_in.headers["Authorization"]}
        team = logged_in.get("/teams").raise_for_status().json()["data"][0]["id"]
    async with httpx.AsyncClient(base_url=f"{server.web}/api/v1", headers=headers, timeout=30) as api:
        started: list[int] = []

        async def start(number: int) -> httpx.Response:
            wanted = {"chargePointId": charge_point_ids[number % len(charge_point_ids)], "payingTeamId": team}
            answer = await api.post("/charges", json=wanted)
            if answer.is_success:
                started.append(answer.json()["id"])
            return answer

        async def read(number: int) -> httpx.Response:
            return await api.get(f"/charges/{started[number % len(started)]}")

        await read_token_once(api)
        look = partial(costs, server.pid)
        rows = [await row(look, "POST /charges", start, seconds)]
        rows.append(await row(look, "GET /charges/{id}", read, seconds))
    return rows


async def measure_floor(floor: Floor, seconds: float) -> dict[str, object]:
    """Read from a handler that does nothing."""
    async with httpx.AsyncClient(base_url=floor.web, timeout=30) as client:
        await client.get("/bare")
        return await row(lambda: {"web": cost_of(floor.pid)}, "bare handler", lambda _: client.get("/bare"), seconds)


async def read_token_once(api: httpx.AsyncClient) -> None:
    """Open a connection, so that the first measured request finds one."""
    (await api.get("/auth/me")).raise_for_status()


async def row(
    look: Callable[[], Mapping[str, Cost]],
    what: str,
    request: Callable[[int], Awaitable[httpx.Response]],
    seconds: float,
) -> dict[str, object]:
    """Send a kind of request at an even rate, whether the earlier ones are answered or not."""
    answers = Answers()
    before = look()
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def one(number: int) -> None:
        at = perf_counter()
        answer = await request(number)
        answers.milliseconds.append((perf_counter() - at) * 1_000)
        answers.statuses[answer.status_code] += 1

    tasks = []
    for number in range(round(RATE * seconds)):
        await asyncio.sleep(max(0.0, began + number / RATE - loop.time()))
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)
    after = look()
    spent = {part: after[part].cpu_s - before[part].cpu_s if part in after else 0.0 for part in PARTS}
    return {
        "what": what,
        "requests": len(tasks),
        "p50 ms": answers.percentile(0.50),
        "p95 ms": answers.percentile(0.95),
        "p99 ms": answers.percentile(0.99),
        **{f"{part} CPU ms": 1_000 * cpu / len(tasks) for part, cpu in spent.items()},
        "statuses": str(dict(answers.statuses)),
    }


@contextmanager
def emulated(server: BenchServer, count: int) -> Iterator[list[int]]:
    """Connect emulated charge points for the length of a block; lend their ids."""
    with tempfile.TemporaryDirectory(prefix="wattline-bench-") as folder:
        file = Path(folder) / "auth"
        made: list[dict[str, Any]] = server.command(
            "charge-points", "create", "--count", str(count), "--prefix", "HTTP", "--auth-file", str(file)
        )
        fleet = ["emulator", "fleet", "--url", server.ocpp, "--auth-file", str(file), "--connectors", "1"]
        options = ["--ramp", "200", "--control-port", "-1", "--quiet"]
        process = subprocess.Popen([*COMMAND, *fleet, *options], stdout=subprocess.DEVNULL)
        try:
            until_connected(server, count)
            yield [box["ids"][0] for box in made]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def until_connected(server: BenchServer, count: int) -> None:
    """Wait until every emulated charge point has its connection."""
    while (connected := server.command("status")["charge_points_connected"]) < count:
        print(f"{connected} of {count} connected", file=sys.stderr)


if __name__ == "__main__":
    app()
