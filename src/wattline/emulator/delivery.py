"""The way of messages: what happens when the line comes and goes, and when a message was answered, or wasn't."""

from dataclasses import replace
from datetime import datetime, timedelta

from wattline.emulator.authorising import key_unanswered
from wattline.emulator.box import Box, Registration
from wattline.emulator.messages import BootUp, KeyShown, Message, TransactionBegan, TransactionEnded
from wattline.emulator.outbox import Entry
from wattline.emulator.quirks import Quirk
from wattline.emulator.sampling import plan_aligned

# What a boot waits for its next attempt when nobody said how long.
BOOT_RETRY_SECONDS = 30


def link_up(box: Box, now: datetime) -> None:
    """The line to the central system is open."""
    box.pass_time(now)
    box.is_linked = True
    if box.registration is Registration.ACCEPTED and Quirk.NO_BOOT_ON_RECONNECT in box.quirks:
        box.notice()
        return
    box.registration = None
    if Quirk.STATUS_BEFORE_BOOT in box.quirks:
        box.tell_all(before_boot=True)
    box.put(BootUp(), before_boot=True)


def link_down(box: Box, now: datetime) -> None:
    """The line is gone: transactions keep their place, old news is dropped, open questions are decided alone."""
    box.pass_time(now)
    box.is_linked = False
    unanswered = [] if box.in_flight is None else [box.in_flight.message]
    if box.in_flight is not None and box.in_flight.message.durable:
        box.outbox.put_back(box.in_flight)
    box.in_flight = None
    if Quirk.AVAILABLE_BEFORE_STOP not in box.quirks:
        unanswered += box.outbox.drop_news()
    for message in unanswered:
        if isinstance(message, KeyShown):
            key_unanswered(box, message)
    box.agenda.clear(("boot",))
    box.notice()


def boot_answered(box: Box, registration: Registration, interval_seconds: int) -> None:
    """Take the answer to the boot: begin to work, or come back later (OCPP 1.6 section 4.2)."""
    box.registration = registration
    box.synchronised_at = box.now
    if registration is not Registration.ACCEPTED:
        box.plan_boot(interval_seconds or BOOT_RETRY_SECONDS)
        return
    if interval_seconds > 0:
        box.keys.set("HeartbeatInterval", str(interval_seconds))
    box.plan_heartbeat()
    plan_aligned(box)
    if Quirk.STATUS_BEFORE_BOOT not in box.quirks:
        box.tell_all()
    for message in box.after_boot:
        box.put(message)
    box.after_boot = []


def take(box: Box, now: datetime) -> Entry | None:
    """Take the next message to send, if one may be sent now; the box then waits for its answer."""
    box.pass_time(now)
    if not box.is_linked or box.in_flight is not None:
        return None
    accepted = box.registration is Registration.ACCEPTED
    news_first = Quirk.AVAILABLE_BEFORE_STOP in box.quirks
    box.in_flight = box.outbox.take(now, is_accepted=accepted, news_first=news_first)
    return box.in_flight


def delivered(box: Box) -> None:
    """The message in flight was answered."""
    entry, box.in_flight = box.in_flight, None
    if entry is not None and not entry.is_repeat and (again := _repetition(box, entry.message)) is not None:
        box.outbox.put_back(Entry(again, entry.order, is_repeat=True))


def failed(box: Box) -> None:
    """The message in flight got an error, or no answer in time.

    A durable one is tried again, each time after a longer wait, up to TransactionMessageAttempts (section 3.7.1).
    """
    entry, box.in_flight = box.in_flight, None
    if entry is None:
        return
    if isinstance(entry.message, BootUp):
        box.plan_boot(BOOT_RETRY_SECONDS)
    elif isinstance(entry.message, KeyShown):
        key_unanswered(box, entry.message)
    elif entry.message.durable:
        entry.failures += 1
        if entry.failures < box.keys.number("TransactionMessageAttempts"):
            wait = box.keys.number("TransactionMessageRetryInterval") * entry.failures
            box.outbox.put_back(entry, not_before=box.now + timedelta(seconds=wait))


def _repetition(box: Box, message: Message) -> Message | None:
    if isinstance(message, TransactionBegan) and Quirk.REPEATED_START in box.quirks:
        return message
    if isinstance(message, TransactionEnded) and Quirk.REPEATED_STOP in box.quirks:
        return replace(message, at=message.at + timedelta(seconds=2))
    return None
