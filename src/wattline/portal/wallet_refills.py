"""Filling a wallet: now, with the outcome shown as it comes, or by itself below a threshold."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from litestar import Response, get, post
from litestar.params import FromPath

from wattline.database.connection import Connection
from wattline.domain.refusals import Invalid
from wattline.operations.payments import await_answer
from wattline.operations.refills import AutomaticRefill, Refill, refill, refill_automatically
from wattline.operations.sandbox_bank import CARDS
from wattline.portal.addresses import number
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.wallet_room import WalletRoom, plain_amount, tried, typed_amount, typed_id, typed_passcode
from wattline.queries.portal_wallets import wallet_line
from wattline.queries.wallet_settings import (
    CardLine,
    RefillLine,
    cards_of_wallet,
    last_automatic_refill,
    refill_line,
    wallet_settings,
)
from wattline.web.pages import PageRequest, go

# Most cards answer within this; whoever waits longer sees a page that looks again.
WAIT_SECONDS = 3.0
AMOUNTS = (25, 50, 100, 250)
BY_FIELD = {"amount": "amount", "below": "below"}


@get("/wallets/{wallet_id:int}/refill")
async def refill_page(request: PageRequest, wallet_id: FromPath[int]) -> Response[bytes]:
    """Ask how much, and from which card."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        return await _ask(asked, connection, wallet_id, Form({"id": str(uuid4())}))


@post("/wallets/{wallet_id:int}/refill", status_code=200)
async def do_refill(request: PageRequest, wallet_id: FromPath[int]) -> Response[bytes]:
    """Ask the card, wait a moment for its answer, and lead to what came of it."""
    asked = Asked.of(request)
    form = await Form.of(request)
    async with asked.database.read() as connection:
        room = await WalletRoom.of(asked, connection, wallet_id)
    made = await tried(form, _refill(asked, room, form), BY_FIELD)
    if isinstance(made, Form):
        async with asked.database.read() as connection:
            return await _ask(asked, connection, wallet_id, made)
    await await_answer(asked.database, request.app.state.bus, made, wait_seconds=WAIT_SECONDS)
    return go(f"/wallets/{wallet_id}/refills/{made}", request)


@get("/wallets/{wallet_id:int}/refills/{payment_id:int}")
async def refill_outcome(request: PageRequest, wallet_id: FromPath[int], payment_id: FromPath[int]) -> Response[bytes]:
    """Tell what came of a filling; htmx asks again for the part that changes."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        wallet = await wallet_line(connection, asked.session.viewer, wallet_id)
        line = await refill_line(connection, wallet_id, payment_id)
        values: dict[str, Any] = {"wallet": wallet, "refill": line, "bank": _bank(line, wallet_id)}
        if "hx-request" in request.headers:
            return asked.fragment("wallet_refill_state.jinja", **values)
        return await asked.page("wallet_refill_outcome.jinja", connection, here="wallets", **values)


@get("/wallets/{wallet_id:int}/automatic-refill")
async def automatic_page(request: PageRequest, wallet_id: FromPath[int]) -> Response[bytes]:
    """Show how the wallet fills itself, and what happened the last time."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        return await _ask_automatic(asked, connection, wallet_id, None)


@post("/wallets/{wallet_id:int}/automatic-refill", status_code=200)
async def set_automatic(request: PageRequest, wallet_id: FromPath[int]) -> Response[bytes]:
    """Change how the wallet fills itself."""
    asked = Asked.of(request)
    form = await Form.of(request)
    async with asked.database.read() as connection:
        room = await WalletRoom.of(asked, connection, wallet_id)
    done = await tried(form, _set_automatic(asked, room, form), BY_FIELD)
    if done is None:
        return go(f"/wallets/{wallet_id}/automatic-refill", request)
    async with asked.database.read() as connection:
        return await _ask_automatic(asked, connection, wallet_id, done)


