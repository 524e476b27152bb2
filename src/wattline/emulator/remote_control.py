"""The commands that drive an emulator which runs already, through its control port."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import quote

import httpx
from cyclopts import Parameter
from rich.console import Console
from rich.table import Table


class SaidNo(Exception):
    """The running emulator cannot do it, or there is none; the text says why."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Asking:
    """Whom to ask, and how to print the answer."""

    control: str = "http://127.0.0.1:8420"
    """Where the control port is."""
    json: Annotated[bool, Parameter(negative="")] = False
    """Print JSON instead of a table."""


ASKING = Asking()
Connector = Annotated[int, Parameter(help="Number of the connector.")]


def list_(*, asking: Asking = ASKING) -> None:
    """Show every charge point that is emulated."""
    _print(_ask("GET", "/charge-points", asking), asking)


def show(identity: str, *, asking: Asking = ASKING) -> None:
    """Show one charge point."""
    _print([_ask("GET", f"/charge-points/{quote(identity, safe='')}", asking)], asking)


def plug(
    identity: str,
    *,
    connector: Connector = 1,
    soc_percent: float | None = None,
    battery_wh: float | None = None,
    ac_power_w: float | None = None,
    dc_power_w: float | None = None,
    asking: Asking = ASKING,
) -> None:
    """Plug a car in."""
    given = {"socPercent": soc_percent, "batteryWh": battery_wh, "acPowerW": ac_power_w, "dcPowerW": dc_power_w}
    car = {name: value for name, value in given.items() if value is not None}
    _do(identity, "plug", {"connector": connector, "car": car}, asking)


def unplug(identity: str, *, connector: Connector = 1, asking: Asking = ASKING) -> None:
    """Pull the cable."""
    _do(identity, "unplug", {"connector": connector}, asking)


def tap(identity: str, id_tag: str, *, connector: int | None = None, asking: Asking = ASKING) -> None:
    """Hold a charge key to the reader: it starts a charge, or ends its own."""
    _do(identity, "tap", {"idTag": id_tag, "connector": connector}, asking)


def suspend(
    identity: str, *, connector: Connector = 1, by: Literal["car", "charge-point"] = "car", asking: Asking = ASKING
) -> None:
    """Pause a charge."""
    _do(identity, "suspend", {"connector": connector, "by": by}, asking)


def resume(identity: str, *, connector: Connector = 1, asking: Asking = ASKING) -> None:
    """Let a paused charge go on."""
    _do(identity, "resume", {"connector": connector}, asking)


def fault(
    identity: str,
    error_code: str = "OtherError",
    *,
    connector: Connector = 1,
    ends_transaction: bool = False,
    asking: Asking = ASKING,
) -> None:
    """Break something, with an error code of OCPP 1.6."""
    body = {"connector": connector, "errorCode": error_code, "endsTransaction": ends_transaction}
    _do(identity, "fault", body, asking)


def clear_fault(identity: str, *, connector: Connector = 1, asking: Asking = ASKING) -> None:
    """Mend what is broken."""
    _do(identity, "clear-fault", {"connector": connector}, asking)


def offline(identity: str, *, seconds: float | None = None, asking: Asking = ASKING) -> None:
    """Pull the network cable, for so many seconds or until `online`; cars keep charging."""
    _do(identity, "offline", {"seconds": seconds}, asking)


def online(identity: str, *, asking: Asking = ASKING) -> None:
    """Put the network cable back."""
    _do(identity, "online", {}, asking)


def power_loss(identity: str, *, seconds: float = 30.0, asking: Asking = ASKING) -> None:
    """Switch the mains off for so many seconds."""
    _do(identity, "power-loss", {"seconds": seconds}, asking)


def reboot(identity: str, *, asking: Asking = ASKING) -> None:
    """Restart a charge point at the box."""
    _do(identity, "reboot", {}, asking)


REMOTE_COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_,
    "show": show,
    "plug": plug,
    "unplug": unplug,
    "tap": tap,
    "suspend": suspend,
    "resume": resume,
    "fault": fault,
    "clear-fault": clear_fault,
    "offline": offline,
    "online": online,
    "power-loss": power_loss,
    "reboot": reboot,
}


def _do(identity: str, verb: str, body: dict[str, Any], asking: Asking) -> None:
    _print([_ask("POST", f"/charge-points/{quote(identity, safe='')}/{verb}", asking, body)], asking)


def _ask(method: str, path: str, asking: Asking, body: dict[str, Any] | None = None) -> Any:
    try:
        answer = httpx.request(method, asking.control.rstrip("/") + path, json=body, timeout=10, trust_env=False)
        said = answer.json()
        if answer.status_code != httpx.codes.OK:
            raise SaidNo(str(said["error"]))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError) as error:
        raise SaidNo(f"no emulator answers at {asking.control}: {error}") from None
    return said


def _print(boxes: list[dict[str, Any]], asking: Asking) -> None:
    if asking.json:
        print(json.dumps(boxes))
        return
    table = Table("Charge point", "Line", "No", "Status", "kW", "kWh", "Transaction", "SoC")
    for box in boxes:
        for connector in box["connectors"]:
            table.add_row(
                box["identity"],
                "up" if box["connected"] else "down",
                str(connector["number"]),
                connector["errorCode"] or connector["status"],
                f"{connector['powerW'] / 1000:.1f}",
                f"{connector['energyWh'] / 1000:.2f}",
                "" if connector["transactionId"] is None else str(connector["transactionId"]),
                "" if connector["soc"] is None else f"{connector['soc']:.0f}",
            )
    Console().print(table)
