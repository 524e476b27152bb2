"""`wattline emulator`: be one charge point, or thousands, and drive those that run."""

import logging
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated

import msgspec
import structlog
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from wattline.emulator.clock import Clock
from wattline.emulator.demo_file import BadFile, Demo, read_auth_file, read_demo
from wattline.emulator.fleet import Fleet
from wattline.emulator.habits import Guest, Habit
from wattline.emulator.hardware import HARDWARE, Hardware
from wattline.emulator.interceptor import Interceptor, Rule
from wattline.emulator.quirks import MEANINGS, Quirk
from wattline.emulator.remote_control import REMOTE_COMMANDS, SaidNo
from wattline.emulator.runner import CannotListen, RunOptions, run_until_stopped

GATEWAY = "ws://127.0.0.1:8410/ocpp"
# Of more charge points than this, only what goes wrong is logged.
TALKATIVE_MAX = 50

emulator = App(name="emulator", help="Be one charge point in software, or thousands.")


class BadArgument(Exception):
    """The command line makes no sense; the text says why."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Running:
    """Options of every emulator that runs."""

    control_port: int = 8420
    """Port for commands on this machine; 0 takes any free one, -1 opens none."""
    control_host: str = "127.0.0.1"
    """Which of this machine's own addresses the control port has."""
    control_descriptor: int | None = None
    """File descriptor of a listening socket the caller opened; it takes the place of host and port."""
    interceptor: Path | None = None
    """A JSON file of rules that drop, delay, double, edit, answer or reject frames."""
    state: Path | None = None
    """Keep meter registers and open transactions in this file."""
    speed: float = 1.0
    """Let the charge point's time run so many times as fast."""
    seed: int = 1
    """Decides everything that is left to chance."""
    until_stdin_closes: Annotated[bool, Parameter(negative="")] = False
    """End when standard input ends."""
    quiet: Annotated[bool, Parameter(negative="")] = False
    """Tell only what goes wrong, not who connects."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Kind:
    """What kind of charge point it is."""

    connectors: int = 2
    """How many connectors it has."""
    model: str = "ac-22"
    """Its hardware; see `wattline emulator models`."""
    quirk: tuple[str, ...] = ()
    """What it does differently from the rules; see `wattline emulator quirks`. May be given many times."""
    meter_interval: int = 60
    """Seconds between two readings of a transaction."""


@dataclass(frozen=True, slots=True)
class Drivers:
    """What people do by themselves, and the keys they hold to the reader."""

    habit: str
    id_tags: tuple[str, ...]


RUNNING, KIND = Running(), Kind()


@emulator.command
def run(
    *, identity: str, password: str | None = None, url: str = GATEWAY, kind: Kind = KIND, running: Running = RUNNING
) -> int:
    """Be one charge point."""

    def fill(fleet: Fleet) -> None:
        _add(fleet, identity, password, url, kind)

    return _run(running, fill, per_second=1)


@emulator.command
def fleet(
    *,
    demo: Path | None = None,
    auth_file: Path | None = None,
    count: int | None = None,
    url: str = GATEWAY,
    ramp: float = 300.0,
    habit: str = "none",
    id_tag: tuple[str, ...] = (),
    kind: Kind = KIND,
    running: Running = RUNNING,
) -> int:
    """Be many charge points: those of a demo, or the identity:password lines of a file.

    Parameters
    ----------
    demo: A demo's file; it says everything but how to run.
    auth_file: Lines of identity:password, as `wattline charge-points create --auth-file` writes them.
    count: Use only so many of the lines.
    ramp: Connect so many charge points a second.
    habit: What drivers do at every connector by themselves: none, waiting, plugged, busy, quiet, suspended or faulted.
    id_tag: The key they hold to the reader. May be given many times.
    """
    if (demo is None) == (auth_file is None):
        return _complain("give either --demo or --auth-file")
    return _run(
        running, lambda made: _fill(made, demo, auth_file, count, url, Drivers(habit, id_tag), kind), per_second=ramp
    )


def models() -> None:
    """List what --model accepts."""
    table = Table("Model", "Current", "Power kW", "Phases", "Ampere")
    for name, hardware in HARDWARE.items():
        power = f"{hardware.power_w_max / 1000:g}"
        table.add_row(name, hardware.current, power, str(hardware.phases), str(hardware.current_a_max))
    Console().print(table)


def quirks() -> None:
    """List what --quirk accepts: what real charge points do differently."""
    table = Table("Quirk", "What it does")
    for quirk, meaning in MEANINGS.items():
        table.add_row(quirk, meaning.sentence)
    Console().print(table)


emulator.command(models)
emulator.command(quirks)


def _asking(command: Callable[..., None]) -> Callable[..., int]:
    """Turn a running emulator's no into one sentence and an exit status."""

    @wraps(command)
    def ask(*arguments: object, **options: object) -> int:
        try:
            command(*arguments, **options)
        except SaidNo as no:
            return _complain(str(no), status=1)
        return 0

    return ask


