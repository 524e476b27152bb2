"""`wattline serve`: everything on one machine, from the database to a line that says `ready`."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from wattline.database.embedded import EmbeddedPostgres
from wattline.database.migrate import migrate
from wattline.main import logs, places
from wattline.main.child import open_socket
from wattline.main.environment import as_variables, read_settings
from wattline.main.supervisor import Part, Supervisor
from wattline.settings import Settings


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
    logs.configure(settings, process="serve")
    asyncio.run(run(settings))


async def run(settings: Settings) -> None:
    """Start everything, say `ready`, and keep it alive until SIGTERM or Ctrl-C."""
    stop = stop_signal()
    async with AsyncExitStack() as stack:
        web = stack.enter_context(open_socket(settings.web.host, settings.web.port, what="the Portal"))
        ocpp = stack.enter_context(open_socket(settings.ocpp.host, settings.ocpp.port, what="charge points"))
        settings = with_ports(settings, web=web.getsockname()[1], ocpp=ocpp.getsockname()[1])
        postgres = None
        if settings.database.url is None:
            postgres = EmbeddedPostgres(settings.data_directory)
            settings = with_database(settings, await postgres.start())
            stack.push_async_callback(postgres.stop)
        assert settings.database.url is not None
        await migrate(settings.database.url)
        settings, demo_parts = await with_demo(settings)
        supervisor = Supervisor()
        stack.push_async_callback(supervisor.stop)
        variables = as_variables(settings)
        await supervisor.start(
            [
                Part(name="gateway", arguments=["gateway"], variables=variables, listener=ocpp),
                Part(name="web", arguments=["web"], variables=variables, listener=web),
                Part(name="worker", arguments=["worker"], variables=variables),
            ]
        )
        await supervisor.start([part for part in demo_parts])
        places.announce(settings)
        await until_over(stop, supervisor, postgres)


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


async def with_demo(settings: Settings) -> tuple[Settings, list[Part]]:
    """Make the demo in an empty database, or go on with the one that was made; without it, change nothing."""
    from wattline.main.demo import prepare

    return await prepare(settings)
