"""Why did my charge fail? Of a charge: everything that was found. Of a charge point: why none begins here."""

from dataclasses import replace
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.causes.diagnosis import diagnose
from wattline.domain.causes.facts import Facts
from wattline.domain.causes.speed import slowness
from wattline.portal import charge_point as point_pages
from wattline.portal.charge_rows import charge_rows
from wattline.portal.frame import Asked
from wattline.portal.states import charge_look
from wattline.portal.why import say_all, say_checks
from wattline.queries import portal_causes, portal_charge
from wattline.queries.portal_charge import ChargePage
from wattline.queries.portal_charges import ChargeWish, list_charges
from wattline.queries.portal_power import charge_power
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest

FAILED_SHOWN = 5


async def facts_of(connection: Connection, charge: ChargePage, formats: Formats) -> Facts:
    """Gather everything about a charge, and compare a slow one with those before it."""
    moves = await portal_charge.moves_of(connection, charge.id)
    points = await charge_power(connection, charge.id)
    facts = await portal_causes.facts_of_charge(connection, charge, moves, points, formats.now)
    if slowness(facts)[0] is None:
        return facts
    best_w, earlier = await portal_causes.best_of_others(connection, charge.connector_id, charge.id)
    return replace(facts, place=replace(facts.place, best_w=best_w, earlier=earlier))


@get("/charges/{charge_id:int}/why")
async def charge_why_page(request: PageRequest, charge_id: FromPath[int]) -> Response[bytes]:
    """Show every cause that was found for how a charge went, the likeliest first."""
    asked = Asked.of(request)
    formats = asked.session.formats
    async with asked.database.read() as connection:
        charge = await portal_charge.charge_page(connection, asked.session.viewer, charge_id)
        facts = await facts_of(connection, charge, formats)
        found = diagnose(facts)
        glyph, look = charge_look(charge.state, failed=charge.failed_at is not None)
        return await asked.page(
            "charge_why_page.jinja", connection, here="charges", here_thing=f"charge/{charge_id}", charge=charge,
            state={"glyph": glyph, "word": look.word, "reason": ""}, answered=found.answer is not None,
            findings=say_all(found.findings, formats), checks=say_checks(found.checks, formats),
            looked=looked_at(facts),
        )  # fmt: skip


@get("/charge-points/{box_id:int}/why")
async def point_why_page(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """Show why no charge begins at a charge point, connector by connector, and its charges that failed."""
    asked = Asked.of(request)
    formats = asked.session.formats
    async with asked.database.read() as connection:
        values = await point_pages.headed(asked, connection, box_id, "why")
        parts = [await _connector(connection, view.connector, box_id, formats) for view in values["view"].by_number]
        wish = ChargeWish(charge_point_id=box_id, failed=True, limit=FAILED_SHOWN)
        failed = await list_charges(connection, asked.session.viewer, wish)
        return await asked.page(
            "charge_point_why.jinja", connection, here="charge-points", parts=parts,
            rows=charge_rows(failed.charges, formats), **values,
        )  # fmt: skip


async def _connector(connection: Connection, connector: Any, box_id: int, formats: Formats) -> dict[str, Any]:
    facts = await portal_causes.facts_of_place(connection, connector.id, box_id, connector.number, formats.now)
    found = diagnose(facts)
    return {
        "connector": connector,
        "findings": say_all(found.findings, formats),
        "checks": say_checks(found.checks, formats),
        "looked": looked_at(facts),
    }


def looked_at(facts: Facts) -> dict[str, int]:
    """Count what the search went through: whoever reads that nothing was found should know how much was looked at."""
    return {"lines": len(facts.lines), "commands": len(facts.asked), "readings": len(facts.power)}
