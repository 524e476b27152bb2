"""Charge points from a file: read it, show what each row would do, apply it, and hand out new passwords once."""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.documents.sheet import csv_of
from wattline.documents.workbook_rows import SIGNATURE, rows_of_workbook
from wattline.domain.csv_rows import rows_of, text_of
from wattline.domain.fleet_file import BYTES_MAX, ROWS_MAX, WRITTEN, FleetFile, read_fleet
from wattline.domain.refusals import Invalid
from wattline.operations.fleet_import import draft_import, take_passwords
from wattline.operations.fleet_orders import TooManyOrders
from wattline.operations.secrets import unseal
from wattline.portal.fleet_orders import ROOM
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.web.pages import HEADERS, PageRequest, go

# The file and what a form adds to it.
BODY_BYTES_MAX = BYTES_MAX + 100_000


@get("/charge-points/import")
async def import_page(request: PageRequest) -> Response[bytes]:
    """Ask for a file."""
    return await _page(Asked.of(request), Form())


@post("/charge-points/import", status_code=200, request_max_body_size=BODY_BYTES_MAX)
async def import_file(request: PageRequest) -> Response[bytes]:
    """Read a file and show what it would do; nothing is changed yet."""
    asked = Asked.of(request)
    sent: Any = (await request.form()).get("file")
    content: bytes = await sent.read() if hasattr(sent, "read") else b""
    try:
        # Beside the event loop: a long file takes seconds, and everybody else is served meanwhile.
        file = await asyncio.to_thread(read, content)
        order_id = await draft_import(asked.database, file, asked_by=asked.session.viewer, now=asked.session.now)
    except Invalid as refusal:
        return await _page(asked, Form().wrong("file", refusal.problem))
    except TooManyOrders as refusal:
        return await _page(asked, Form().wrong("file", f"could not be taken. {refusal}"))
    return go(f"{ROOM}/{order_id}", request)


@post(f"{ROOM}/{{order_id:int}}/passwords", status_code=200)
async def passwords_file(request: PageRequest, order_id: FromPath[int]) -> Response[bytes]:
    """Hand out the passwords of the charge points that a file made; afterwards nobody can read them any more."""
    asked = Asked.of(request)
    pepper = request.app.state.settings.pepper
    rows = await take_passwords(asked.database, order_id, asked_by=asked.session.viewer)
    cells = [(name, identity, unseal(sealed, pepper=pepper)) for name, identity, sealed in rows]
    headers = dict(HEADERS) | {"Content-Disposition": f'attachment; filename="passwords-{order_id}.csv"'}
    return Response(csv_of(("name", "identity", "password"), cells), media_type="text/csv", headers=headers)


def read(content: bytes) -> FleetFile:
    """Read a workbook or CSV. Raises Invalid."""
    if len(content) > BYTES_MAX:
        raise Invalid("file", f"is larger than {BYTES_MAX // 1_000_000} MB. Cut it in pieces, one upload each.")
    if content.startswith(SIGNATURE):
        return read_fleet(rows_of_workbook(content))
    return read_fleet(rows_of(text_of(content, bytes_max=BYTES_MAX)))


async def _page(asked: Asked, form: Form) -> Response[bytes]:
    async with asked.database.read() as connection:
        return await asked.page(
            "fleet_import.jinja", connection, here="charge-points", status=400 if form.problems else 200, form=form,
            columns=WRITTEN, rows_max=ROWS_MAX,
        )  # fmt: skip
