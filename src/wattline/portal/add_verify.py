"""Waiting for a new charge point to call: the step that explains why it does not."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from litestar import Response, get, post

from wattline.database.connection import Connection
from wattline.operations import box_identity
from wattline.portal.add_steps import begin, bound, ocpp_address, page
from wattline.portal.addresses import moment
from wattline.portal.frame import Asked, render
from wattline.portal.live import Part, stream
from wattline.portal.verification import Seen, verdict
from wattline.queries import portal_onboarding as question
from wattline.queries.portal_onboarding import Newcomer
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest, go

# How far back calls count when somebody opens the page: the charge point may have been faster.
LISTEN_BACK = timedelta(minutes=30)


@get("/charge-points/add/{connector_id:int}/verify")
async def verify_page(request: PageRequest, connector_id: int) -> Response[bytes]:
    """Step 4: wait for it to call, and say what is wrong if it does not."""
    asked = Asked.of(request)
    found = await bound(asked, connector_id)
    since = _since(asked, found)
    async with asked.database.read() as connection:
        shown = await _look(connection, asked, found, since)
        values = {
            "step": "verify",
            "address": ocpp_address(request),
            "live": f"/live/charge-points/add/{connector_id}?since={since.isoformat().replace('+', '%2B')}",
            **shown,
        }
        return await page(asked, connection, "add_verify.jinja", values)


def _since(asked: Asked, found: Newcomer) -> datetime:
    told = moment(asked.request.query_params.get("since"), asked.session.formats)
    return told or max(found.box_created_at or found.created_at, asked.session.now - LISTEN_BACK)


async def _look(connection: Connection, asked: Asked, found: Newcomer, since: datetime) -> dict[str, Any]:
    assert found.box_id is not None
    formats = Formats(asked.session.formats.locale, asked.session.formats.zone, asked.request.app.state.clock())
    seen = Seen(
        newcomer=found,
        refused=await question.refused_calls(connection, found.box_id, since=since),
        strangers=await question.strangers(connection, since=since),
        formats=formats,
    )
    return {"newcomer": found, "verdict": verdict(seen), "since": since, "now": formats.now}


@get("/live/charge-points/add/{connector_id:int}")
async def verify_live(request: PageRequest, connector_id: int) -> Response[bytes]:
    """Keep the verification current: every call, refused or not, wakes it."""
    asked = Asked.of(request)
    found = await bound(asked, connector_id)
    since = _since(asked, found)

    async def look(connection: Connection, formats: Formats) -> Mapping[str, Part]:
        now_found = await question.newcomer(connection, asked.session.viewer, connector_id)
        shown = await _look(connection, asked, now_found, since)
        values = {"f": formats, "csrf": asked.session.csrf, **shown}
        return {
            "verify-said": Part(render("add_verify_said.jinja", **values), flash=False, key=repr(shown["verdict"])),
            "verify-stations": Part(render("add_verify_stations.jinja", **values), flash=False),
        }

    return stream(asked, [("box", found.box_id or 0), ("handshake", 0)], look)


@post("/charge-points/add/{connector_id:int}/identity", status_code=200)
async def use_identity(request: PageRequest, connector_id: int) -> Response[bytes]:
    """Take over the identity it really calls with."""
    asked, form = await begin(request)
    found = await bound(asked, connector_id)
    assert found.box_id is not None
    await box_identity.correct_identity(
        asked.database, found.box_id, form.get("identity", ""), asked_by=asked.session.viewer, now=asked.session.now
    )
    return go(f"/charge-points/add/{connector_id}/verify", request)
