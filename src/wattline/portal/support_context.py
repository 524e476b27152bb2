"""What goes along with a question to support: the charge or charge point, the findings, the last lines of its log."""

from dataclasses import dataclass

from wattline.database.connection import Connection
from wattline.domain.access import Right
from wattline.domain.causes.diagnosis import diagnose
from wattline.domain.naming import name_of_box
from wattline.portal.log_words import say_all as say_lines
from wattline.portal.why import Why, say_all
from wattline.portal.why_page import facts_of
from wattline.queries import portal_causes, portal_charge
from wattline.queries.portal_charge_point import box_page
from wattline.queries.portal_logs import LogWish, lines_of
from wattline.web.formats import Formats
from wattline.web.session import Session

LINES = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a question is about, and the text that goes along; empty when it is about nothing in particular."""

    subject: str = ""
    text: str = ""
    charge_id: int | None = None
    box_id: int | None = None


async def context_of(connection: Connection, session: Session, *, charge_id: int | None, box_id: int | None) -> Context:
    """Gather the context of a charge or of a charge point. Raises Unknown for what the asker does not see."""
    if charge_id is not None and session.may(Right.SEE_CHARGES):
        return await _of_charge(connection, session, charge_id)
    if box_id is not None and session.may(Right.SEE_CHARGE_POINTS):
        return await _of_point(connection, session, box_id)
    return Context()


async def _of_charge(connection: Connection, session: Session, charge_id: int) -> Context:
    formats = session.formats
    charge = await portal_charge.charge_page(connection, session.viewer, charge_id)
    found = say_all(diagnose(await facts_of(connection, charge, formats)).findings, formats)
    box_id = charge.box_id if charge.own else None
    head = [
        f"Charge {charge.human_readable_id} at {charge.connector_name}, state {charge.state}",
        f"Began {charge.started_at or charge.created_at:%Y-%m-%d %H:%M:%S} UTC, {charge.energy_wh} Wh",
        *([f"Charge point {charge.identity}"] if charge.own and charge.identity else []),
    ]
    text = "\n".join([*head, "", *_findings(found), "", *await _log(connection, box_id, formats)])
    return Context(subject=f"Charge {charge.human_readable_id}", text=text, charge_id=charge_id, box_id=box_id)


async def _of_point(connection: Connection, session: Session, box_id: int) -> Context:
    formats = session.formats
    box = await box_page(connection, session.viewer, box_id)
    name = name_of_box([one.name for one in box.connectors]) if box.connectors else box.identity
    head = [
        f"Charge point {name}, {box.identity}",
        f"{box.vendor or '?'} {box.model or ''} {box.firmware_version or ''}",
    ]
    if not session.may(Right.SEE_CHARGES):
        return Context(subject=name, text="\n".join(head), box_id=box_id)
    found: list[Why] = []
    for one in box.connectors:
        facts = await portal_causes.facts_of_place(connection, one.id, box_id, one.number, formats.now)
        found += say_all(diagnose(facts).findings, formats)
    text = "\n".join([*head, "", *_findings(found), "", *await _log(connection, box_id, formats)])
    return Context(subject=name, text=text, box_id=box_id)


def _findings(found: list[Why]) -> list[str]:
    said = [f"- {each.heading} ({'; '.join(each.evidence)})" for each in found]
    return ["Found:", *(said or ["- nothing wrong"])]


async def _log(connection: Connection, box_id: int | None, formats: Formats) -> list[str]:
    if box_id is None:
        return []
    lines = say_lines(await lines_of(connection, LogWish(charge_point_id=box_id, limit=LINES)), formats)
    said = [f"{each.at:%Y-%m-%d %H:%M:%S} UTC {each.heading}: {each.means.striptags()}" for each in reversed(lines)]
    return ["Last lines of its log:", *(said or ["none"])]
