"""Contact support: a form that takes the page's context along, and every question with its answers."""

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.domain.access import Right
from wattline.domain.refusals import Invalid, NotReady, Refusal
from wattline.operations import support as verbs
from wattline.portal import outcomes
from wattline.portal.addresses import number
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.support_context import Context, context_of
from wattline.queries import support as question
from wattline.web.pages import PageRequest, go

ROOM = "/support"
STATES = ("open", "answered", "closed")


@get(ROOM)
async def support_page(request: PageRequest) -> Response[bytes]:
    """List questions: all of the operator's for who answers them, else one's own."""
    asked, query = Asked.of(request), request.query_params
    state = query.get("state") if query.get("state") in STATES else None
    async with asked.database.read() as connection:
        found = await question.list_tickets(
            connection, asked.session.viewer, state=state, before=number(query.get("before"))
        )
        return await asked.page(
            "support.jinja", connection, here="support", tickets=found[: question.PAGE_TICKETS],
            more=len(found) > question.PAGE_TICKETS, state=state, answers=asked.session.may(Right.ANSWER_SUPPORT),
        )  # fmt: skip


@get(f"{ROOM}/new")
async def ask_page(request: PageRequest) -> Response[bytes]:
    """Show the form, with what goes along."""
    asked = Asked.of(request)
    context = await _context(asked, Form(dict(request.query_params.items())))
    return await _form(asked, context, Form({"subject": context.subject}))


@post(f"{ROOM}/new", status_code=200)
async def ask(request: PageRequest) -> Response[bytes]:
    """Open a question. Its context is gathered anew: what a browser sends is no evidence."""
    asked, form = Asked.of(request), await Form.of(request)
    context = await _context(asked, form)
    wanted = verbs.Question(
        subject=form["subject"], text=form["text"], context=context.text, charge_id=context.charge_id,
        charge_point_id=context.box_id,
    )  # fmt: skip
    try:
        made = await verbs.ask(
            asked.database, wanted, asked_by=asked.session.viewer, web_url=_url(request), now=asked.session.now
        )
    except Invalid as refusal:
        return await _form(asked, context, form.refused(refusal))
    except NotReady as refusal:
        return await _form(asked, context, form.wrong("text", str(refusal)))
    return go(f"{ROOM}/{made}", request)


@get(f"{ROOM}/{{ticket_id:int}}")
async def ticket_page(request: PageRequest, ticket_id: FromPath[int]) -> Response[bytes]:
    """Show a question, what was answered, and what the page said when it was asked."""
    return await _ticket(Asked.of(request), ticket_id, Form())


@post(f"{ROOM}/{{ticket_id:int}}/answer", status_code=200)
async def answer(request: PageRequest, ticket_id: FromPath[int]) -> Response[bytes]:
    """Answer a question, or add to one's own."""
    asked, form = Asked.of(request), await Form.of(request)
    try:
        await verbs.add_message(
            asked.database, ticket_id, form["text"], asked_by=asked.session.viewer, web_url=_url(request),
            now=asked.session.now,
        )  # fmt: skip
    except Invalid as refusal:
        return await _ticket(asked, ticket_id, form.refused(refusal))
    except NotReady as refusal:
        return await _ticket(asked, ticket_id, form.wrong("text", str(refusal)))
    return go(f"{ROOM}/{ticket_id}", request)


@post(f"{ROOM}/{{ticket_id:int}}/close", status_code=200)
async def close(request: PageRequest, ticket_id: FromPath[int]) -> Response[bytes]:
    """Close a question."""
    asked = Asked.of(request)
    try:
        await verbs.close(asked.database, ticket_id, asked_by=asked.session.viewer, now=asked.session.now)
    except NotReady as refusal:
        return await _refused(asked, ticket_id, refusal)
    return go(f"{ROOM}/{ticket_id}", request)


async def _refused(asked: Asked, ticket_id: int, refusal: Refusal) -> Response[bytes]:
    return await _ticket(asked, ticket_id, Form().wrong("text", outcomes.say_refusal("Close", refusal).reasoning))


async def _context(asked: Asked, form: Form) -> Context:
    async with asked.database.read() as connection:
        return await context_of(connection, asked.session, charge_id=form.number("charge"), box_id=form.number("point"))


async def _form(asked: Asked, context: Context, form: Form) -> Response[bytes]:
    async with asked.database.read() as connection:
        return await asked.page(
            "support_new.jinja", connection, here="support", status=400 if form.problems else 200, form=form,
            context=context,
        )  # fmt: skip


async def _ticket(asked: Asked, ticket_id: int, form: Form) -> Response[bytes]:
    async with asked.database.read() as connection:
        ticket, messages = await question.ticket_page(connection, asked.session.viewer, ticket_id)
        return await asked.page(
            "support_ticket.jinja", connection, here="support", status=400 if form.problems else 200, form=form,
            ticket=ticket, messages=messages,
        )  # fmt: skip


def _url(request: PageRequest) -> str:
    url: str = request.app.state.settings.web.url
    return url.rstrip("/")