for name, command in REMOTE_COMMANDS.items():
    emulator.command(_asking(command), name=name)


def _fill(
    fleet: Fleet, demo: Path | None, auth_file: Path | None, count: int | None, url: str, drivers: Drivers, kind: Kind
) -> None:
    if demo is not None:
        _add_demo(fleet, read_demo(demo))
    if auth_file is not None:
        lines = read_auth_file(auth_file)
        for identity, password in lines[:count]:
            _add(fleet, identity, password, url, kind)
            _add_guests(fleet, identity, drivers, kind)


def _add(fleet: Fleet, identity: str, password: str | None, url: str, kind: Kind) -> None:
    if identity in fleet.stations:
        raise BadArgument(f"there are two charge points {identity}")
    fleet.add(
        identity,
        url=url,
        password=password,
        hardware=_hardware(kind.model),
        connectors=kind.connectors,
        quirks=_quirks(kind.quirk),
        changed_keys={"MeterValueSampleInterval": str(kind.meter_interval)},
    )


def _add_guests(fleet: Fleet, identity: str, drivers: Drivers, kind: Kind) -> None:
    if drivers.habit == "none":
        return
    if drivers.habit not in set(Habit):
        raise BadArgument(f"there is no habit {drivers.habit}; known are none, {', '.join(Habit)}")
    station = fleet.stations[identity]
    for number in range(1, kind.connectors + 1):
        station.visitors.append(Guest(station.box, number, Habit(drivers.habit), drivers.id_tags, fleet.new_chance()))


def _add_demo(fleet: Fleet, demo: Demo) -> None:
    for box in demo.charge_points:
        kind = Kind(
            connectors=max(connector.connector_id for connector in box.connectors),
            model=box.model,
            quirk=tuple(box.quirks),
            meter_interval=demo.meter_interval_seconds,
        )
        _add(fleet, box.identity, box.password, demo.url, kind)
        station = fleet.stations[box.identity]
        for connector in box.connectors:
            guest = Guest(station.box, connector.connector_id, connector.habit, box.id_tags, fleet.new_chance())
            station.visitors.append(guest)


def _hardware(model: str) -> Hardware:
    if model not in HARDWARE:
        raise BadArgument(f"there is no model {model}; known are {', '.join(HARDWARE)}")
    return HARDWARE[model]


def _quirks(codes: tuple[str, ...]) -> list[Quirk]:
    unknown = [code for code in codes if code not in set(Quirk)]
    if unknown:
        raise BadArgument(f"there is no quirk {unknown[0]}; `wattline emulator quirks` lists them")
    return [Quirk(code) for code in codes]


def _run(running: Running, fill: Callable[[Fleet], None], *, per_second: float) -> int:
    if running.speed <= 0 or per_second <= 0:
        return _complain("--speed and --ramp are above 0")
    try:
        interceptor = Interceptor(_rules(running.interceptor))
        chance = random.Random(running.seed)  # noqa: S311 - plays a part, guards nothing
        made = Fleet(clock=Clock.from_now(speed=running.speed), chance=chance, interceptor=interceptor)
        fill(made)
    except (BadArgument, BadFile) as bad:
        return _complain(str(bad))
    _set_up_log(talkative=not running.quiet and len(made.stations) <= TALKATIVE_MAX)
    options = RunOptions(
        control_host=running.control_host,
        control_port=None if running.control_port < 0 else running.control_port,
        control_descriptor=running.control_descriptor,
        state=running.state,
        per_second=per_second,
        until_stdin_closes=running.until_stdin_closes,
    )
    try:
        run_until_stopped(made, options)
    except CannotListen as cannot:
        return _complain(str(cannot), status=1)
    return 0


def _rules(path: Path | None) -> list[Rule]:
    if path is None:
        return []
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Rule])
    except (OSError, msgspec.DecodeError) as error:
        raise BadFile(f"{path}: {error}") from None


def _set_up_log(*, talkative: bool) -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO if talkative else logging.WARNING),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )


def _complain(why: str, *, status: int = 2) -> int:
    print(f"wattline emulator: {why}", file=sys.stderr)
    return status
