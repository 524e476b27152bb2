"""The file that tells which charge points a demo emulates, and how each connector is used."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from wattline.emulator.habits import Habit


class BadFile(Exception):
    """A file we were given cannot be read; the text says which and why."""


class DemoConnector(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A connector and its habit."""

    connector_id: Annotated[int, Meta(ge=1)]
    habit: Habit = Habit.WAITING


class DemoBox(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A charge point; `id_tags` are the keys its guests tap."""

    identity: str
    password: str | None = None
    model: str = "ac-22"
    connectors: Annotated[list[DemoConnector], Meta(min_length=1)]
    id_tags: list[str] = []
    quirks: list[str] = []


class Demo(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A whole demo. The seed decides the story; readings come often, so that charts move."""

    url: str
    seed: int = 1
    meter_interval_seconds: Annotated[int, Meta(ge=0)] = 10
    charge_points: list[DemoBox]


def read_demo(path: Path) -> Demo:
    """Read a demo file. Raises BadFile."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Demo)
    except (OSError, msgspec.DecodeError) as error:
        raise BadFile(f"{path}: {error}") from None


def read_auth_file(path: Path) -> list[tuple[str, str]]:
    """Read lines of identity:password, as `wattline charge-points create` writes them. Raises BadFile.

    A password has no colon in it, an identity may.
    """
    try:
        lines = [line.strip() for line in path.read_text().splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"{path}: {error}") from None
    wanted = [line.rpartition(":") for line in lines if line and not line.startswith("#")]
    if not wanted or not all(identity and password for identity, _, password in wanted):
        raise BadFile(f"{path}: expected lines of identity:password")
    return [(identity, password) for identity, _, password in wanted]