async def _refill(asked: Asked, room: WalletRoom, form: Form) -> int:
    card, token = _chosen(form)
    if token and asked.request.app.state.settings.payments.provider != "sandbox":
        raise Invalid("card", "is not one of these.")
    new = Refill(
        key=typed_id(form),
        amount_minor=typed_amount(form, "amount", room.wallet.currency),
        provider="sandbox" if token else "",
        method=token,
        saved_card_id=card,
    )
    return await refill(
        asked.database, room.wallet.id, new, asked_by=asked.session.viewer, passcode=typed_passcode(asked, form),
        now=asked.session.now,
    )  # fmt: skip


async def _set_automatic(asked: Asked, room: WalletRoom, form: Form) -> None:
    currency = room.wallet.currency
    wanted = None
    if form["switch"] != "off":
        card, _ = _chosen(form)
        if card is None:
            raise Invalid("card", "must be a saved card.")
        wanted = AutomaticRefill(
            saved_card_id=card,
            amount_minor=typed_amount(form, "amount", currency),
            below_minor=typed_amount(form, "below", currency, or_zero=True),
        )
    await refill_automatically(
        asked.database, room.wallet.id, wanted, asked_by=asked.session.viewer, passcode=typed_passcode(asked, form),
        now=asked.session.now,
    )  # fmt: skip


def _chosen(form: Form) -> tuple[int | None, str]:
    """Read the card: the id of a saved one, or the token of one of the sandbox's."""
    saved = number(form["card"].removeprefix("saved-")) if form["card"].startswith("saved-") else None
    token = next((card.token for card in CARDS if card.token == form["card"]), "")
    if saved is None and not token:
        raise Invalid("card", "must be chosen.")
    return saved, token


async def _ask(asked: Asked, connection: Connection, wallet_id: int, form: Form) -> Response[bytes]:
    room = await WalletRoom.of(asked, connection, wallet_id)
    settings = await wallet_settings(connection, wallet_id)
    cards = _card_choices(await cards_of_wallet(connection, wallet_id))
    sandbox = asked.request.app.state.settings.payments.provider == "sandbox"
    if sandbox:
        cards += [(card.token, card.label, f"Pretended, ends with {card.last4}") for card in CARDS]
    return await room.page(
        asked, connection, "wallet_refill.jinja", form, cards=cards, amounts=AMOUNTS, sandbox=sandbox, settings=settings
    )


async def _ask_automatic(asked: Asked, connection: Connection, wallet_id: int, form: Form | None) -> Response[bytes]:
    room = await WalletRoom.of(asked, connection, wallet_id)
    settings = await wallet_settings(connection, wallet_id)
    currency = room.wallet.currency
    texts = {
        "card": f"saved-{settings.refill_card_id}",
        "amount": plain_amount(settings.refill_amount_minor, currency),
        "below": plain_amount(settings.refill_below_minor, currency),
    }
    return await room.page(
        asked, connection, "wallet_automatic.jinja", form or Form(texts), settings=settings,
        cards=_card_choices(await cards_of_wallet(connection, wallet_id)),
        last=await last_automatic_refill(connection, wallet_id),
    )  # fmt: skip


def _card_choices(cards: Any) -> list[tuple[str, str, str]]:
    return [(f"saved-{card.id}", _card_name(card), _ends(card)) for card in cards]


def _card_name(card: CardLine) -> str:
    return f"{(card.brand or 'Card').capitalize()} ·· {card.last4 or '····'}"


def _ends(card: CardLine) -> str:
    return f"Saved, good until {card.expires_month:02}/{card.expires_year}" if card.expires_month else "Saved"


def _bank(line: RefillLine, wallet_id: int) -> str:
    """Return where the card's bank asks; from the sandbox's page there is a way back."""
    url = str(line.action.get("url", "")) if isinstance(line.action, dict) else ""
    if not url.startswith("/"):
        return url if url.startswith("https://") else ""
    return f"{url}?{urlencode({'back': f'/wallets/{wallet_id}/refills/{line.payment_id}'})}"
