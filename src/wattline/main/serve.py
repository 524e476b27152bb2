"""`wattline serve`: everything on one machine, from the database to a line that says `ready`."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from wattline.database import partitions
from wattline.database.connection import Database
from wattline.database.embedded import EmbeddedPostgres
from wattline.database.migrate import migrate
from wattline.main import logs
from wattline.main.announcement import announce
from wattline.main.child import open_free_socket, open_socket
from wattline.main.clock import utc_now
from wattline.main.demo.paper import DemoPaper
from wattline.main.demo.part import emulator_part, open_demo
from wattline.main.environment import as_variables, read_settings
from wattline.main.places import with_database, with_ports
from wattline.main.supervisor import Part, Supervisor
from wattline.operations.reference_data import seed
from wattline.settings import Settings

# The emulator's control port; when it is taken, any free one.
CONTROL_PORT = 8420


def serve(
    *,
    port: Annotated[int | None, Parameter(help="Port of Portal and API, 0 for any free one. [default: 8400]")] = None,
    ocpp_port: Annotated[int | None, Parameter(help="Port for charge points. [default: 8410]")] = None,
    host: Annotated[str | None, Parameter(help="Address to listen on. [default: 127.0.0.1]")] = None,
    data: Annotated[Path | None, Parameter(help="Folder in which everything is kept.")] = None,
    demo: Annotated[bool | None, Parameter(help="Fill an empty folder with a demo. [default: on]")] = None,
) -> None:
    """Run everything on this machine: database, gateway, web and worker. Ctrl-C stops all of it."""
    settings = read_settings(
        os.environ,
        data_directory=data,
        web__port=port,
        ocpp__port=ocpp_port,
        web__host=host,
        ocpp__host=host,
        demo=demo,
    )
    logs.configure(level=settings.log_level, form=settings.log_format, process="serve")
    asyncio.run(run(settings))


async def run(settings: Settings) -> None:
    """Start everything, say `ready`, and keep it alive until SIGTERM or Ctrl-C."""
    stop = stop_signal()
    async with AsyncExitStack() as stack:
        # First of all: a second server on the same folder must hear of that, not of a port that is taken.
        postgres = None
        if settings.database.url is None:
            postgres = EmbeddedPostgres(settings.data_directory)
            settings = with_database(settings, await postgres.start())
            stack.push_async_callback(postgres.stop)
        web = stack.enter_context(open_socket(settings.web.host, settings.web.port, option="--port"))
        ocpp = stack.enter_context(open_socket(settings.ocpp.host, settings.ocpp.port, option="--ocpp-port"))
        settings = with_ports(settings, web=web.getsockname()[1], ocpp=ocpp.getsockname()[1])
        settings, demo, emulator = await fill(settings)
        supervisor = Supervisor()
        stack.push_async_callback(supervisor.stop)
        variables = as_variables(settings)
        await supervisor.start(
            [
                Part(name="gateway", arguments=["gateway"], variables=variables, listener=ocpp),
                Part(name="web", arguments=["web"], variables=variables, listener=web),
                Part(name="worker", arguments=["worker"], variables=variables),
                *emulator,
            ]
        )
        announce(settings, demo)
        await until_over(stop, supervisor, postgres)


async def fill(settings: Settings) -> tuple[Settings, DemoPaper | None, list[Part]]:
    """Bring the database up to date and open the demo, if there is one; return settings that fit it."""
    url = settings.database.url
    assert url is not None
    await migrate(url)
    database = await Database.open(url, connections_max=2)
    try:
        now = utc_now()
        async with database.begin() as tx:
            await partitions.make(tx, now=now)
        await seed(database, now=now)
        # Ours from here on: between asking for a free port and using it another server could take it.
        control = open_free_socket(CONTROL_PORT)
        with_emulator = for_demo(settings, control_port=control.getsockname()[1])
        demo = await open_demo(database, with_emulator)
    finally:
        await database.close()
    if demo is None:
        control.close()
        return settings, None, []
    return with_emulator, demo, [emulator_part(demo, with_emulator, control=control)]


def for_demo(settings: Settings, *, control_port: int) -> Settings:
    """Allow what the demo is for: webhooks to this machine, and the Portal driving its emulated charge points."""
    webhooks = msgspec.structs.replace(settings.webhooks, allow_loopback=True)
    control = f"http://127.0.0.1:{control_port}"
    return msgspec.structs.replace(settings, webhooks=webhooks, emulator_control_url=control)


async def until_over(stop: asyncio.Event, supervisor: Supervisor, postgres: EmbeddedPostgres | None) -> None:
    """Wait for the signal to stop, or for something that cannot be kept alive."""
    ends = [asyncio.create_task(stop.wait()), asyncio.create_task(supervisor.watch())]
    if postgres is not None:
        ends.append(asyncio.create_task(postgres.watch()))
    try:
        done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in ends:
            task.cancel()


def stop_signal() -> asyncio.Event:
    """Return what SIGTERM and Ctrl-C set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
