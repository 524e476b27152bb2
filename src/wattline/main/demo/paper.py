"""DIR/demo.json: everything one needs to use the demo, secrets in clear, readable by its owner only."""

import os
from pathlib import Path

import msgspec
from msgspec import Struct


class Login(Struct, kw_only=True):
    """Somebody's e-mail address and password."""

    email: str
    password: str


class ApiKey(Struct, kw_only=True, rename="camel"):
    """A program's credentials."""

    client_id: str
    client_secret: str


class ConnectorEntry(Struct, kw_only=True, rename="camel"):
    """One connector: `id` is the Partner API's, the rest is what its charge point needs to connect."""

    id: int
    identity: str
    password: str
    connector_id: int
    emulated: bool


class Team(Struct, kw_only=True):
    """A team by its Partner API id."""

    id: int
    name: str


class DemoPaper(Struct, kw_only=True, rename="camel"):
    """What demo.json holds. Addresses are written anew at every start, secrets never."""

    web: str = ""
    ocpp: str = ""
    portal: Login
    driver: Login
    api: ApiKey
    charge_points: list[ConnectorEntry]
    charge_keys: list[str]
    teams: list[Team]
    emulator_control: str = ""


def path_in(directory: Path) -> Path:
    """Say where the file is."""
    return directory / "demo.json"


def read(directory: Path) -> DemoPaper | None:
    """Read the file; None when there is no demo here."""
    try:
        return msgspec.json.decode(path_in(directory).read_bytes(), type=DemoPaper)
    except FileNotFoundError:
        return None


def write(directory: Path, paper: DemoPaper) -> None:
    """Write the file whole or not at all."""
    write_private(path_in(directory), msgspec.json.format(msgspec.json.encode(paper), indent=2) + b"\n")


def write_private(path: Path, content: bytes) -> None:
    """Put a file in place that nobody else could ever read, not even while it was written."""
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)
        os.fsync(file.fileno())
    fresh.replace(path)
