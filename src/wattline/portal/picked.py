"""Checking picked charge points: every row of the answer fills when its charge point has replied.

What changes something goes another way, and has a page that stays (fleet_orders.py).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence

import structlog
from litestar import Response, post
from litestar.response import Stream

from wattline.domain.naming import name_of_box
from wattline.operations import checks
from wattline.operations.command_targets import Box
from wattline.portal import outcomes
from wattline.portal.frame import Asked, render
from wattline.portal.live import Part, message
from wattline.queries.portal_charge_point import Box as BoxRow
from wattline.queries.portal_charge_point import box_page
from wattline.web.pages import HEADERS, PageRequest

log = structlog.get_logger()

# One looks after a street by hand, not a country: as many as one page of the list shows.
PICKED_MAX = 50
# Asked at the same time: a street is done within seconds, and the rest of the network still gets a word in.
AT_ONCE = 10


LABEL = "Run a check"


@post("/charge-points/picked/check", status_code=200)
async def do_for_picked(request: PageRequest) -> Response[bytes]:
    """Ask all charge points that were picked in the list, and answer row by row as they reply."""
    asked = Asked.of(request)
    form = await request.form()
    ids = [int(value) for value in form.getall("box", []) if str(value).isdigit()][:PICKED_MAX]
    async with asked.database.read() as connection:
        boxes = [await box_page(connection, asked.session.viewer, box_id) for box_id in dict.fromkeys(ids)]
    headers = dict(HEADERS) | {"X-Accel-Buffering": "no"}
    return Stream(_rows(asked, boxes), media_type="text/event-stream", headers=headers)  # type: ignore[return-value]


async def _rows(asked: Asked, boxes: Sequence[BoxRow]) -> AsyncIterator[str]:
    answers: asyncio.Queue[tuple[BoxRow, outcomes.Said]] = asyncio.Queue()
    _send_off(asked, boxes, answers)
    rows = [(box, name_of_box([one.name for one in box.connectors])) for box in boxes]
    yield message({"bulk-outcome": Part(render("outcome_picked.jinja", label=LABEL, rows=rows))}, flash=False)
    for done in range(1, len(boxes) + 1):
        box, said = await answers.get()
        row = Part(render("outcome_picked_row.jinja", said=said))
        yield message({f"picked-{box.id}": row, "picked-done": Part(f"{done} of {len(boxes)} done")}, flash=False)


def _send_off(
    asked: Asked,
    boxes: Sequence[BoxRow],
    answers: asyncio.Queue[tuple[BoxRow, outcomes.Said]],
) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def ask(box: BoxRow) -> None:
        async with gate:
            answers.put_nowait((box, await _ask(asked, box)))

    # Whoever leaves the page ends the telling, not the doing: the tasks belong to the process, not to the answer.
    errands: set[asyncio.Task[None]] = asked.request.app.state.setdefault("errands", set())
    for box in boxes:
        task = asyncio.create_task(ask(box), name=f"picked {box.id}")
        errands.add(task)
        task.add_done_callback(errands.discard)


async def _ask(asked: Asked, box: BoxRow) -> outcomes.Said:
    try:
        return await _check(asked, box)
    except Exception as error:
        # One row that breaks must not keep the others waiting.
        log.error("check of a picked charge point failed", charge_point_id=box.id, exc_info=error)
        return outcomes.Said("red", "failed", f"{LABEL}: something broke on our side", todo="try again.")


async def _check(asked: Asked, box: BoxRow) -> outcomes.Said:
    found = await checks.run_check(
        asked.database, asked.request.app.state.bus, Box(box.id), asked_by=asked.session.viewer, now=asked.session.now
    )
    return outcomes.say_check(found)
