"""Keeping a connector for a key, and taking connectors out of service."""

from datetime import datetime
from enum import StrEnum
from functools import partial

from wattline.emulator.box import Box
from wattline.emulator.connector import Connector
from wattline.emulator.messages import Status
from wattline.emulator.reservation import Reservation


class ReserveAnswer(StrEnum):
    """How an attempt to reserve ended."""

    ACCEPTED = "Accepted"
    FAULTED = "Faulted"
    OCCUPIED = "Occupied"
    REJECTED = "Rejected"
    UNAVAILABLE = "Unavailable"


class AvailabilityAnswer(StrEnum):
    """How a change of availability ended."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    SCHEDULED = "Scheduled"


WHY_NOT = {Status.FAULTED: ReserveAnswer.FAULTED, Status.UNAVAILABLE: ReserveAnswer.UNAVAILABLE}


def reserve(box: Box, number: int, reservation: Reservation) -> ReserveAnswer:
    """Keep a connector, or any free one when the number is 0. The same id again replaces its reservation."""
    if not 0 <= number <= len(box.connectors) or reservation.expires_at <= box.now:
        return ReserveAnswer.REJECTED
    cancel_reservation(box, reservation.id)
    wanted = box.connectors if number == 0 else [box.connector(number)]
    free = [connector for connector in wanted if connector.status is Status.AVAILABLE]
    if not free:
        return WHY_NOT.get(wanted[0].status, ReserveAnswer.OCCUPIED)
    # The last one: people walk up to the first.
    free[-1].reservation = reservation
    plan_expiry(box, free[-1])
    return ReserveAnswer.ACCEPTED


def cancel_reservation(box: Box, reservation_id: int) -> bool:
    """Give a connector free again; tell whether there was such a reservation."""
    for connector in box.connectors:
        if connector.reservation is not None and connector.reservation.id == reservation_id:
            connector.reservation = None
            box.agenda.clear(("reservation", connector.number))
            return True
    return False


def plan_expiry(box: Box, connector: Connector) -> None:
    """See to it that a reservation ends by itself."""
    if connector.reservation is not None:
        deed = partial(_expire, connector)
        box.agenda.set(("reservation", connector.number), connector.reservation.expires_at, deed)


def _expire(connector: Connector, at: datetime) -> None:
    connector.reservation = None


def change_availability(box: Box, number: int, *, is_operative: bool) -> AvailabilityAnswer:
    """Take a connector (0: the whole box) out of service or back; a running transaction is waited for."""
    if not 0 <= number <= len(box.connectors):
        return AvailabilityAnswer.REJECTED
    wanted = box.connectors if number == 0 else [box.connector(number)]
    if number == 0:
        box.is_operative = is_operative
    for connector in wanted:
        if connector.transaction is None:
            connector.is_operative = is_operative
            connector.operative_later = None
        else:
            connector.operative_later = is_operative
    waits = any(connector.transaction is not None for connector in wanted)
    return AvailabilityAnswer.SCHEDULED if waits else AvailabilityAnswer.ACCEPTED
