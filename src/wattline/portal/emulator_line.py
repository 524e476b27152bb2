"""The line to the emulator's control port, which answers only on this machine: what it plays, and what it shall do."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from wattline.domain.destinations import Reach
from wattline.wire import outward

# It runs on this machine and answers at once, or not at all.
SECONDS_MAX = 3.0


class Played(msgspec.Struct, frozen=True, rename="camel"):
    """One connector as the emulator plays it. `suspended` is car, charge-point or None."""

    number: int
    status: str
    plugged: bool
    charging: bool
    power_w: int
    energy_wh: int
    error_code: str | None = None
    transaction_id: int | None = None
    soc: float | None = None
    suspended: str | None = None


class PlayedBox(msgspec.Struct, frozen=True, rename="camel"):
    """One charge point as the emulator plays it."""

    identity: str
    connected: bool
    connectors: list[Played]
    has_power: bool = True


class NotPlayed(Exception):
    """There is no emulator, or it does not answer."""


class SaidNo(Exception):
    """The emulator cannot do this now; `str()` says why."""


async def played_boxes(control_url: str | None) -> list[PlayedBox]:
    """Ask for everything it plays. Raises NotPlayed."""
    return msgspec.json.decode(await _ask(control_url, "GET", "/charge-points"), type=list[PlayedBox])


async def drive(control_url: str | None, identity: str, verb: str, body: Mapping[str, Any]) -> PlayedBox:
    """Do something to a charge point and return how it is then. Raises NotPlayed, SaidNo."""
    path = f"/charge-points/{quote(identity, safe='')}/{verb}"
    return msgspec.json.decode(await _ask(control_url, "POST", path, body), type=PlayedBox)


async def _ask(control_url: str | None, method: str, path: str, body: Mapping[str, Any] | None = None) -> bytes:
    if control_url is None:
        raise NotPlayed
    try:
        # Guarded like every way out, though the address is our own: it can lead to this machine and nowhere private.
        async with outward.open_client(reach=Reach.THIS_MACHINE, seconds_max=SECONDS_MAX) as client:
            answer = await client.request(method, control_url.rstrip("/") + path, json=body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotPlayed from error
    if answer.status_code >= httpx.codes.BAD_REQUEST:
        raise SaidNo(_complaint(answer.content))
    return answer.content


def _complaint(content: bytes) -> str:
    try:
        why = str(msgspec.json.decode(content, type=dict[str, Any])["error"])
    except (msgspec.DecodeError, KeyError):
        return "The emulator said no."
    return f"The emulator says: {why}."
