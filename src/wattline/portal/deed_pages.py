"""Where remote actions are posted to. Each answers with what came of it, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from wattline.domain.refusals import Invalid, NotAllowed, Refusal, Unknown
from wattline.operations import charges, checks
from wattline.operations.card_payments import CardToPay
from wattline.operations.charge_requests import StartRequest
from wattline.operations.command_targets import Box
from wattline.portal import outcomes
from wattline.portal.deeds import MORE_DEEDS
from wattline.portal.frame import Asked
from wattline.portal.remote_actions import DOERS, Order
from wattline.queries.portal_charge_point import Box as BoxRow
from wattline.queries.portal_charge_point import Setting, box_page, open_charges, settings_of
from wattline.web.pages import PageRequest

LABELS = {deed.key: deed.label for deed in MORE_DEEDS} | {"unlock": "Unlock", "reboot": "Reboot charge point"}
# After these the page's table of settings is another.
SETTINGS_DEEDS = {"get-configuration", "set-configuration"}


@post("/charge-points/{box_id:int}/check", status_code=200)
async def check(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """Ask the charge point how it is."""
    asked, box, _ = await _begin(request, box_id)
    state = request.app.state
    found = await checks.run_check(
        state.database, state.bus, Box(box.id), asked_by=asked.session.viewer, now=asked.session.now
    )
    return await _answer(asked, [outcomes.say_check(found)], box.id)


@post("/charge-points/{box_id:int}/deeds/{key:str}", status_code=200)
async def do(request: PageRequest, box_id: FromPath[int], key: FromPath[str]) -> Response[bytes]:
    """Carry out one deed."""
    if key not in DOERS:
        raise NotFoundException
    asked, box, form = await _begin(request, box_id)
    said = await carry_out(asked, box, key, form)
    if key not in SETTINGS_DEEDS:
        return await _answer(asked, [said], box.id)
    async with asked.database.read() as connection:
        settings = await settings_of(connection, box.id)
    return await _answer(asked, [said], box.id, settings=settings)


@post("/charge-points/{box_id:int}/start", status_code=200)
async def start(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """Start a charge at a connector with a car plugged in."""
    asked, box, form = await _begin(request, box_id)
    order = _order(asked, box, form)
    try:
        limit, payer = order.maybe("kwh"), order.maybe("team") or ""
        card = saved_card(order, payer)
        wanted = StartRequest(
            connector_id=order.sockets.get(int(order.number("connector")), 0),
            paying_team_id=int(order.number("team")) if payer and card is None else None,
            card=card,
            energy_limit_wh=round(order.number("kwh") * 1000) if limit else None,
            start_source="portal",
            user_id=order.asked_by.user_id,
            must_be_plugged_in=True,
        )
        charge = await charges.request_charge(
            order.database, wanted, asked_by=order.asked_by, chance=order.chance, now=order.now
        )
    except Refusal as refusal:
        said = outcomes.say_refusal("Start charge", refusal)
        return await _answer(
            asked, [said], box.id, link=f"/charge-points/{box.id}/why", link_label="Why does it not start?"
        )
    said = outcomes.Said(
        "current",
        "starting",
        "Asked for a start",
        "The charge point and the car now agree; up to 60 seconds is normal."
        if card is None
        else "First the card’s bank holds the money, then the charge point is told to begin.",
    )
    return await _answer(asked, [said], box.id, link=f"/charges/{charge.id}", link_label="Open the charge")


def saved_card(order: Order, payer: str) -> CardToPay | None:
    """Read who pays: a saved card, or else a team. Raises Invalid."""
    if not payer.startswith("card-"):
        return None
    number = payer.removeprefix("card-")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Invalid("team", "names no card.")
    return CardToPay(key=order.chance.uuid(), saved_card_id=int(number))


@post("/charge-points/{box_id:int}/stop", status_code=200)
async def stop(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """End a charge normally."""
    asked, box, form = await _begin(request, box_id)
    charge_id = int(_order(asked, box, form).number("charge"))
    await _must_be_here(asked, box, charge_id)
    try:
        await charges.stop_charge(
            asked.database, charge_id, asked_by=asked.session.viewer, source="portal", now=asked.session.now
        )
    except Refusal as refusal:
        return await _answer(asked, [outcomes.say_refusal("Stop charge", refusal)], box.id)
    said = outcomes.Said("current", "stopping", "Asked to stop", "The charge ends as soon as the charge point says so.")
    return await _answer(asked, [said], box.id, link=f"/charges/{charge_id}", link_label="Open the charge")


@post("/charge-points/{box_id:int}/force-stop", status_code=200)
async def force_stop(request: PageRequest, box_id: FromPath[int]) -> Response[bytes]:
    """End one open charge here, or all, and take the payment away."""
    asked, box, form = await _begin(request, box_id)
    order = _order(asked, box, form)
    async with asked.database.read() as connection:
        found = [charge.id for charge in await open_charges(connection, box.id)]
    chosen = found if form.get("charge") == "all" else [int(order.number("charge"))]
    said = []
    for charge_id in chosen:
        await _must_be_here(asked, box, charge_id)
        try:
            await charges.force_stop_charge(
                asked.database, charge_id, asked_by=order.asked_by, reason=order.maybe("reason"), now=order.now
            )
        except Refusal as refusal:
            said.append(outcomes.say_refusal("Force stop charging", refusal))
        else:
            said.append(outcomes.Said(
                "green", "completed", "Force stopped, nobody pays",
                "The charge is completed with price 0, whatever the charge point does; it was told to stop as well.",
            ))  # fmt: skip
    return await _answer(asked, said, box.id)


async def carry_out(asked: Asked, box: BoxRow, key: str, form: Mapping[str, str]) -> outcomes.Said:
    """Carry out one deed on one box and say in words what came of it. Raises NotAllowed."""
    try:
        result = await DOERS[key](_order(asked, box, form))
    except NotAllowed:
        raise
    except Refusal as refusal:
        return outcomes.say_refusal(LABELS[key], refusal)
    return outcomes.say(key, LABELS[key], result)


async def _begin(request: PageRequest, box_id: int) -> tuple[Asked, BoxRow, Mapping[str, str]]:
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        box = await box_page(connection, asked.session.viewer, box_id)
    form: Any = await request.form()
    return asked, box, {name: str(value) for name, value in form.items()}


async def _must_be_here(asked: Asked, box: BoxRow, charge_id: int) -> None:
    async with asked.database.read() as connection:
        if charge_id not in {charge.id for charge in await open_charges(connection, box.id)}:
            raise Unknown("charge", charge_id)


def _order(asked: Asked, box: BoxRow, form: Mapping[str, str]) -> Order:
    state, session = asked.request.app.state, asked.session
    return Order(
        database=asked.database,
        bus=state.bus,
        chance=state.chance,
        box_id=box.id,
        sockets={one.number: one.id for one in box.connectors},
        form=form,
        asked_by=session.viewer,
        zone=session.formats.zone,
        now=session.now,
    )


async def _answer(
    asked: Asked,
    said: list[outcomes.Said],
    box_id: int,
    *,
    link: str = "",
    link_label: str = "",
    settings: Sequence[Setting] = (),
) -> Response[bytes]:
    values: dict[str, Any] = {"said": said, "link": link, "link_label": link_label, "settings": settings}
    if "hx-request" in asked.request.headers:
        return asked.fragment("outcome.jinja", **values)
    async with asked.database.read() as connection:
        back = f"/charge-points/{box_id}"
        return await asked.page("outcome_page.jinja", connection, here="charge-points", back=back, **values)
