"""A server of the benchmark's own: fresh folder, no demo, charge points and a credential made by the command line."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

COMMAND = [sys.executable, "-m", "wattline.main"]


@dataclass(frozen=True)
class BenchServer:
    """Where the server is."""

    pid: int
    data: Path
    web: str
    ocpp: str

    def command(self, *arguments: str) -> Any:
        """Run one of the command line's verbs; return its JSON."""
        done = subprocess.run(
            [*COMMAND, *arguments, "--data", str(self.data), "--json"], check=True, stdout=subprocess.PIPE
        )
        return json.loads(done.stdout)

    def charge_points(self, count: int, prefix: str = "LOAD") -> list[tuple[str, str]]:
        """Make charge points; return identities with passwords."""
        file = self.data / f"{prefix}.auth"
        self.command("charge-points", "create", "--count", str(count), "--prefix", prefix, "--auth-file", str(file))
        pairs = (line.partition(":") for line in file.read_text().splitlines())
        return [(identity, password) for identity, _, password in pairs]

    @contextmanager
    def api(self) -> Iterator[httpx.Client]:
        """Lend a client that is logged in to the Partner API with every right and no limit worth naming."""
        key = self.command("api-key", "create", "--rate-limit", "100000000")
        credentials = {"clientId": key["clientId"], "clientSecret": key["clientSecret"]}
        with httpx.Client(base_url=f"{self.web}/api/v1", timeout=30) as client:
            answer = client.post("/auth/token", json=credentials).raise_for_status().json()
            client.headers["Authorization"] = f"Bearer {answer['accessToken']}"
            yield client

    def charge_key(self, identifier: str) -> str:
        """Make a charge key that every charge point accepts."""
        with self.api() as api:
            team = api.get("/teams").raise_for_status().json()["data"][0]["id"]
            new = {"teamId": team, "type": "rfid", "identifier": identifier, "name": "bench"}
            api.post("/charge-auth-tokens", json=new).raise_for_status()
        return identifier


@contextmanager
def bench_server(*options: str) -> Iterator[BenchServer]:
    """Run a server for the length of a block, then throw its data away."""
    data = Path(tempfile.mkdtemp(prefix="wattline-bench-", dir="/tmp"))
    data.chmod(0o711)
    environment = {**os.environ, "WATTLINE_LOG_LEVEL": "warning"}
    process = subprocess.Popen(
        [*COMMAND, "serve", "--no-demo", "--port", "0", "--ocpp-port", "0", "--data", str(data), *options],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    try:
        said = dict(_places(process.stdout))
        yield BenchServer(process.pid, data, said["Portal"], said["Charge points"].removesuffix("/IDENTITY"))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        shutil.rmtree(data, ignore_errors=True)


def _places(lines: Iterator[str] | Any) -> Iterator[tuple[str, str]]:
    for line in lines:
        if line.strip() == "ready":
            return
        name, _, value = line[2:].partition("  ")
        yield name.strip(), value.strip()
    raise RuntimeError("The server ended before it was ready.")
