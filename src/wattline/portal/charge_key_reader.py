"""Adding a charge key by tapping it: wait live at a charge point's reader for the next key that nobody knows."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.charge_key import VEHICLE_PREFIX, normalise
from wattline.domain.refusals import Unknown
from wattline.operations.reader_waits import Wait, begin_wait, wait_of
from wattline.portal.charge_keys import ROOM
from wattline.portal.forms import Form
from wattline.portal.frame import Asked, render
from wattline.portal.live import Part, stream
from wattline.queries.portal_charge_keys import reader_name
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest, go


@post(f"{ROOM}/tap", status_code=200)
async def wait_for_tap(request: PageRequest) -> Response[bytes]:
    """Begin to wait at the chosen charge point."""
    asked, form = Asked.of(request), await Form.of(request)
    reader = form.number("reader")
    if reader is None:
        raise Unknown("charge point", form["reader"])
    wait_id = await begin_wait(asked.database, reader, asked_by=asked.session.viewer, now=asked.session.now)
    return go(f"{ROOM}/tap/{wait_id}", request)


@get(f"{ROOM}/tap/{{wait_id:int}}")
async def tap_page(request: PageRequest, wait_id: FromPath[int]) -> Response[bytes]:
    """Show how far it is."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        wait = await wait_of(connection, wait_id, asked_by=asked.session.viewer)
        return await asked.page(
            "charge_key_tap.jinja",
            connection,
            here="charge-keys",
            wait=wait,
            reader=await reader_name(connection, wait.charge_point_id),
            live=f"/live{ROOM}/tap/{wait_id}",
            **_told(wait, asked.session.formats),
        )


@get(f"/live{ROOM}/tap/{{wait_id:int}}")
async def tap_live(request: PageRequest, wait_id: FromPath[int]) -> Response[bytes]:
    """Keep the page current until a key was held to the reader."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        begun = await wait_of(connection, wait_id, asked_by=asked.session.viewer)
        reader = await reader_name(connection, begun.charge_point_id)

    async def look_again(connection: Connection, formats: Formats) -> Mapping[str, Part]:
        wait = await wait_of(connection, wait_id, asked_by=asked.session.viewer)
        told = _told(wait, formats)
        html = render("part_key_tap.jinja", wait=wait, reader=reader, f=formats, csrf=asked.session.csrf, **told)
        return {"key-tap": Part(html, flash=False, key=f"{wait.tag} {told['over']}")}

    return stream(asked, [("box", begun.charge_point_id)], look_again)


def _told(wait: Wait, formats: Formats) -> dict[str, Any]:
    bare = normalise(wait.tag or "")
    vehicle = bare.startswith(VEHICLE_PREFIX)
    return {"over": wait.tag is None and wait.ends_at <= formats.now, "found": bare.removeprefix(VEHICLE_PREFIX),
            "kind": "vehicleId" if vehicle else "rfid"}  # fmt: skip
