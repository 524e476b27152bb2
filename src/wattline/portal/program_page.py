"""One program: what its key may do, where its webhooks go, whether they arrive; and the end of the key."""

from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from wattline.domain.access import Right
from wattline.operations.api_keys import revoke_api_key
from wattline.operations.webhook_replays import replay_entry
from wattline.portal.addresses import number
from wattline.portal.frame import Asked
from wattline.portal.programs import ROOM
from wattline.portal.simple_deeds import do_and_go
from wattline.queries.portal_programs import ENTRIES_SHOWN, delivery_of, list_deliveries, program_of
from wattline.web.pages import PageRequest, go

STATUSES = (
    ("pending", "Waiting", "pending", "current"),
    ("failed", "Failed", "failed", "red"),
    ("completed", "Delivered", "completed", "green"),
)


@get(f"{ROOM}/{{key_id:int}}")
async def program_page(request: PageRequest, key_id: FromPath[int]) -> Response[bytes]:
    """Show a key and what was sent to its webhook."""
    asked = Asked.of(request)
    query = request.query_params
    status = query.get("status") if query.get("status") in {key for key, *_ in STATUSES} else None
    async with asked.database.read() as connection:
        program = await program_of(connection, asked.session.viewer, key_id)
        found = await list_deliveries(connection, key_id, status=status, before=number(query.get("before")))
        more = {"status": status or "", "before": found[-1].id} if len(found) == ENTRIES_SHOWN else {}
        return await asked.page(
            "program.jinja",
            connection,
            here="api",
            program=program,
            deliveries=found,
            wanted=status,
            statuses=STATUSES,
            counts={"pending": program.waiting, "failed": program.failed},
            older=f"{ROOM}/{key_id}?{urlencode(more)}" if more else "",
            may_manage=asked.session.may(Right.MANAGE_PROGRAMS),
        )


@get(f"{ROOM}/{{key_id:int}}/entries/{{entry_id:int}}")
async def delivery_page(request: PageRequest, key_id: FromPath[int], entry_id: FromPath[int]) -> Response[bytes]:
    """Show one event with what was sent."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        program = await program_of(connection, asked.session.viewer, key_id)
        found = await delivery_of(connection, key_id, entry_id)
        body = None if found.payload is None else msgspec.json.format(msgspec.json.encode(found.payload)).decode()
        return await asked.page(
            "delivery.jinja", connection, here="api", program=program, delivery=found, body=body, statuses=STATUSES,
            may_manage=asked.session.may(Right.MANAGE_PROGRAMS),
        )  # fmt: skip


@post(f"{ROOM}/{{key_id:int}}/entries/{{entry_id:int}}/again", status_code=200)
async def send_again(request: PageRequest, key_id: FromPath[int], entry_id: FromPath[int]) -> Response[bytes]:
    """Send an event again, with the others it was sent with."""
    asked = Asked.of(request)
    verb = replay_entry(asked.database, key_id, entry_id, asked_by=asked.session.viewer, now=asked.session.now)
    return await do_and_go(asked, "Send it again", verb, to=f"{ROOM}/{key_id}/entries/{entry_id}", here="api")


@post(f"{ROOM}/{{key_id:int}}/revoke", status_code=200)
async def revoke_program(request: PageRequest, key_id: FromPath[int]) -> Response[bytes]:
    """End a key."""
    asked = Asked.of(request)
    await revoke_api_key(asked.database, key_id, asked_by=asked.session.viewer, now=asked.session.now)
    return go(f"{ROOM}/{key_id}", request)
