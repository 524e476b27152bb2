"""The page of a charge: why it is as it is, its states and power on one axis, what happened, and what one can do."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from markupsafe import Markup

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.causes.diagnosis import diagnose
from wattline.domain.charge import CLAIMING
from wattline.domain.refusals import Refusal
from wattline.operations import charges
from wattline.portal import outcomes
from wattline.portal.charge_money import money_shown
from wattline.portal.curves import whole_curve
from wattline.portal.frame import Asked, render
from wattline.portal.live import Part, stream
from wattline.portal.live_line import line_parts
from wattline.portal.power_line import charge_line
from wattline.portal.reasons import source_words, stop_words
from wattline.portal.states import charge_look
from wattline.portal.timeline import MARGIN, timeline
from wattline.portal.what_happened import stations
from wattline.portal.why import explain
from wattline.queries import portal_causes
from wattline.queries import portal_charge as question
from wattline.queries.portal_charge import ChargePage
from wattline.queries.portal_power import PowerPoint, charge_power
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest

RESTARTABLE = {"reserved", "starting", "stopping"}


async def load(connection: Connection, viewer: Viewer, charge: ChargePage, formats: Formats) -> dict[str, Any]:
    """Gather what the page shows of a charge."""
    moves = await question.moves_of(connection, charge.id)
    commands = await question.commands_of(connection, charge.id)
    readings = await charge_power(connection, charge.id)
    facts = await portal_causes.facts_of_charge(connection, charge, moves, readings, formats.now)
    points = whole_curve(
        readings,
        started_at=charge.started_at,
        stopped_at=charge.stopped_at,
        power_w=charge.power_w if charge.state == "charging" else 0,
        now=formats.now,
    )
    glyph, look = charge_look(charge.state, failed=charge.failed_at is not None)
    return {
        "charge": charge,
        "money": await money_shown(connection, viewer, charge, formats),
        "state": {"glyph": glyph, "word": look.word, "reason": reason_of(charge, formats)},
        "why": explain(diagnose(facts), formats),
        "plot": timeline(charge, moves, points, formats),
        "stations": stations(charge, moves, commands, formats),
        "facts": facts_of(charge, formats),
        "mean_w": mean_power(charge.energy_wh, points),
        "drawn": charge_line(points, margin=MARGIN, ended=charge.stopped_at is not None),
        "when": when(charge, formats),
        "by": f"{charge.key_name or 'Charge key'} ··{charge.key_tail}"
        if charge.key_tail
        else source_words(charge.start_source),
        "can": {
            "stop": charge.state in CLAIMING,
            "force": charge.completed_at is None,
            "restart": charge.state in RESTARTABLE,
        },
    }


def reason_of(charge: ChargePage, formats: Formats) -> str:
    """Say what follows the state's word."""
    if charge.failed_at is not None:
        return "never began" if charge.failure_code == "start-expired" else "did not start"
    if charge.state == "paused":
        return {"suspended_ev": "by the car", "suspended_evse": "by the charge point"}.get(charge.raw_state or "", "")
    if charge.state == "reserved" and charge.reserved_until:
        return f"until {formats.minute(charge.reserved_until)}"
    return "nobody pays" if charge.forced_at else ""


def when(charge: ChargePage, formats: Formats) -> str:
    """Say from when to when it was."""
    began = charge.started_at or charge.created_at
    ended = charge.completed_at or charge.stopped_at
    said = f"{formats.day(began)}, {formats.minute(began)}"
    return f"{said} to {formats.minute(ended)}" if ended else f"{said} until now"


def mean_power(energy_wh: int, points: Sequence[PowerPoint]) -> int | None:
    """Average the power over the stretches between readings in which energy flowed, in watts."""
    flowing = [after.at - before.at for before, after in pairwise(points) if before.power_w or after.power_w]
    seconds = sum(flowing, timedelta(0)).total_seconds()
    return round(energy_wh * 3600 / seconds) if energy_wh and seconds else None


def facts_of(charge: ChargePage, formats: Formats) -> list[tuple[str, Markup | str]]:
    """List what is known beside the figures."""
    limits = []
    if charge.energy_limit_wh is not None:
        limits.append(formats.energy(charge.energy_limit_wh, 0))
    if charge.soc_limit_percent is not None:
        limits.append(formats.percent(float(charge.soc_limit_percent)))
    facts: list[tuple[str, Markup | str | None]] = [
        ("Ended because", stop_words(charge.stop_reason) if charge.stopped_at and not charge.failed_at else None),
        ("Should stop at", Markup(" or ").join(limits) if limits else None),
        ("Paid by", charge.payer),
        ("Meter at start", _meter(charge.meter_start_wh, formats)),
        ("Meter at end" if charge.stopped_at else "Meter now", _meter(charge.meter_last_wh, formats)),
        ("Partner’s id", charge.partner_external_id),
        ("OCPP transaction", str(charge.ocpp_transaction_id) if charge.ocpp_transaction_id else None),
        ("Note", charge.note),
    ]
    return [(label, value) for label, value in facts if value]


