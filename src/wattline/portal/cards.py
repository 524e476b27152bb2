"""Saved cards: those of the person who looks, and of their teams. They fill wallets and pay for charges."""

from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from wattline.domain.access import Right
from wattline.domain.refusals import Invalid
from wattline.operations import saved_cards
from wattline.portal.card_field import card_field
from wattline.portal.frame import Asked
from wattline.queries.portal_places import list_places
from wattline.queries.saved_cards import cards_of
from wattline.web.pages import PageRequest, go


@get("/cards")
async def cards_page(request: PageRequest) -> Response[bytes]:
    """List the cards; one that is being saved shows its provider's field."""
    asked = Asked.of(request)
    field = card_field(request.app.state.settings)
    async with asked.database.read() as connection:
        cards = await cards_of(connection, asked.session.viewer)
        places = await list_places(connection, asked.session.viewer)
        page = await asked.page(
            "cards.jinja",
            connection,
            here="cards",
            cards=[card for card in cards if card.state == "ready"],
            opening=[card for card in cards if card.state == "open"],
            teams=places.teams,
            field=field,
            may_change=asked.session.may(Right.MOVE_MONEY),
        )
    page.headers.update(field.headers)
    return page


@post("/cards", status_code=200)
async def add_card(request: PageRequest) -> Response[bytes]:
    """Begin to save a card, for oneself or for a team."""
    asked = Asked.of(request)
    form: Any = await request.form()
    owner = str(form.get("owner", ""))
    if owner and not (owner.isascii() and owner.isdigit() and len(owner) < 19):
        raise Invalid("owner", "names no team.")
    await saved_cards.begin_card(
        asked.database,
        key=request.app.state.chance.uuid(),
        provider=request.app.state.settings.payments.provider,
        team_id=int(owner) if owner else None,
        asked_by=asked.session.viewer,
        now=asked.session.now,
    )
    return go("/cards", request)


@post("/cards/{card_id:int}/{deed:str}", status_code=200)
async def change_card(request: PageRequest, card_id: FromPath[int], deed: FromPath[str]) -> Response[bytes]:
    """Remove a card, or let it be the one that is used unless another is named."""
    asked = Asked.of(request)
    do = {"remove": saved_cards.remove_card, "default": saved_cards.choose_card}.get(deed)
    if do is None:
        raise NotFoundException
    await do(asked.database, card_id, asked_by=asked.session.viewer, now=asked.session.now)
    return go("/cards", request)
