"""Our calls to one box: one at a time, not before the box is ready for them, each answered or given up.

The gate opens a settle delay after the answer to BootNotification. A box we know that never boots again (field note B1)
is ready after some seconds of other traffic; one that connects and says nothing, after three times as long.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import structlog

from wattline.ocpp.box import Box
from wattline.ocpp.patience import patiently
from wattline.ocpp.quirks.config_keys import find_key
from wattline.ocpp.v16.adjustments import BY_SETTINGS, prepare
from wattline.ocpp.v16.commands import error_as_answer, outcome_of
from wattline.operations import commands
from wattline.operations.commands import Claimed, Outcome
from wattline.operations.remote_actions import RAW
from wattline.queries.told_configuration import told_configuration
from wattline.wire.ocpp.conversation import Answered, Conversation, NotConform
from wattline.wire.ocpp.deviations import Code
from wattline.wire.ocpp.messages import Misunderstood, understand
from wattline.wire.ocpp.rpc import CallError
from wattline.wire.ocpp.schemas import Direction
from wattline.wire.ocpp.versions import V16

log = structlog.get_logger()

SILENT_FACTOR = 3.0
# An outcome is known by nobody but us; it is worth waiting long for PostgreSQL.
SETTLE_SECONDS = 600.0

Send = Callable[[str, str, str], bool]


class Outgoing:
    """The calls to one box on one socket. `send` takes the text, its action and message id,
    and returns False when the socket is gone."""

    __slots__ = ("_again", "_answer", "_box", "_gate", "_is_open", "_is_over", "_send", "_talk", "_task")

    def __init__(self, box: Box, talk: Conversation, send: Send) -> None:
        self._box = box
        self._talk = talk
        self._send = send
        self._gate: asyncio.TimerHandle | None = None
        self._is_open = False
        self._is_over = False
        self._again = False
        self._task: asyncio.Task[None] | None = None
        self._answer: asyncio.Future[Answered | None] | None = None
        if box.is_known:
            self._open_in(SILENT_FACTOR * box.shared.settings.ocpp.settle_without_boot_seconds, booted=False)

    def booted(self) -> None:
        """The answer to BootNotification went out."""
        self._open_in(max(self._box.shared.settings.ocpp.settle_seconds, self._box.quirks.settle_delay_s), booted=True)

    def talked(self) -> None:
        """The box's first message on this socket was something else than a boot."""
        if self._box.is_known and not self._is_open:
            self._open_in(self._box.shared.settings.ocpp.settle_without_boot_seconds, booted=False)

    def wake(self) -> None:
        """There may be commands to send."""
        self._again = True
        if self._is_open and self._task is None and not self._is_over:
            self._task = asyncio.get_running_loop().create_task(self._work_off())

    def answered(self, event: Answered) -> None:
        """The box answered our call."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(event)

    def close(self) -> None:
        """The socket is gone: nothing more is sent, and what waits for an answer is given up."""
        self._is_over = True
        if self._gate is not None:
            self._gate.cancel()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(None)

    def _open_in(self, seconds: float, *, booted: bool) -> None:
        if self._gate is not None:
            self._gate.cancel()
        self._gate = asyncio.get_running_loop().call_later(seconds, self._open, booted)

    def _open(self, booted: bool) -> None:
        self._gate = None
        if not booted and not self._is_open:
            self._box.note(Code.BOOT_MISSING)
        self._is_open = True
        if self._again:
            self.wake()

    async def _work_off(self) -> None:
        shared = self._box.shared
        try:
            while self._again and not self._is_over:
                self._again = False
                while not self._is_over:
                    message_id = shared.chance.uuid()
                    claimed = await self._claim(message_id)
                    if claimed is None:
                        break
                    await self._read_first(claimed)
                    await self._carry_out(claimed, message_id)
        except Exception:
            log.exception("commands could not be carried out", box=self._box.identity)
        finally:
            self._task = None

    async def _claim(self, message_id: str) -> Claimed | None:
        shared = self._box.shared
        return await self._box.patiently(
            lambda: commands.claim(
                shared.database, shared.gateway_id, self._box.id, message_id=message_id, now=shared.clock()
            )
        )

    async def _read_first(self, command: Claimed) -> None:
        """Before a start, learn under which tag the box charges by itself, if it hides that in a setting (C8)."""
        shared, names = self._box.shared, self._box.quirks.plug_and_charge_keys
        if command.action != "RemoteStartTransaction" or not names:
            return
        told = await self._told_settings()
        missing = [name for name in names if find_key(told, name) is None]
        if missing and not self._is_over:
            message_id = shared.chance.uuid()
            asking = await commands.claim_question(
                shared.database, shared.gateway_id, self._box.id, keys=missing, message_id=message_id,
                now=shared.clock(),
            )  # fmt: skip
            await self._carry_out(asking, message_id)

    async def _told_settings(self) -> Mapping[str, str]:
        async with self._box.shared.database.read() as connection:
            return await told_configuration(connection, self._box.id)

    async def _adjusted(self, command: Claimed) -> Claimed:
        """Change what this make or this box chokes on, and keep what really goes out. A raw call stays as it is."""
        if command.purpose == RAW:
            return command
        told = await self._told_settings() if command.action in BY_SETTINGS else {}
        payload = prepare(command.action, command.payload, self._box.quirks, told)
        if payload == command.payload:
            return command
        await commands.note_adjusted(self._box.shared.database, command.id, payload)
        return msgspec.structs.replace(command, payload=payload)

    async def _carry_out(self, claimed: Claimed, message_id: str) -> None:
        """Send one claimed command and settle it with whatever comes of it."""
        shared = self._box.shared
        command = await self._adjusted(claimed)
        try:
            text = self._write(command, message_id)
        except NotConform as error:
            await self._settle(command, "error", {"errorCode": "NotSent", "errorDescription": str(error)})
            return
        try:
            event = await self._ask(text, command.action, message_id)
        except TimeoutError:
            self._talk.abandon()
            await self._settle(command, "no-answer", {})
            return
        if event is None:
            self._talk.abandon()
            await patiently(
                lambda: commands.give_up(shared.database, command.id, now=shared.clock()), seconds_max=SETTLE_SECONDS
            )
            return
        outcome, answer = self._read(event)
        await self._settle(command, outcome, answer)
        # Field note B3: some boxes drop calls that come in a burst.
        await asyncio.sleep(self._box.quirks.call_spacing_s)

    def _write(self, command: Claimed, message_id: str) -> str:
        return self._talk.call(
            command.action,
            command.payload,
            id=message_id,
            now=asyncio.get_running_loop().time(),
            timeout=self._timeout(),
            check=command.purpose != RAW,
        )

    async def _ask(self, text: str, action: str, message_id: str) -> Answered | None:
        """Return the answer, or None when the socket is gone. Raises TimeoutError."""
        self._answer = asyncio.get_running_loop().create_future()
        if self._is_over:
            return None
        try:
            if not self._send(text, action, message_id):
                return None
            self._box.shared.calls.note_sent(action)
            async with asyncio.timeout(self._timeout()):
                return await self._answer
        finally:
            self._answer = None

    def _timeout(self) -> float:
        return max(self._box.shared.settings.ocpp.call_timeout_seconds, self._box.quirks.answer_timeout_s)

    def _read(self, event: Answered) -> tuple[Outcome, dict[str, Any]]:
        if isinstance(event.frame, CallError):
            return "error", error_as_answer(event.frame)
        shared = self._box.shared
        if event.sent.action not in V16.actions:
            return outcome_of(event.frame.payload), event.frame.payload
        got = understand(V16, event.sent.action, Direction.RESPONSE, event.frame.payload, received_at=shared.clock())
        shared.deviations.note(self._box.id, got.deviations)
        payload = event.frame.payload if isinstance(got, Misunderstood) else got.payload
        outcome = outcome_of(payload)
        if event.sent.action == "SetChargingProfile" and outcome == "accepted" and not self._box.quirks.obeys_profiles:
            self._box.note(Code.PROFILE_IGNORED)
        return outcome, payload

    async def _settle(self, command: Claimed, outcome: Outcome, answer: dict[str, Any]) -> None:
        shared = self._box.shared
        await patiently(
            lambda: commands.record_answer(
                shared.database, command.id, outcome=outcome, answer=answer, now=shared.clock()
            ),
            seconds_max=SETTLE_SECONDS,
        )
