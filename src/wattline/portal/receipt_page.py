"""The public receipt page: no log-in, a day and a number, and the receipt of one charge or none."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency, format_decimal
from litestar import Response, get
from litestar.params import FromQuery

from wattline.domain.price import PriceLine
from wattline.domain.price_items import Unit
from wattline.operations.receipt_tries import TooManyLooks, count_look
from wattline.portal.frame import render
from wattline.portal.power_line import charge_line
from wattline.portal.states import charge_look
from wattline.portal.timeline import MARGIN
from wattline.queries.portal_power import charge_power
from wattline.queries.receipts import Receipt, find_receipt
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest, answer, theme_of

NUMBER_MAX = 100
NONE_FOUND = "No single receipt fits this day and number. Check both, or use the number that the terminal printed."
NO_DAY = "Enter the day of the charge, for example 2026-11-20."
# Search engines have no business with receipts.
HEADERS = {"X-Robots-Tag": "noindex, nofollow"}


@get("/receipts", opt={"public": True})
async def receipts_page(request: PageRequest, day: FromQuery[str] = "", number: FromQuery[str] = "") -> Response[bytes]:
    """Show the form, and the receipt when there is exactly one."""
    day, number = day.strip()[:10], number.strip()[:NUMBER_MAX]
    if not (day or number):
        return _page(request, day=day, number=number)
    state, address = request.app.state, request.client.host if request.client else "unknown"
    try:
        await count_look(state.database, address=address, now=state.clock())
    except TooManyLooks as refused:
        return _page(request, day=day, number=number, problem=str(refused), status=429)
    meant = _day(day)
    if meant is None or not number.isprintable() or not number:
        return _page(request, day=day, number=number, problem=NONE_FOUND if meant else NO_DAY, status=400)
    async with state.database.read() as connection:
        found = await find_receipt(connection, day=meant, number=number)
        if found is None:
            return _page(request, day=day, number=number, problem=NONE_FOUND, status=404)
        points = await charge_power(connection, found.charge_id)
    drawn = charge_line(points, margin=MARGIN, ended=found.stopped_at is not None)
    return _page(request, day=day, number=number, receipt=_shown(found, request), drawn=drawn)


def _day(text: str) -> date | None:
    try:
        meant = date.fromisoformat(text)
    except ValueError:
        return None
    return meant if date(2000, 1, 1) < meant < date(9000, 1, 1) else None


def _page(request: PageRequest, *, status: int = 200, **values: Any) -> Response[bytes]:
    shown = {"receipt": None, "drawn": None, "problem": "", "theme": theme_of(request)} | values
    return answer(request, render("receipts.jinja", **shown), status=status, headers=HEADERS)


def _shown(receipt: Receipt, request: PageRequest) -> Mapping[str, Any]:
    formats = Formats.of(_language(request), receipt.time_zone, now=request.app.state.clock())
    glyph, look = charge_look(receipt.state, failed=receipt.failed)
    session = receipt.session if isinstance(receipt.session, dict) else {}
    priced = receipt.priced
    return {
        "id": receipt.human_readable_id,
        "place": ", ".join(part for part in (receipt.connector, receipt.site, receipt.address) if part),
        "when": _when(receipt, formats),
        "energy": formats.energy(receipt.energy_wh, 3),
        "lasted": _lasted(receipt),
        "glyph": glyph,
        "word": "Paid" if priced is not None and receipt.completed_at else look.word,
        "lines": [_line(line, receipt, formats) for line in priced.by_price()] if priced else [],
        "total": _money(receipt.price_minor, receipt, formats),
        "vat": _money(priced.vat_minor, receipt, formats) if priced and priced.vat_percent else None,
        "vat_percent": format_decimal(priced.vat_percent, locale=formats.locale) if priced else "",
        "nothing": receipt.failed or receipt.forced,
        "card": _card(session),
        "provider": session.get("provider"),
        "external_id": session.get("externalId"),
        "reserved": _major(session.get("amount"), receipt, formats),
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
    unit = {Unit.KWH: "kWh", Unit.MINUTE: "min"}.get(line.unit)
    quantity = format_decimal(line.quantity, format="#,##0.###", locale=formats.locale)
    each = format_decimal(line.unit_price, format="#,##0.00##", locale=formats.locale)
    return {
        "name": line.description,
        "how": f"{quantity} {unit} × {each}" if unit else "",
        "amount": str(_money(line.gross_minor, receipt, formats)),
    }


def _money(minor: int | None, receipt: Receipt, formats: Formats) -> str | None:
    return None if minor is None else _written(Decimal(minor).scaleb(-receipt.decimals), receipt, formats)


def _major(amount: object, receipt: Receipt, formats: Formats) -> str | None:
    """Write an amount that a terminal told us, in main units, as JSON had it."""
    try:
        number = Decimal(str(amount))
    except ArithmeticError:
        return None
    return _written(number, receipt, formats) if amount is not None and number.is_finite() else None


def _written(amount: Decimal, receipt: Receipt, formats: Formats) -> str:
    return str(format_currency(amount, receipt.currency.upper(), locale=formats.locale))


def _card(session: Mapping[str, Any]) -> str | None:
    last4 = session.get("cardLast4")
    if not last4:
        return None
    brand = str(session.get("cardBrand") or "card")
    return f"{brand[:1].upper()}{brand[1:]} ·· {last4}"


def _language(request: PageRequest) -> str:
    """Take the first language that the browser asks for; figures and dates follow it."""
    return request.headers.get("accept-language", "en").partition(",")[0].partition(";")[0].strip()[:20] or "en"
