"""Making, changing, putting up and deleting price groups, in forms."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.domain.refusals import Invalid, Refusal, Unknown
from wattline.operations.price_application import Application, apply_price_group
from wattline.operations.price_groups import (
    create_price_group,
    delete_price_group,
    set_default,
    update_price_group,
)
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.money_words import TYPES
from wattline.portal.outcomes import Said, say_refusal
from wattline.portal.price_example import FIRST_EXAMPLE
from wattline.portal.price_form import FEES, draft_of, field_of, form_of
from wattline.portal.price_groups import GroupLine, group_line
from wattline.portal.price_home import home_currency
from wattline.portal.prices import show_group
from wattline.queries.portal_places import list_places
from wattline.queries.portal_prices import list_tariffs
from wattline.queries.tax_rates import list_tax_rates
from wattline.web.pages import PageRequest, go

BASES = (
    ("kwh", "Per kWh", "One price for every kWh."),
    ("min", "Per minute", "By the time a car charges; not allowed for passing drivers from 50 kW on."),
    ("spot", "Spot price", "What the market asks in that hour, and what you put on top."),
    ("tariff", "Tariff", "Another price per kWh by hour and weekday."),
)


@get("/prices/new")
async def new_price_page(request: PageRequest) -> Response[bytes]:
    """Ask for a new group's prices."""
    asked = Asked.of(request)
    tariff = request.query_params.get("tariff", "")
    start = {"type": "public", "base": "tariff" if tariff else "kwh", "percentage": "100", "tariff": tariff,
             "team": request.query_params.get("team", "")}  # fmt: skip
    return await _form_page(asked, Form(start), None)


@post("/prices/new", status_code=200)
async def make_price(request: PageRequest) -> Response[bytes]:
    """Make the group."""
    asked = Asked.of(request)
    form = await Form.of(request)
    async with asked.database.read() as connection:
        currency, decimals = await home_currency(connection, asked.session.viewer, form, None)
    try:
        draft = draft_of(form, None, currency=currency, decimals=decimals)
        made = await create_price_group(asked.database, draft, asked_by=asked.session.viewer, now=asked.session.now)
    except Refusal as refusal:
        return await _form_page(asked, _refused(form, refusal), None)
    return go(f"/prices/{made}", request)


@get("/prices/{group_id:int}/edit")
async def edit_price_page(request: PageRequest, group_id: FromPath[int]) -> Response[bytes]:
    """Show the form with what is saved."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        group = await group_line(connection, asked.session.viewer, group_id)
    return await _form_page(asked, form_of(group), group)


@post("/prices/{group_id:int}/edit", status_code=200)
async def change_price(request: PageRequest, group_id: FromPath[int]) -> Response[bytes]:
    """Save the form."""
    asked = Asked.of(request)
    form = await Form.of(request)
    async with asked.database.read() as connection:
        group = await group_line(connection, asked.session.viewer, group_id)
    try:
        draft = draft_of(form, group, currency=group.currency, decimals=group.decimals)
        await update_price_group(asked.database, group_id, draft, asked_by=asked.session.viewer, now=asked.session.now)
    except Refusal as refusal:
        return await _form_page(asked, _refused(form, refusal), group)
    return go(f"/prices/{group_id}", request)


@post("/prices/{group_id:int}/apply", status_code=200)
async def put_up(request: PageRequest, group_id: FromPath[int]) -> Response[bytes]:
    """Let the group count at the places that were picked."""
    asked = Asked.of(request)
    form = await Form.of(request)
    to = Application(
        connector_ids=tuple(form.numbers("connectors")),
        site_ids=tuple(form.numbers("sites")),
        member_ids=tuple(form.numbers("members")),
    )
    count = len(to.connector_ids) + len(to.site_ids) + len(to.member_ids)
    try:
        if not count:
            raise Invalid("places", "are missing. Pick where it is to count.")
        await apply_price_group(asked.database, group_id, to, asked_by=asked.session.viewer, now=asked.session.now)
    except Unknown:
        raise
    except Refusal as refusal:
        return await _shown(asked, group_id, say_refusal("Put up", refusal), status=400)
    words = f"It counts at {count} more {'place' if count == 1 else 'places'}"
    line = "From the next start on; charges that run keep the price they began with."
    return await _shown(asked, group_id, Said("green", "completed", words, line))


@post("/prices/{group_id:int}/default", status_code=200)
async def make_default(request: PageRequest, group_id: FromPath[int]) -> Response[bytes]:
    """Let the group be the default of its kind."""
    asked = Asked.of(request)
    try:
        await set_default(asked.database, group_id, asked_by=asked.session.viewer, now=asked.session.now)
    except Unknown:
        raise
    except Refusal as refusal:
        return await _shown(asked, group_id, say_refusal("Make it the default", refusal), status=400)
    words = "It counts wherever no other price group of its kind was put up."
    return await _shown(asked, group_id, Said("green", "completed", "This is the default now", words))


@post("/prices/{group_id:int}/delete", status_code=200)
async def delete_price(request: PageRequest, group_id: FromPath[int]) -> Response[bytes]:
    """Take the group away."""
    asked = Asked.of(request)
    try:
        await delete_price_group(asked.database, group_id, asked_by=asked.session.viewer, now=asked.session.now)
    except Unknown:
        raise
    except Refusal as refusal:
        return await _shown(asked, group_id, say_refusal("Delete", refusal), status=400)
    return go("/prices", request)


async def _shown(asked: Asked, group_id: int, said: Said, *, status: int = 200) -> Response[bytes]:
    async with asked.database.read() as connection:
        return await show_group(asked, connection, group_id, said=[said], status=status)


def _refused(form: Form, refusal: Refusal) -> Form:
    if isinstance(refusal, Invalid):
        return form.refused(field_of(refusal, form))
    return form.wrong("all", str(refusal))


async def _form_page(asked: Asked, form: Form, group: GroupLine | None) -> Response[bytes]:
    viewer = asked.session.viewer
    async with asked.database.read() as connection:
        places = await list_places(connection, viewer)
        tariffs = await list_tariffs(connection, viewer)
        ticked = form.numbers("tax") if form["taxes"] else group.tax_rate_ids if group else ()
        values: dict[str, Any] = {"form": form, "group": group, "bases": BASES, "fees": FEES, "types": TYPES}
        return await asked.page(
            "price_form.jinja",
            connection,
            here="prices",
            status=400 if form.problems else 200,
            teams=places.teams,
            all_teams=viewer.team_ids is None,
            tariffs=tariffs,
            rates=[(rate, rate.id in ticked) for rate in await list_tax_rates(connection, viewer)],
            example=dict(FIRST_EXAMPLE) | {name: form[name] for name in FIRST_EXAMPLE if form[name]},
            **values,
        )
