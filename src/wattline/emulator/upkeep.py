"""Firmware updates, diagnostics and logs: believable sequences of progress, without touching anybody's file server."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from wattline.emulator.box import Box
from wattline.emulator.messages import (
    DiagnosticsProgress,
    FirmwareProgress,
    LogProgress,
    Message,
    SecurityEvent,
    StopReason,
)
from wattline.emulator.power import reset

UPKEEP = ("upkeep",)
# How long an update waits before it looks again whether everybody has left.
PATIENCE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Restart:
    """The last step of an update: come back with another firmware, and say so."""

    version: str
    said_afterwards: tuple[Message, ...]


# So many seconds after the step before, this is said or done.
Step = tuple[float, Message | Restart]


def update_firmware(box: Box, location: str, retrieve_at: datetime, *, request_id: int | None = None) -> None:
    """Download and install at that time; a request id makes it the signed kind.

    Nothing is ever fetched. A location that contains `download-fails`, `install-fails` or `bad-signature` goes wrong
    in that way.
    """
    _begin(box, _update_steps(box, location, request_id), max(retrieve_at, box.now))


def upload_diagnostics(box: Box) -> str:
    """Pretend to upload; return the name of the file."""
    _begin(box, [(0, DiagnosticsProgress("Uploading")), (4, DiagnosticsProgress("Uploaded"))], _soon(box))
    return f"diagnostics-{box.now:%Y%m%dT%H%M%S}.tar.gz"


def upload_log(box: Box, kind: str, request_id: int) -> str:
    """Pretend to upload a log; return the name of the file."""
    _begin(box, [(0, LogProgress("Uploading", request_id)), (4, LogProgress("Uploaded", request_id))], _soon(box))
    return f"{kind.lower()}-{box.now:%Y%m%dT%H%M%S}.log.gz"


def is_busy(box: Box) -> bool:
    """Tell whether an update or an upload is under way."""
    return UPKEEP in box.agenda


def _update_steps(box: Box, location: str, request_id: int | None) -> list[Step]:
    def say(status: str) -> FirmwareProgress:
        return FirmwareProgress(status, request_id)

    signed = request_id is not None
    if "download-fails" in location:
        return [(0, say("Downloading")), (3, say("DownloadFailed"))]
    steps: list[Step] = [(0, say("Downloading")), (3, say("Downloaded"))]
    if signed and "bad-signature" in location:
        return [*steps, (1, say("InvalidSignature"))]
    if signed:
        steps.append((1, say("SignatureVerified")))
    steps.append((2, say("Installing")))
    if "install-fails" in location:
        return [*steps, (4, say("InstallationFailed"))]
    if signed:
        steps.append((3, say("InstallRebooting")))
    version = (PurePosixPath(urlsplit(location).path).stem or "emulator-next")[:50]
    event = (SecurityEvent("FirmwareUpdated", box.now, version),) if signed else ()
    return [*steps, (2, Restart(version, (say("Installed"), *event)))]


def _soon(box: Box) -> datetime:
    return box.now + timedelta(seconds=1)


def _begin(box: Box, steps: Sequence[Step], at: datetime) -> None:
    box.agenda.set(UPKEEP, at + timedelta(seconds=steps[0][0]), partial(_step, box, steps))


def _step(box: Box, steps: Sequence[Step], at: datetime) -> None:
    deed = steps[0][1]
    if isinstance(deed, Message):
        box.put(deed)
        if len(steps) > 1:
            _begin(box, steps[1:], at)
    elif any(connector.transaction is not None for connector in box.connectors):
        # OCPP 1.6 section 5.19: the installation waits until nobody charges.
        box.agenda.set(UPKEEP, at + PATIENCE, partial(_step, box, steps))
    else:
        box.firmware = deed.version
        box.after_boot = list(deed.said_afterwards)
        reset(box, at, is_hard=False, reason=StopReason.REBOOT)
