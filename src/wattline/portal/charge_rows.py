"""Rows of charges, for the list and for the page of a charge point."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from wattline.portal.reasons import plain_reason, source_words, stop_words
from wattline.portal.states import charge_look
from wattline.queries.portal_charges import ChargeLine
from wattline.web.formats import NOTHING, Formats

OVER = {"stopped", "releasing", "released", "completed"}


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """A charge as a list shows it."""

    id: int
    name: str
    glyph: str
    word: str
    reason: str
    began: Markup | str
    lasted: Markup | str
    energy: Markup
    power: Markup
    price: Markup
    where: str
    site: str
    by: str
    partner_id: str
    running: bool


def charge_rows(lines: Sequence[ChargeLine], formats: Formats) -> list[ChargeRow]:
    """Turn charges into rows."""
    return [charge_row(line, formats) for line in lines]


def charge_row(line: ChargeLine, formats: Formats) -> ChargeRow:
    """Turn a charge into its row."""
    failed = line.failed_at is not None
    glyph, look = charge_look(line.state, failed=failed)
    running = line.state not in OVER
    began = line.started_at or line.created_at
    if line.started_at is None:
        lasted: Markup | str = NOTHING
    else:
        lasted = formats.stopwatch(began, line.stopped_at if line.stopped_at or not running else None)
    return ChargeRow(
        id=line.id,
        name=line.human_readable_id,
        glyph=glyph,
        word=look.word,
        reason=reason_of(line),
        began=formats.when(began),
        lasted=lasted,
        energy=formats.energy(line.energy_wh) if line.energy_wh or not failed else NOTHING,
        power=formats.power(line.power_w) if line.state == "charging" else NOTHING,
        price=formats.money(line.price_minor, line.currency),
        where=line.connector_name,
        site=line.site or "",
        by=f"{line.key_name or 'Charge key'} ··{line.key_tail}" if line.key_tail else source_words(line.start_source),
        partner_id=line.partner_external_id or "",
        running=running,
    )


FAILURE_WORDS = {
    "start-expired": "never began",
    "another-charge-began": "another charge came first",
}


LOUD_ENDS = {"force-stop", "no-sign-of-life", "another-charge-began", "PowerLoss", "EmergencyStop"}


def reason_of(line: ChargeLine) -> str:
    """Say in a few words why a charge is as it is."""
    if line.failed_at is not None:
        return FAILURE_WORDS.get(line.failure_code or "", "did not start")
    if line.state == "paused":
        return {"suspended_ev": "by the car", "suspended_evse": "by the charge point"}.get(line.raw_state or "", "")
    if line.state in OVER and plain_reason(line.stop_reason) in LOUD_ENDS:
        return stop_words(line.stop_reason)
    return ""
