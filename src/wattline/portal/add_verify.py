"""Add a charge point, fourth step: wait live for its call, and say what is wrong when it fails."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.verification import Finding, Seen, verify
from wattline.operations.onboarding_hardware import Hardware, set_hardware
from wattline.portal.add_charge_point import load, step_page
from wattline.portal.addresses import moment
from wattline.portal.forms import Form
from wattline.portal.frame import Asked, render
from wattline.portal.live import Part, stream
from wattline.portal.setup_steps import ADD, ocpp_address, steps_of
from wattline.portal.verify_stations import stations_of
from wattline.portal.verify_words import tell
from wattline.queries.portal_calls import near_callers, oddities, refused_calls
from wattline.queries.portal_setup import Setup, setup_of
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest, go

# A call that failed before somebody looked still explains; one of last week does not.
LOOK_BACK = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Listening:
    """From when on calls count, and from when on somebody waits."""

    since: datetime
    clock_from: datetime

    @classmethod
    def of(cls, query: Mapping[str, str], setup: Setup, formats: Formats) -> "Listening":
        """Read it from an address. Calls from before the last change of identity or password never count."""
        assert setup.hardware is not None
        asked_at = moment(query.get("since"), formats)
        changed_at = max(setup.hardware.updated_at, formats.now - LOOK_BACK)
        since = changed_at if asked_at is None else max(asked_at, changed_at)
        return cls(since, moment(query.get("from"), formats) or asked_at or formats.now)

    def query(self) -> str:
        """Write it into an address."""
        return urlencode({"since": self.since.isoformat(), "from": self.clock_from.isoformat()})


@get(f"{ADD}/{{connector_id:int}}/verify")
async def verify_page(request: PageRequest, connector_id: FromPath[int]) -> Response[bytes]:
    """Show how far it is."""
    asked = Asked.of(request)
    setup = await load(asked, connector_id)
    if setup.hardware is None:
        return go(f"{ADD}/{connector_id}/model", request)
    formats = asked.session.formats
    listening = Listening.of(request.query_params, setup, formats)
    async with asked.database.read() as connection:
        seen, finding = await look_for(connection, setup, listening, now=formats.now)
        return await step_page(
            asked,
            connection,
            "add_verify.jinja",
            setup,
            "verify",
            address=ocpp_address(request),
            told=tell(setup, seen, finding, formats),
            stations=stations_of(setup, seen, finding, formats),
            live=f"/live{ADD}/{connector_id}/verify?{listening.query()}",
        )


async def look_for(
    connection: Connection, setup: Setup, listening: Listening, *, now: datetime
) -> tuple[Seen, Finding]:
    """Gather what was seen of a charge point, and weigh it."""
    box = setup.hardware
    assert box is not None
    odd = await oddities(connection, box.id, since=listening.since)
    seen = Seen(
        listening_since=listening.clock_from,
        refused=await refused_calls(connection, box.identity_key, since=listening.since),
        strangers=await near_callers(connection, box.identity, charge_point_id=box.id, since=listening.since),
        connected=box.connected,
        connected_at=box.connected_at,
        disconnected_at=box.disconnected_at,
        booted_at=box.booted_at,
        sockets=[(each.number, each.status_at) for each in setup.sockets],
        rivals=odd.rivals,
        extra_sockets=odd.extra_sockets,
    )
    return seen, verify(seen, now=now)


@get(f"/live{ADD}/{{connector_id:int}}/verify")
async def verify_live(request: PageRequest, connector_id: FromPath[int]) -> Response[bytes]:
    """Keep the page current: it moves on by itself. Parts with buttons change only when they say something else."""
    asked = Asked.of(request)
    setup = await load(asked, connector_id)
    if setup.hardware is None:
        return go(f"{ADD}/{connector_id}/model", request)
    listening = Listening.of(request.query_params, setup, asked.session.formats)

    async def look_again(connection: Connection, formats: Formats) -> Mapping[str, Part]:
        now_setup = await setup_of(connection, asked.session.viewer, connector_id)
        seen, finding = await look_for(connection, now_setup, listening, now=formats.now)
        told = tell(now_setup, seen, finding, formats)
        values = {"setup": now_setup, "told": told, "f": formats, "csrf": asked.session.csrf}
        stations = stations_of(now_setup, seen, finding, formats)
        steps = steps_of(now_setup, "verify")
        return {
            "verify-told": Part(render("part_verify_told.jinja", **values), flash=False, key=told.key),
            "verify-times": Part(told.times, flash=False),
            "verify-seen": Part(render("part_verify_seen.jinja", stations=stations), flash=False),
            "verify-help": Part(render("part_verify_help.jinja", setup=now_setup), flash=False),
            "add-steps": Part(render("add_steps.jinja", steps=steps, step="verify"), flash=False),
            "line-now": Part(told.line),
        }

    return stream(asked, [("box", setup.hardware.id), ("handshake", 0)], look_again)


@post(f"{ADD}/{{connector_id:int}}/listen", status_code=200)
async def listen_again(request: PageRequest, connector_id: FromPath[int]) -> Response[bytes]:
    """Forget what was seen and listen anew, after something was changed at the charge point."""
    asked = Asked.of(request)
    await load(asked, connector_id)
    return _listen_from(asked, connector_id)


@post(f"{ADD}/{{connector_id:int}}/identity", status_code=200)
async def use_identity(request: PageRequest, connector_id: FromPath[int]) -> Response[bytes]:
    """Take over the name it called with, and listen."""
    asked = Asked.of(request)
    setup = await load(asked, connector_id)
    form = await Form.of(request)
    if setup.hardware is None or setup.model_id is None:
        return go(f"{ADD}/{connector_id}/model", request)
    await set_hardware(
        asked.database,
        connector_id,
        Hardware(identity=form["identity"], model_id=setup.model_id, connectors=len(setup.sockets)),
        password="",
        pepper=request.app.state.settings.pepper,
        asked_by=asked.session.viewer,
        now=asked.session.now,
    )
    return _listen_from(asked, connector_id)


def _listen_from(asked: Asked, connector_id: int) -> Response[bytes]:
    since = urlencode({"since": asked.session.now.isoformat()})
    return go(f"{ADD}/{connector_id}/verify?{since}", asked.request)
