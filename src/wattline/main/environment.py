"""Settings from the environment: WATTLINE_WEB_PORT fills settings.web.port, DATABASE_URL settings.database.url.

Nothing else in the program reads the environment. The data directory also keeps the pepper, made once.
"""

import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from wattline.payments.providers import NoSuchProvider
from wattline.payments.providers import check as check_payments
from wattline.settings import Settings

PREFIX = "WATTLINE_"
PEPPER_BYTES = 32

# Where a variable with a well-known name of its own goes.
WELL_KNOWN = {"DATABASE_URL": ("database", "url")}


class BadSetting(Exception):
    """A variable of the environment has a value that cannot be meant."""


def read_settings(environment: Mapping[str, str], **given: object) -> Settings:
    """Build Settings; `given` comes first: from the command line, `web__port` fills web.port, None was not given.

    Makes the data directory with its pepper when there is none. Raises BadSetting.
    """
    values: dict[str, Any] = {}
    for path, variable in knobs():
        text = environment.get(variable)
        if text is not None:
            put(values, path, text)
    for variable, path in WELL_KNOWN.items():
        if environment.get(variable):
            put(values, path, environment[variable])
    for name, value in given.items():
        if value is not None:
            put(values, tuple(name.split("__")), value)
    directory = Path(values.pop("data_directory", None) or default_data_directory(environment)).absolute()
    pepper = values.pop("pepper", None)
    values |= {"data_directory": directory, "pepper": bytes.fromhex(pepper) if pepper else kept_pepper(directory)}
    try:
        settings = msgspec.convert(values, Settings, strict=False, builtin_types=(bytes,), dec_hook=as_path)
        check_payments(settings.payments)
    except NoSuchProvider as error:
        raise BadSetting(str(error)) from None
    except msgspec.ValidationError as error:
        raise BadSetting(f"A setting is wrong: {error}. Settings come from variables like WATTLINE_WEB_PORT.") from None
    return settings


def as_variables(settings: Settings) -> dict[str, str]:
    """Write settings as the variables from which `read_settings` makes them again, for child processes."""
    variables = {}
    for path, variable in knobs():
        value: Any = settings
        for name in path:
            value = getattr(value, name)
        if value is None:
            continue
        if isinstance(value, bytes):
            variables[variable] = value.hex()
        elif isinstance(value, frozenset):
            variables[variable] = ",".join(str(item) for item in sorted(value))
        else:
            variables[variable] = str(value)
    return variables


def knobs() -> Iterator[tuple[tuple[str, ...], str]]:
    """List every setting's path with its variable's name."""
    for field in msgspec.structs.fields(Settings):
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            for inner in msgspec.structs.fields(field.type):
                yield (field.name, inner.name), f"{PREFIX}{field.name}_{inner.name}".upper()
        else:
            yield (field.name,), f"{PREFIX}{field.name}".upper()


def default_data_directory(environment: Mapping[str, str]) -> Path:
    """Use `.wattline/` in a clone of the source, else the user's folder for program data."""
    clone = Path(__file__).parents[3]
    if (clone / "pyproject.toml").exists() and (clone / ".git").exists():
        return clone / ".wattline"
    base = environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "wattline"


def kept_pepper(directory: Path) -> bytes:
    """Read the data directory's pepper; make it the first time. Losing it invalidates every password and token."""
    path = directory / "pepper"
    try:
        return bytes.fromhex(path.read_text())
    except FileNotFoundError:
        pass
    directory.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"pepper.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_bytes(PEPPER_BYTES).hex())
    try:
        # link() fails when another process was first, rename() would overwrite what that one already uses.
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return bytes.fromhex(path.read_text())


def put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        values = values.setdefault(name, {})
    if path[-1] == "key_lengths" and isinstance(value, str):
        value = [int(length) for length in value.split(",")]
    values[path[-1]] = value


def as_path(kind: type, value: object) -> object:
    """Let msgspec fill Path fields."""
    return kind(value)
