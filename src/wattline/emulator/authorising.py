"""A charge key at the reader: decide alone, or ask and act on the answer (OCPP 1.6 section 3.5)."""

from wattline.emulator.admission import ACCEPTED, Verdict
from wattline.emulator.box import Box, Impossible
from wattline.emulator.charging import admit, can_start, end
from wattline.emulator.connector import Connector
from wattline.emulator.messages import KeyShown, Purpose, Status, StopReason


def show_key(box: Box, id_tag: str, number: int | None) -> None:
    """Hold a key to the reader of a connector, or to a reader that all connectors share.

    Raises Impossible when the connector can't be used at all; a refused key is no error, it just does nothing.
    """
    connector = box.connector(number) if number is not None else _meant_connector(box, id_tag)
    if connector.transaction is not None:
        _show_to_stop(box, connector, id_tag)
    elif connector.status in {Status.FAULTED, Status.UNAVAILABLE}:
        raise Impossible(f"connector {connector.number} is {connector.status}")
    else:
        ask_or_decide(box, connector, id_tag)


def ask_or_decide(box: Box, connector: Connector, id_tag: str) -> None:
    """Find out whether a key may start here, by ourselves or by asking."""
    verdict = box.admission.decide_early(id_tag, box.keys, box.now)
    if verdict is None and not box.is_online:
        verdict = box.admission.decide_alone(id_tag, box.keys, box.now)
    if verdict is None:
        box.put(KeyShown(connector.number, id_tag, Purpose.START))
    else:
        _act_on(box, connector, id_tag, verdict)


def key_answered(box: Box, message: KeyShown, verdict: Verdict) -> None:
    """The central system has said what it thinks of a key."""
    box.admission.remember(message.id_tag, verdict)
    connector = box.connector(message.connector)
    if message.purpose is Purpose.START:
        _act_on(box, connector, message.id_tag, verdict)
    elif connector.transaction is not None and _same_group(connector, verdict):
        end(box, connector, StopReason.LOCAL, id_tag=message.id_tag)


def key_unanswered(box: Box, message: KeyShown) -> None:
    """The question was lost: a start is decided alone, a stop by another key is left undone."""
    if message.purpose is Purpose.START:
        verdict = box.admission.decide_alone(message.id_tag, box.keys, box.now)
        _act_on(box, box.connector(message.connector), message.id_tag, verdict)


def _act_on(box: Box, connector: Connector, id_tag: str, verdict: Verdict) -> None:
    if verdict.status == ACCEPTED and can_start(box, connector, id_tag, verdict.parent_id_tag):
        admit(box, connector, id_tag, verdict.parent_id_tag)


def _show_to_stop(box: Box, connector: Connector, id_tag: str) -> None:
    transaction = connector.transaction
    assert transaction is not None
    known = box.admission.known(id_tag, box.keys, box.now)
    if id_tag.upper() == transaction.id_tag.upper() or (known is not None and _same_group(connector, known)):
        end(box, connector, StopReason.LOCAL, id_tag=id_tag)
    elif box.is_online:
        box.put(KeyShown(connector.number, id_tag, Purpose.STOP))


def _same_group(connector: Connector, verdict: Verdict) -> bool:
    assert connector.transaction is not None
    group = connector.transaction.parent_id_tag
    return group is not None and verdict.parent_id_tag == group


def _meant_connector(box: Box, id_tag: str) -> Connector:
    """Guess which connector a person at the shared reader means: their own charge, a waiting car, a free place."""
    for connector in box.connectors:
        if connector.transaction is not None and connector.transaction.id_tag.upper() == id_tag.upper():
            return connector
    for wanted in (Status.PREPARING, Status.FINISHING, Status.RESERVED, Status.AVAILABLE):
        for connector in box.connectors:
            if connector.status is wanted and can_start(box, connector, id_tag):
                return connector
    raise Impossible("no connector is free for this key")
