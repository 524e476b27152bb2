"""Stages are set up once for all tests: each test plays on a copy of the database in which its stage was built."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tests.conftest import administer, url_of
from wattline.database.connection import Database

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """The name of a database with a stage in it, and what its tests must know of it. Whoever changes that copies it."""

    template: str
    known: T


def tell_once(server_url: str, template: str, name: str, build: Callable[[Database], Awaitable[T]]) -> Told[T]:
    """Build a stage in a database of its own, which then serves as the template for the tests that want this stage."""
    told = f"{template}_{name}"
    known = asyncio.run(_build(server_url, template, told, build))
    return Told(told, known)


async def _build(server_url: str, template: str, told: str, build: Callable[[Database], Awaitable[T]]) -> T:
    await administer(server_url, f"create database {told} template {template} strategy file_copy")
    # A template must have no connections when it is copied.
    database = await Database.open(url_of(server_url, told))
    try:
        return await build(database)
    finally:
        await database.close()
