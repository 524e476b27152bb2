"""What an owner sees of `wattline serve`: it starts, says where things are, survives crashes, and stops whole."""

import asyncio
import os
import socket
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec

from tests.journeys.server import RunningServer, children_of, running, start, wattline
from tests.waiting import eventually


async def test_the_demo_can_be_used_with_nothing_but_its_file(data_directory: Path) -> None:
    path = data_directory / "demo.json"
    async with running(data_directory) as server:
        assert path.stat().st_mode & 0o777 == 0o600
        demo = msgspec.json.decode(path.read_bytes())
        assert (demo["web"], demo["ocpp"]) == (server.web, server.ocpp)
        assert [point["emulated"] for point in demo["chargePoints"]].count(False) == 2
        async with httpx.AsyncClient(base_url=f"{demo['web']}/api/v1") as api:
            token = (await api.post("/auth/token", json=demo["api"])).json()["accessToken"]
            api.headers["Authorization"] = f"Bearer {token}"
            await eventually(partial(all_emulated_connected, api, demo))
            past = (await api.get("/charges", params={"state": "completed"})).json()
            assert past["meta"]["totalItemCount"] > 100
            boots = 'wattline_ocpp_calls_total{action="BootNotification",direction="received",gateway="'
            await eventually(partial(is_measured, server, boots))
            assert await is_measured(server, 'wattline_database_connections{state="idle"}')
            assert await is_measured(server, '{method="GET",route="/api/v1/charges",status="200"}')
    async with running(data_directory) as server:
        again = msgspec.json.decode(path.read_bytes())
    assert again["web"] == server.web
    assert {key: again[key] for key in ("portal", "api", "chargePoints")} == {
        key: demo[key] for key in ("portal", "api", "chargePoints")
    }


async def test_a_demo_that_was_broken_off_is_made_anew(data_directory: Path, database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    async with connection.transaction():
        await connection.execute("lock table users")
        first = await asyncio.create_subprocess_exec(
            *wattline("serve", "--port", "0", "--ocpp-port", "0", "--data", str(data_directory)),
            env={**os.environ, "DATABASE_URL": database_url},
        )
        await eventually(lambda: connection.fetchval(WAITS_FOR_USERS), within_seconds=30)
        first.kill()
        await first.wait()
    await connection.close()
    async with running(data_directory, DATABASE_URL=database_url) as server:
        assert (await server.command("status"))["charge_points"] == 10
        demo = msgspec.json.decode((data_directory / "demo.json").read_bytes())
        async with httpx.AsyncClient(base_url=f"{server.web}/api/v1") as api:
            assert (await api.post("/auth/token", json=demo["api"])).status_code == 200


WAITS_FOR_USERS = "select exists (select from pg_locks where relation = 'users'::regclass and not granted)"


async def all_emulated_connected(api: httpx.AsyncClient, demo: dict[str, list[dict[str, object]]]) -> Any:
    points = (await api.get("/charge-points", params={"perPage": 100})).json()["data"]
    states = {point["id"]: point["state"] for point in points}
    return all((states[each["id"]] != "disconnected") == each["emulated"] for each in demo["chargePoints"])


async def test_a_second_server_on_the_same_folder_is_refused_and_ctrl_c_stops_the_first(data_directory: Path) -> None:
    server = await start(data_directory, "--no-demo")
    told = await refused("--data", str(data_directory), "--port", "0", "--ocpp-port", "0")
    assert f"process {server.process.pid}" in told
    assert "--data DIR" in told
    processes = [server.part("postgres"), *children_of(server.process.pid)]
    assert len(processes) >= 4
    assert await server.stop() == 0
    assert [pid for pid in processes if alive(pid)] == []


async def test_nothing_of_ours_outlives_a_killed_server_but_the_data(data_directory: Path) -> None:
    server = await start(data_directory, "--no-demo")
    await server.command("users", "create", "someone@wattline.example")
    parts = [server.part(name) for name in ("gateway", "web", "worker")]
    server.process.kill()
    await server.process.wait()
    await eventually(lambda: not any(alive(pid) for pid in parts))
    async with running(data_directory, "--no-demo") as server:
        again = await asyncio.create_subprocess_exec(
            *wattline("users", "create", "someone@wattline.example", "--data", str(data_directory)),
            stderr=asyncio.subprocess.PIPE,
        )
        _, told = await again.communicate()
    assert b"has an account already" in told


async def test_each_part_that_dies_is_started_again(data_directory: Path) -> None:
    async with running(data_directory, "--no-demo") as server:
        for part in ("gateway", "web", "worker", "postgres"):
            before = server.part(part)
            server.kill(part)
            await eventually(partial(lives_again, server, part, before), within_seconds=60)
            await eventually(partial(is_ready, server), within_seconds=60)


def lives_again(server: RunningServer, part: str, before: int) -> bool:
    try:
        return server.part(part) != before
    except (LookupError, FileNotFoundError):
        return False


async def is_measured(server: RunningServer, sample: str) -> bool:
    async with httpx.AsyncClient() as client:
        return sample in (await client.get(f"{server.web}/metrics")).text


async def is_ready(server: RunningServer) -> Any:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"{server.web}/health/ready")).status_code == 200
        except httpx.TransportError:
            return False


async def test_a_port_in_use_is_named_with_the_way_out(data_directory: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = await refused("--data", str(data_directory), "--port", "0", "--ocpp-port", str(port))
    assert f"port {port}" in told
    assert "--ocpp-port" in told


async def refused(*options: str) -> str:
    """Start a server that must not start; return what it says."""
    process = await asyncio.create_subprocess_exec(
        *wattline("serve", "--no-demo", *options), stderr=asyncio.subprocess.PIPE
    )
    _, told = await process.communicate()
    assert process.returncode == 1
    return told.decode()


async def test_commands_work_with_and_without_a_running_server(data_directory: Path) -> None:
    async with running(data_directory, "--no-demo") as server:
        (first,) = await server.command("charge-points", "create", "--identity", "ONE", "--connectors", "2")
        assert (await server.command("status"))["charge_points"] == 1
    (second,) = await server.command("charge-points", "create", "--identity", "TWO")
    assert len(first["ids"]) == 2
    assert second["ids"] != first["ids"]
    file = data_directory / "load.auth"
    await server.command("charge-points", "create", "--count", "3", "--prefix", "LOAD", "--auth-file", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert [line.partition(":")[0] for line in file.read_text().splitlines()] == ["LOAD00001", "LOAD00002", "LOAD00003"]


async def test_database_url_takes_the_place_of_the_embedded_postgresql(data_directory: Path, database_url: str) -> None:
    async with running(data_directory, DATABASE_URL=database_url) as server:
        assert (await server.command("status"))["charge_points"] == 10
        assert await is_ready(server)
    assert not (data_directory / "postgres").exists()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
