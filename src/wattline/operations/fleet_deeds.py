"""What can be asked of many charge points at once, and how it is written to each of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from wattline.domain.access import Right
from wattline.domain.refusals import Invalid

Form = Mapping[str, Any]
IMPORT = "import"
LOCATION_LENGTH_MAX = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandDeed:
    """A deed that charge points are asked for: OCPP's action, and its payload from the form and a connector's number.

    `purpose` is what the command is for, as remote actions call it; OCPP 1.6 section 5.
    """

    action: str
    purpose: str
    payload: Callable[[Form, int | None], dict[str, Any]]
    each_connector: bool = False
    right: Right = Right.CONTROL_CHARGE_POINTS


def _firmware(form: Form, _number: int | None) -> dict[str, Any]:
    return {"location": form["location"], "retrieveDate": form["retrieve_at"]}


def _service(kind: str) -> Callable[[Form, int | None], dict[str, Any]]:
    # Connector 0 is the whole charge point.
    return lambda _form, _number: {"connectorId": 0, "type": kind}


COMMANDS: Mapping[str, CommandDeed] = MappingProxyType({
    "reboot": CommandDeed(action="Reset", purpose="reboot", payload=lambda _form, _number: {"type": "Soft"}),
    "in-service": CommandDeed(action="ChangeAvailability", purpose="availability", payload=_service("Operative")),
    "out-of-service": CommandDeed(action="ChangeAvailability", purpose="availability", payload=_service("Inoperative")),
    "unlock": CommandDeed(
        action="UnlockConnector", purpose="unlock", payload=lambda _form, number: {"connectorId": number or 1},
        each_connector=True,
    ),
    "read-settings": CommandDeed(
        action="GetConfiguration", purpose="get-configuration", payload=lambda _form, _number: {}
    ),
    "clear-cache": CommandDeed(action="ClearCache", purpose="clear-cache", payload=lambda _form, _number: {}),
    "firmware": CommandDeed(action="UpdateFirmware", purpose="firmware", payload=_firmware),
})  # fmt: skip

# What is written in our own tables only, and who may.
WRITTEN: Mapping[str, Right] = MappingProxyType({
    "price-group": Right.CHANGE_PRICES,
    "site": Right.SET_UP_CHARGE_POINTS,
    # Files go another way (fleet_import.py).
    IMPORT: Right.SET_UP_CHARGE_POINTS,
})  # fmt: skip


def right_for(deed: str) -> Right | None:
    """Tell which right a deed needs; None for what is no deed."""
    if deed in COMMANDS:
        return COMMANDS[deed].right
    return WRITTEN.get(deed)


def must_be_location(text: str) -> None:
    """Raise Invalid unless firmware can be fetched from there."""
    scheme, mark, rest = text.partition("://")
    if scheme not in {"http", "https", "ftp", "ftps", "sftp"} or not mark or not rest.strip("/"):
        raise Invalid("location", "must be an address that begins with https://, http://, ftp:// or sftp://.")
    if len(text) > LOCATION_LENGTH_MAX or not text.isprintable() or " " in text:
        raise Invalid("location", "is too long, or has blanks in it.")
