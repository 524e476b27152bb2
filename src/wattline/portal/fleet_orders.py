"""Bulk actions: asking before them, ordering them, and how far each is, row by row."""

from datetime import UTC, datetime
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.documents.sheet import csv_of
from wattline.domain.access import may
from wattline.domain.refusals import Invalid, Unknown
from wattline.operations import fleet_orders as verbs
from wattline.operations.fleet_deeds import IMPORT, right_for
from wattline.portal.addresses import moment
from wattline.portal.fleet_choice import chosen
from wattline.portal.fleet_words import DEEDS, PLANS, STATE_GLYPHS, STATES, label_of, say_row
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.queries import portal_fleet_orders as question
from wattline.queries.portal_places import list_places
from wattline.web.pages import HEADERS, PageRequest, go

ROOM = "/charge-points/bulk"
PAGE_ROWS = 100
SHOWN = ("all", "failed", "waiting", "create", "update", "same")


@get(ROOM)
async def orders_page(request: PageRequest) -> Response[bytes]:
    """List what was asked of many charge points lately."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        orders = await question.list_orders(connection, asked.session.viewer)
        return await asked.page(
            "fleet_orders.jinja", connection, here="charge-points", orders=orders, label_of=label_of, states=STATES,
            glyphs=STATE_GLYPHS,
        )  # fmt: skip


@post(ROOM, status_code=200)
async def ask_page(request: PageRequest) -> Response[bytes]:
    """Say for how many charge points a bulk action is, and ask for what it needs."""
    return await _ask(Asked.of(request), await Form.of(request))


@post(f"{ROOM}/order", status_code=200)
async def order(request: PageRequest) -> Response[bytes]:
    """Order it, and show how far it is."""
    asked, form = Asked.of(request), await Form.of(request)
    async with asked.database.read() as connection:
        keys = await chosen(connection, asked.session.viewer, form)
    try:
        new = verbs.NewOrder(deed=form["deed"], keys=keys, form=_values(asked, form))
        order_id = await verbs.order(asked.database, new, asked_by=asked.session.viewer, now=asked.session.now)
    except Invalid as refusal:
        return await _ask(asked, form.refused(refusal))
    except verbs.TooManyOrders as refusal:
        return await _ask(asked, form.wrong("box", str(refusal)))
    return go(f"{ROOM}/{order_id}", request)


@get(f"{ROOM}/{{order_id:int}}")
async def order_page(request: PageRequest, order_id: FromPath[int]) -> Response[bytes]:
    """Show an order: how far it is, and what became of each row."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        return await asked.page(
            "fleet_order.jinja", connection, here="charge-points", **await _shown(asked, connection, order_id)
        )


@get(f"{ROOM}/{{order_id:int}}/now")
async def order_part(request: PageRequest, order_id: FromPath[int]) -> Response[bytes]:
    """Show the same for a page that is open."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        return asked.fragment("fleet_order_part.jinja", **await _shown(asked, connection, order_id))


@get(f"{ROOM}/{{order_id:int}}/rows.csv")
async def order_file(request: PageRequest, order_id: FromPath[int]) -> Response[bytes]:
    """Hand out what became of every row."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        line = await question.order_line(connection, asked.session.viewer, order_id)
        rows = await question.rows_of_order(connection, order_id, show="all", offset=0, limit=verbs.ROWS_MAX)
    said = [(row, say_row(line.deed, row)) for row in rows]
    cells = [
        (row["place"], row["name"], row["identity"], row["outcome"], words.heading, words.reasoning or words.todo)
        for row, words in said
    ]
    headings = ("row", "name", "identity", "outcome", "in_words", "more")
    headers = dict(HEADERS) | {"Content-Disposition": f'attachment; filename="bulk-{order_id}.csv"'}
    return Response(csv_of(headings, cells), media_type="text/csv", headers=headers)


@post(f"{ROOM}/{{order_id:int}}/{{key:str}}", status_code=200)
async def do_to_order(request: PageRequest, order_id: FromPath[int], key: FromPath[str]) -> Response[bytes]:
    """Apply a file that was looked at, call an order off, or repeat it where it did not work."""
    asked = Asked.of(request)
    who: dict[str, Any] = {"asked_by": asked.session.viewer, "now": asked.session.now}
    async with asked.database.read() as connection:
        line = await question.order_line(connection, asked.session.viewer, order_id)
    _must_be_theirs(asked, line)
    match key:
        case "apply" if line.deed == IMPORT:
            await verbs.apply_draft(asked.database, order_id, **who)
        case "call-off":
            await verbs.call_off(asked.database, order_id, **who)
        case "again":
            order_id = await verbs.again_for_failed(asked.database, order_id, **who)
        case _:
            raise Unknown("deed", key)
    return go(f"{ROOM}/{order_id}", request)


def _must_be_theirs(asked: Asked, line: question.OrderLine) -> None:
    """Refuse whoever may not order the like; the room itself is open to everybody who may control charge points."""
    right = right_for(line.deed)
    if right is not None and not may(asked.session.viewer, right):
        raise Unknown("bulk action", line.id)


def _values(asked: Asked, form: Form) -> dict[str, Any]:
    """Read what the deed needs to know. Raises Invalid."""
    match form["deed"]:
        case "price-group":
            group = form.number("price_group_id")
            if group is None:
                raise Invalid("price_group_id", "choose one.")
            return {"price_group_id": group}
        case "site":
            if form.number("site_id") is None and form["site_id"] != "none":
                raise Invalid("site_id", "choose one.")
            return {"site_id": form.number("site_id")}
        case "firmware":
            at: datetime = moment(form["at"], asked.session.formats) or asked.session.now
            return {"location": form["location"], "retrieve_at": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    return {}


async def _ask(asked: Asked, form: Form) -> Response[bytes]:
    deed, right = form["deed"], right_for(form["deed"])
    viewer = asked.session.viewer
    if deed not in DEEDS or right is None or not may(viewer, right):
        raise Unknown("bulk action", deed)
    async with asked.database.read() as connection:
        keys = await chosen(connection, viewer, form)
        return await asked.page(
            "fleet_ask.jinja",
            connection,
            here="charge-points",
            status=400 if form.problems else 200,
            form=form,
            deed=deed,
            words=DEEDS[deed],
            keys=[] if form["all"] else keys,
            count=len(keys),
            sites=(await list_places(connection, viewer)).sites if deed == "site" else [],
            groups=await question.price_groups_for_points(connection, viewer) if deed == "price-group" else [],
        )


async def _shown(asked: Asked, connection: Connection, order_id: int) -> dict[str, Any]:
    viewer, query = asked.session.viewer, asked.request.query_params
    line = await question.order_line(connection, viewer, order_id)
    show = query.get("show", "all") if query.get("show") in SHOWN else "all"
    page = int(query["page"]) if query.get("page", "").isdigit() and len(query["page"]) < 6 else 1
    page = max(page, 1)
    rows = await question.rows_of_order(
        connection, order_id, show=show, offset=(page - 1) * PAGE_ROWS, limit=PAGE_ROWS + 1
    )
    return {
        "order": line,
        "label": label_of(line.deed),
        "about": await question.names_in_form(connection, viewer, line.form),
        "rows": [(row, say_row(line.deed, row)) for row in rows[:PAGE_ROWS]],
        "show": show,
        "page": page,
        "more": len(rows) > PAGE_ROWS,
        "state": (STATE_GLYPHS[line.state], STATES[line.state]),
        "plan_words": PLANS,
        "yours": line.user_id == viewer.user_id,
        "failed": line.finished - line.worked,
    }
