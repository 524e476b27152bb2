"""`wattline emulator` as people use it: whole processes, real signals, real files."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ocpp.emulator.tiny_central import tiny_central
from tests.waiting import eventually

PROGRAM = [sys.executable, "-c", "from wattline.emulator.command_line import emulator; emulator()"]
SOURCE = Path(__file__).parents[3] / "src"


@contextmanager
def emulator(*arguments: str, stdin: int = subprocess.DEVNULL) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Start an emulator on a free control port; yield the process and the port's address."""
    process = subprocess.Popen(
        [*PROGRAM, *arguments, "--control-port", "0"],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=_environment(),
    )
    assert process.stdout is not None
    try:
        ready = re.search(r"http://\S+", process.stdout.readline())
        assert ready is not None
        yield process, ready[0]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        if process.stdin is not None:
            process.stdin.close()


def ask(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run one command to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments], capture_output=True, text=True, env=_environment(), timeout=120, check=False
    )


async def told(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run one command while the central system of the test goes on answering."""
    return await asyncio.to_thread(ask, *arguments)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)}


async def test_one_charge_point_is_driven_from_the_command_line() -> None:
    async with tiny_central({"CP-1": "secret"}) as central:
        options = ("--url", central.url, "--identity", "CP-1", "--password", "secret", "--quirk", "F7", "--quirk", "B6")
        with emulator("run", *options) as (process, control):
            await eventually(lambda: "CP-1" in central.connected)
            plugged = await told(
                "plug", "CP-1", "--connector", "2", "--soc-percent", "70", "--control", control, "--json"
            )
            [box] = json.loads(plugged.stdout)
            assert box["connectors"][1]["soc"] == 70
            assert "CP-1" in (await told("list", "--control", control)).stdout
            refused = await told("unplug", "CP-1", "--control", control)
            assert (refused.returncode, "nothing is plugged" in refused.stderr) == (1, True)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 10) == 0
            await eventually(lambda: not central.connected)


async def test_a_fleet_connects_and_a_demo_is_alive(tmp_path: Path) -> None:
    async with tiny_central() as central:
        lines = tmp_path / "auth.txt"
        lines.write_text("".join(f"LOAD-{number}:pw\n" for number in range(30)))
        drivers = ("--habit", "busy", "--id-tag", "04A1B2C3", "--speed", "20")
        with emulator("fleet", "--auth-file", str(lines), "--count", "20", "--url", central.url, *drivers):
            await eventually(lambda: len(central.connected) == 20)
            await eventually(lambda: len(central.payloads("StartTransaction")) == 40)
            assert {start["idTag"] for start in central.payloads("StartTransaction")} == {"04A1B2C3"}
        await eventually(lambda: not central.connected)
        demo = {
            "url": central.url,
            "seed": 7,
            "chargePoints": [
                {
                    "identity": "DEMO-1",
                    "password": "pw",
                    "model": "ac-22",
                    "connectors": [{"connectorId": 1, "habit": "waiting"}, {"connectorId": 2, "habit": "plugged"}],
                    "idTags": ["04A1B2C3"],
                }
            ],
        }
        file = tmp_path / "demo.json"
        file.write_text(json.dumps(demo))
        with emulator("fleet", "--demo", str(file), "--speed", "20"):
            await eventually(
                lambda: any(said["status"] == "Preparing" for said in central.payloads("StatusNotification"))
            )


async def test_the_emulator_ends_with_whoever_started_it() -> None:
    async with tiny_central() as central:
        options = ("--url", central.url, "--identity", "CP-1", "--until-stdin-closes")
        with emulator("run", *options, stdin=subprocess.PIPE) as (process, _):
            await eventually(lambda: "CP-1" in central.connected)
            assert process.stdin is not None
            process.stdin.close()
            assert await asyncio.to_thread(process.wait, 10) == 0
            await eventually(lambda: not central.connected)


async def test_what_was_charging_is_ended_after_a_restart(tmp_path: Path) -> None:
    state = str(tmp_path / "state.json")
    async with tiny_central() as central:
        options = ("--url", central.url, "--identity", "CP-1", "--state", state, "--speed", "50")
        with emulator("run", *options) as (process, control):
            await eventually(lambda: len(central.payloads("StatusNotification")) == 3)
            await told("plug", "CP-1", "--control", control)
            await told("tap", "CP-1", "04A1B2C3", "--control", control)
            await eventually(lambda: central.payloads("MeterValues"))
            process.send_signal(signal.SIGINT)
            assert await asyncio.to_thread(process.wait, 10) == 0
        last_wh = int(central.payloads("MeterValues")[-1]["meterValue"][0]["sampledValue"][0]["value"])
        with emulator("run", *options):
            [stop] = await eventually(lambda: central.payloads("StopTransaction"))
        assert (stop["transactionId"], stop["reason"]) == (1001, "PowerLoss")
        assert stop["meterStop"] >= last_wh


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("run", "--identity", "X", "--model", "steam"), "no model steam"),
        (("run", "--identity", "X", "--quirk", "Z9"), "no quirk Z9"),
        (("run", "--identity", "X", "--speed", "0"), "above 0"),
        (("run", "--identity", "X", "--interceptor", "/nowhere.json"), "/nowhere.json"),
        (("fleet",), "either --demo or --auth-file"),
        (("fleet", "--auth-file", "/nowhere.txt"), "/nowhere.txt"),
        (("fleet", "--demo", "/nowhere.json"), "/nowhere.json"),
    ],
)
def test_bad_arguments_are_one_sentence(arguments: tuple[str, ...], why: str) -> None:
    said = ask(*arguments)
    assert (said.returncode, why in said.stderr, "Traceback" in said.stderr) == (2, True, False)


def test_bad_files_are_named(tmp_path: Path) -> None:
    auth = tmp_path / "auth.txt"
    auth.write_text("no password here\n")
    assert "lines of identity:password" in ask("fleet", "--auth-file", str(auth)).stderr
    auth.write_text("A:1\nA:2\n")
    assert "two charge points A" in ask("fleet", "--auth-file", str(auth)).stderr
    demo = tmp_path / "demo.json"
    demo.write_text('{"url":"ws://x","chargePoints":[{"identity":"A","connectors":[]}]}')
    assert "$.chargePoints[0].connectors" in ask("fleet", "--demo", str(demo)).stderr


def test_a_taken_or_foreign_control_port_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = ask("run", "--identity", "X", "--control-port", port)
        assert (said.returncode, "cannot open the control port" in said.stderr) == (1, True)
    foreign = ask("run", "--identity", "X", "--control-host", "0.0.0.0")
    assert (foreign.returncode, "only on this machine" in foreign.stderr) == (1, True)


def test_no_emulator_is_said() -> None:
    said = ask("list", "--control", "http://127.0.0.1:9")
    assert (said.returncode, "no emulator answers" in said.stderr) == (1, True)


def test_models_and_quirks_are_listed() -> None:
    assert "dc-150" in ask("models").stdout
    assert "BootNotification" in ask("quirks").stdout
