"""Charges begin and end, and charge keys are shown: StartTransaction, StopTransaction, Authorize."""

from collections.abc import Mapping
from datetime import datetime

from wattline.domain.charge_key import KeyStatus
from wattline.domain.nameless_stop import is_placeholder
from wattline.ocpp.box import Box, Received
from wattline.ocpp.quirks.tags import read_tag
from wattline.ocpp.v16.meters import readings_of
from wattline.ocpp.v16.reports import connector_number
from wattline.operations import charge_keys, charges
from wattline.operations.charges import TransactionStart, TransactionStop
from wattline.wire.ocpp import v16
from wattline.wire.ocpp.deviations import Code


async def authorize(box: Box, message: v16.Authorize, received: Received) -> v16.AuthorizeResponse:
    """Authorize: may this key charge here?"""
    tag = read_tag(message.id_tag, box.quirks)
    answer = await box.patiently(lambda: charge_keys.authorise(box.shared.database, box.id, tag, now=received.at))
    return v16.AuthorizeResponse(id_tag_info=_tag_info(answer.status, answer.expires_at))


async def start(box: Box, message: v16.StartTransaction, received: Received) -> v16.StartTransactionResponse:
    """StartTransaction: a repeat gets the first one's answer, a refused key gets a transaction id all the same."""
    shared = box.shared
    told = TransactionStart(
        charge_point_id=box.id,
        connector_number=connector_number(message.connector_id),
        id_tag=read_tag(message.id_tag, box.quirks),
        meter_wh=message.meter_start,
        started_at=message.timestamp,
        received_at=received.at,
        reservation_id=message.reservation,
        message_id=received.message_id,
        own_tags=box.quirks.free_vend_tags,
        own_tag_keys=box.quirks.plug_and_charge_keys,
    )
    answer = await box.patiently(
        lambda: charges.begin_charge(shared.database, told, chance=shared.chance, now=received.at)
    )
    if answer.repeat:
        box.note(Code.TRANSACTION_REPEATED, "StartTransaction", message.timestamp.isoformat())
    if answer.is_own_tag:
        box.note(Code.FREE_VENDING, "idTag", told.id_tag)
    status = answer.status
    if status is KeyStatus.INVALID and box.quirks.blocks_refused_tags:
        # Field note C9: an Invalid would be remembered, and the key refused for good.
        status = KeyStatus.CONCURRENT
    return v16.StartTransactionResponse(
        transaction_id=answer.ocpp_transaction_id, id_tag_info=_tag_info(status, answer.expires_at)
    )


async def stop(box: Box, message: v16.StopTransaction, received: Received) -> v16.StopTransactionResponse:
    """StopTransaction: acknowledged whatever it names, since the box keeps sending it until we do."""
    told = TransactionStop(
        charge_point_id=box.id,
        ocpp_transaction_id=message.transaction_id,
        meter_wh=message.meter_stop,
        stopped_at=message.timestamp,
        received_at=received.at,
        reason=message.reason,
        id_tag=None if message.id_tag is None else read_tag(message.id_tag, box.quirks),
        readings=readings_of(box, 0, message.transaction_id, message.transaction_data, received),
        payload=v16.to_payload(message),
        message_id=received.message_id,
    )
    answer = await box.patiently(lambda: charges.end_charge(box.shared.database, told, now=received.at))
    if answer.repeat:
        box.note(Code.TRANSACTION_REPEATED, "StopTransaction", message.timestamp.isoformat())
    if answer.is_unknown:
        _note_number(box, message.transaction_id, meant=answer.meant)
    # Section 4.10: the answer has an idTagInfo only when the request had an idTag.
    info = None if message.id_tag is None else _tag_info(answer.status, answer.expires_at)
    return v16.StopTransactionResponse(id_tag_info=info)


def _note_number(box: Box, told_id: int, *, meant: int | None) -> None:
    """Note that a box stopped something under a number that is not ours (T1, T2, T12)."""
    code = Code.TRANSACTION_ID_PLACEHOLDER if is_placeholder(told_id) else Code.TRANSACTION_UNKNOWN
    box.note(code, "transactionId", told_id)
    if meant is not None:
        box.note(Code.TRANSACTION_GUESSED, "transactionId", f"{told_id} for {meant}")


def _tag_info(status: KeyStatus, expires_at: datetime | None) -> v16.IdTagInfo:
    return v16.IdTagInfo(status=AUTHORIZATION_STATUSES[status], expiry_date=expires_at)


# Section 7.2.
AUTHORIZATION_STATUSES: Mapping[KeyStatus, v16.AuthorizationStatus] = {
    KeyStatus.ACCEPTED: "Accepted",
    KeyStatus.BLOCKED: "Blocked",
    KeyStatus.EXPIRED: "Expired",
    KeyStatus.INVALID: "Invalid",
    KeyStatus.CONCURRENT: "ConcurrentTx",
}
