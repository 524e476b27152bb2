"""The public receipt page: no log-in, a day and a number, and the receipt of one charge or none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel.numbers import format_decimal
from litestar import Response, get
from litestar.params import FromQuery

from wattline.database.connection import Database
from wattline.documents import receipt_words as words
from wattline.documents.receipt_paper import money_words
from wattline.domain.price import PriceLine
from wattline.operations.receipt_tries import (
    TooManyGuesses,
    TooManyLooks,
    count_look,
    must_be_few_guesses,
    note_wrong_guess,
)
from wattline.portal.frame import render
from wattline.portal.power_line import charge_line
from wattline.portal.receipt_papers import pdf_answer
from wattline.portal.states import charge_look
from wattline.portal.timeline import MARGIN
from wattline.queries.portal_power import charge_power
from wattline.queries.receipts import Receipt, find_receipt, is_digits_of_card
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest, answer, theme_of

NUMBER_MAX = 100
NONE_FOUND = "No single receipt fits this day and number. Check both, or use the number that the terminal printed."
NOT_PAID = "This charge has no receipt: nobody has paid for it, or not yet."
NO_DAY = "Enter the day of the charge, for example 2026-11-20."
# Search engines have no business with receipts.
HEADERS = {"X-Robots-Tag": "noindex, nofollow"}


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody typed, and what came of it: a receipt, or a problem with its HTTP status."""

    day: str
    number: str
    receipt: Receipt | None = None
    problem: str = ""
    status: int = 200


@get("/receipts", opt={"public": True})
async def receipts_page(request: PageRequest, day: FromQuery[str] = "", number: FromQuery[str] = "") -> Response[bytes]:
    """Show the form, and the receipt when there is exactly one."""
    if not (day.strip() or number.strip()):
        return _page(request, Sought("", ""))
    sought = await _seek(request, day, number)
    if sought.receipt is None:
        return _page(request, sought)
    async with request.app.state.database.read() as connection:
        points = await charge_power(connection, sought.receipt.charge_id)
    drawn = charge_line(points, margin=MARGIN, ended=sought.receipt.stopped_at is not None)
    return _page(request, sought, receipt=_shown(sought.receipt, request), drawn=drawn)


@get("/receipts.pdf", opt={"public": True})
async def receipt_file(request: PageRequest, day: FromQuery[str] = "", number: FromQuery[str] = "") -> Response[bytes]:
    """Hand out the PDF of the one receipt that fits; it takes the same knowledge, and counts as a look too."""
    sought = await _seek(request, day, number)
    if sought.receipt is None:
        return _page(request, sought)
    if sought.receipt.priced is None:
        return _page(request, Sought(sought.day, sought.number, problem=NOT_PAID, status=404))
    return await pdf_answer(request, sought.receipt)


async def _seek(request: PageRequest, day: str, number: str) -> Sought:
    """Count the look, then look."""
    day, number = day.strip()[:10], number.strip()[:NUMBER_MAX]
    state, address = request.app.state, request.client.host if request.client else "unknown"
    try:
        await count_look(state.database, address=address, now=state.clock())
    except TooManyLooks as refused:
        return Sought(day, number, problem=str(refused), status=429)
    meant = _day(day)
    if meant is None or not number.isprintable() or not number:
        return Sought(day, number, problem=NONE_FOUND if meant else NO_DAY, status=400)
    found = await _find(state.database, meant, number, state.clock())
    if isinstance(found, TooManyGuesses):
        return Sought(day, number, problem=str(found), status=429)
    if found is None:
        return Sought(day, number, problem=NONE_FOUND, status=404)
    return Sought(day, number, receipt=found)


async def _find(database: Database, day: date, number: str, now: datetime) -> Receipt | TooManyGuesses | None:
    """Look; wrong guesses at a card's digits are counted, wherever they come from."""
    guesses = is_digits_of_card(number)
    if guesses:
        try:
            await must_be_few_guesses(database, day=day, now=now)
        except TooManyGuesses as refused:
            return refused
    async with database.read() as connection:
        found = await find_receipt(connection, day=day, number=number)
    if found is None and guesses:
        await note_wrong_guess(database, day=day, now=now)
    return found


def _day(text: str) -> date | None:
    try:
        meant = date.fromisoformat(text)
    except ValueError:
        return None
    return meant if date(2000, 1, 1) < meant < date(9000, 1, 1) else None


def _page(request: PageRequest, sought: Sought, **values: Any) -> Response[bytes]:
    shown = {
        "day": sought.day, "number": sought.number, "problem": sought.problem, "receipt": None, "drawn": None,
        "theme": theme_of(request),
    }  # fmt: skip
    return answer(request, render("receipts.jinja", **shown | values), status=sought.status, headers=HEADERS)


def _shown(receipt: Receipt, request: PageRequest) -> Mapping[str, Any]:
    formats = words.formats_of(receipt, _language(request), now=request.app.state.clock())
    glyph, look = charge_look(receipt.state, failed=receipt.failed)
    session = words.session_of(receipt)
    priced = receipt.priced
    told = words.told_amount(receipt)
    return {
        "id": receipt.human_readable_id,
        "place": words.place_words(receipt),
        "when": _when(receipt, formats),
        "energy": formats.energy(receipt.energy_wh, 3),
        "lasted": _lasted(receipt),
        "glyph": glyph,
        "word": "Paid" if priced is not None and receipt.completed_at else look.word,
        "paper": priced is not None,
        "lines": [_line(line, receipt, formats) for line in priced.by_price()] if priced else [],
        "total": None if receipt.price_minor is None else words.minor(receipt.price_minor, receipt, formats),
        "vat": words.minor(priced.vat_minor, receipt, formats) if priced and priced.vat_percent else None,
        "vat_percent": format_decimal(priced.vat_percent, locale=formats.locale) if priced else "",
        "nothing": receipt.failed or receipt.forced,
        "card": words.card_words(receipt),
        "provider": session.get("provider"),
        "external_id": session.get("externalId"),
        "reserved": None if told is None else words.written(told, receipt, formats),
        "money": list(money_words(receipt, formats)) if priced else [],
        "seller": receipt.seller,
        "seller_vat_number": receipt.seller_vat_number,
        "seller_address": receipt.seller_address,
    }


def _when(receipt: Receipt, formats: Formats) -> str:
    began, ended = receipt.started_at or receipt.created_at, receipt.stopped_at
    said = f"{formats.day(began)}, {formats.minute(began)}"
    if ended is None:
        return said
    same_day = formats.local(began).date() == formats.local(ended).date()
    return f"{said} to {'' if same_day else formats.day(ended) + ', '}{formats.minute(ended)}"


def _lasted(receipt: Receipt) -> timedelta | None:
    return receipt.stopped_at - receipt.started_at if receipt.stopped_at and receipt.started_at else None


def _line(line: PriceLine, receipt: Receipt, formats: Formats) -> Mapping[str, str]:
    return {
        "name": line.description,
        "how": words.how_much(line, formats),
        "amount": words.minor(line.gross_minor, receipt, formats),
    }


def _language(request: PageRequest) -> str:
    """Take the first language that the browser asks for; figures and dates follow it."""
    return request.headers.get("accept-language", "en").partition(",")[0].partition(";")[0].strip()[:20] or "en"