def _meter(watt_hours: int | None, formats: Formats) -> Markup | None:
    return None if watt_hours is None else formats.energy(watt_hours, 3)


@get("/charges/{charge_id:int}")
async def charge_page(request: PageRequest, charge_id: FromPath[int]) -> Response[bytes]:
    """Show a charge."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        charge = await question.charge_page(connection, asked.session.viewer, charge_id)
        values = await load(connection, asked.session.viewer, charge, asked.session.formats)
        live = f"/live/charges/{charge_id}"
        return await asked.page(
            "charge.jinja", connection, here="charges", live=live, here_thing=f"charge/{charge_id}", **values
        )


@get("/live/charges/{charge_id:int}")
async def charge_live(request: PageRequest, charge_id: FromPath[int]) -> Response[bytes]:
    """Keep the page of a charge current while it runs."""
    asked = Asked.of(request)
    viewer = asked.session.viewer
    async with asked.database.read() as connection:
        await question.charge_page(connection, viewer, charge_id)

    async def look(connection: Connection, formats: Formats) -> Mapping[str, Part]:
        charge = await question.charge_page(connection, viewer, charge_id)
        values = await load(connection, viewer, charge, formats)
        parts = {"charge-state": Part(render("part_state.jinja", **values))}
        for place in ("why", "figures", "plot", "price", "bookings", "facts", "stations", "buttons", "stake"):
            parts[f"charge-{place}"] = Part(render(f"charge_{place}.jinja", f=formats, **values), flash=False)
        if charge.stopped_at is None:
            said = formats.power_whole(charge.power_w or 0, "kW now")
            parts |= line_parts(values["drawn"], "Power of this charge", said, now=formats.now)
        return parts

    return stream(asked, [("charge", charge_id)], look)


Deed = Callable[[Asked, int, Mapping[str, str]], Awaitable[object]]


async def _stop(asked: Asked, charge_id: int, form: Mapping[str, str]) -> object:
    return await charges.stop_charge(
        asked.database, charge_id, asked_by=asked.session.viewer, source="portal", now=asked.session.now
    )


async def _force_stop(asked: Asked, charge_id: int, form: Mapping[str, str]) -> object:
    reason = form.get("reason", "").strip()[:300] or None
    return await charges.force_stop_charge(
        asked.database, charge_id, asked_by=asked.session.viewer, reason=reason, now=asked.session.now
    )


async def _restart(asked: Asked, charge_id: int, form: Mapping[str, str]) -> object:
    return await charges.restart_charge(asked.database, charge_id, asked_by=asked.session.viewer, now=asked.session.now)


# What is done, how it is called, and what is said when it went through.
DEEDS: Mapping[str, tuple[Deed, str, outcomes.Said]] = {
    "stop": (_stop, "Stop", outcomes.Said(
        "current", "stopping", "Asked to stop", "The charge ends as soon as the charge point says so.")),
    "force-stop": (_force_stop, "Force stop charging", outcomes.Said(
        "green", "completed", "Force stopped, nobody pays", "The charge is completed with price 0.")),
    "restart": (_restart, "Ask again", outcomes.Said(
        "current", "starting", "Asked again", "The charge point has up to 5 minutes.")),
}  # fmt: skip


@post("/charges/{charge_id:int}/{deed:str}", status_code=200)
async def do_to_charge(request: PageRequest, charge_id: FromPath[int], deed: FromPath[str]) -> Response[bytes]:
    """Stop, force stop or ask again, and say what came of it."""
    if deed not in DEEDS:
        raise NotFoundException
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        await question.charge_page(connection, asked.session.viewer, charge_id)
    do, label, said = DEEDS[deed]
    form: Any = await request.form()
    try:
        await do(asked, charge_id, {name: str(value) for name, value in form.items()})
    except Refusal as refusal:
        said = outcomes.say_refusal(label, refusal)
    if "hx-request" in request.headers:
        return asked.fragment("outcome.jinja", said=[said], link="", link_label="", settings=())
    async with asked.database.read() as connection:
        back = f"/charges/{charge_id}"
        return await asked.page(
            "outcome_page.jinja",
            connection,
            here="charges",
            back=back,
            said=[said],
            link="",
            link_label="",
            settings=(),
        )
