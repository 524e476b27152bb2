"""A receipt as the template sets it: texts only. What must stand on it: Directive 2006/112/EC, Art. 226 and 226b."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from wattline.documents import receipt_words as words
from wattline.domain.rounding import to_main
from wattline.queries.receipts import Receipt
from wattline.web.formats import Formats

# A word that fills more than half a line could run off the paper, so it may be broken anywhere from there on.
LONG_WORD = re.compile(r"\S{28,}")
BREAK = "\u200b"
# Nobody reads a longer name, and paper has its limits.
LETTERS_MAX = 400


def set_out(receipt: Receipt) -> Mapping[str, Any]:
    """Lay out a receipt that is paid for, in its seller's locale."""
    assert receipt.priced is not None
    at = receipt.settled_at or receipt.completed_at or receipt.created_at
    formats = words.formats_of(receipt, words.seller_locale(receipt.seller_country), now=at)
    title = f"Receipt {receipt.human_readable_id}"
    paper = {
        "title": title,
        "about": f"{title}, {receipt.seller}",
        "date": _day(at, formats),
        "seller": {"name": receipt.seller, "lines": list(_seller(receipt))},
        "total": words.minor(receipt.priced.total_minor, receipt, formats),
        "word": "Given back" if _all_given_back(receipt) else "Paid" if not receipt.owed_minor else "",
        "facts": [list(fact) for fact in _facts(receipt, formats)],
        "currency": receipt.currency.upper(),
        "lines": [
            {
                "name": line.description,
                "how": words.how_much(line, formats),
                "amount": _figure(line.gross_minor, receipt, formats),
            }
            for line in receipt.priced.by_price()
        ],
        "sum": _figure(receipt.priced.total_minor, receipt, formats),
        "vat": _vat(receipt, formats),
        "notes": list(_notes(receipt, formats)),
    }
    printed: Mapping[str, Any] = _printable(paper)
    return printed


def _seller(receipt: Receipt) -> Iterator[str]:
    if receipt.seller_address:
        yield receipt.seller_address
    if receipt.seller_vat_number:
        yield f"VAT no. {receipt.seller_vat_number}"
    if receipt.seller_number:
        yield f"Company no. {receipt.seller_number}"


def _facts(receipt: Receipt, formats: Formats) -> Iterator[tuple[str, str]]:
    session = words.session_of(receipt)
    yield "Charge", receipt.human_readable_id
    yield "Place", words.place_words(receipt)
    yield "Charge point", receipt.evse_id
    yield "From", _moment(receipt.started_at or receipt.created_at, formats)
    if receipt.stopped_at:
        yield "To", _moment(receipt.stopped_at, formats)
    yield "Energy", f"{formats.number(receipt.energy_wh / 1000, 3)} kWh"
    if card := words.card_words(receipt):
        yield "Card", card
    if session.get("provider"):
        yield "Terminal", f"{session['provider']}, number {session.get('externalId')}"
    if receipt.buyer:
        vat = f"VAT no. {receipt.buyer_vat_number}" if receipt.buyer_vat_number else None
        yield "Sold to", ", ".join(part for part in (receipt.buyer, receipt.buyer_address, vat) if part)


def _vat(receipt: Receipt, formats: Formats) -> Sequence[Mapping[str, str]]:
    priced = receipt.priced
    if priced is None or not (priced.vat_percent or receipt.vat_category):
        return []
    row = {
        "rate": f"{format_decimal(priced.vat_percent, locale=formats.locale)} %",
        "net": _figure(priced.net_minor, receipt, formats),
        "vat": _figure(priced.vat_minor, receipt, formats),
        "gross": _figure(priced.total_minor, receipt, formats),
    }
    return [row]


def _notes(receipt: Receipt, formats: Formats) -> Iterator[str]:
    if not receipt.prices_include_vat:
        yield "Prices per unit are without VAT; amounts include it."
    if receipt.vat_category == "AE":
        yield "Reverse charge: the buyer owes the VAT."
    yield from money_words(receipt, formats)


def money_words(receipt: Receipt, formats: Formats) -> Iterator[str]:
    """Tell what was held, taken and let go, what remains to be paid, and what went back."""
    total = to_main(receipt.priced.total_minor if receipt.priced else 0, receipt.decimals)
    held, taken = _held_and_taken(receipt, total)
    if held:
        said, rest = f"Held {words.written(held, receipt, formats)}", held - taken
        if rest > 0:
            how = f"taken {words.written(taken, receipt, formats)}, {words.written(rest, receipt, formats)} let go"
            yield f"{said}, {how}."
        else:
            yield f"{said}, all of it taken."
    if receipt.owed_minor and receipt.payer_kind != "terminal":
        yield f"{words.minor(receipt.owed_minor, receipt, formats)} remains to be paid."
    if receipt.refunded_minor:
        yield f"{words.minor(receipt.refunded_minor, receipt, formats)} given back since."


def _held_and_taken(receipt: Receipt, total: Decimal) -> tuple[Decimal | None, Decimal]:
    if receipt.payer_kind == "terminal":
        # What the terminal reserved on the card is its own affair; we know what it told us.
        told = words.told_amount(receipt)
        return told, total if told is None else min(told, total)
    if not receipt.held_minor:
        return None, total
    return to_main(receipt.held_minor, receipt.decimals), total - to_main(receipt.owed_minor, receipt.decimals)


def _all_given_back(receipt: Receipt) -> bool:
    return receipt.priced is not None and 0 < receipt.priced.total_minor <= receipt.refunded_minor


def _figure(amount_minor: int, receipt: Receipt, formats: Formats) -> str:
    pattern = "#,##0" + ("." + "0" * receipt.decimals if receipt.decimals else "")
    return str(format_decimal(to_main(amount_minor, receipt.decimals), format=pattern, locale=formats.locale))


def _day(at: datetime, formats: Formats) -> str:
    return str(format_date(formats.local(at).date(), "long", locale=formats.locale))


def _moment(at: datetime, formats: Formats) -> str:
    return f"{_day(at, formats)}, {formats.local(at):%H:%M} {formats.local(at).tzname()}"


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        shown = "".join(letter if letter.isprintable() else " " for letter in value[:LETTERS_MAX])
        return LONG_WORD.sub(lambda word: BREAK.join(word[0]), shown)
    if isinstance(value, Mapping):
        return {name: _printable(each) for name, each in value.items()}
    if isinstance(value, Sequence):
        return [_printable(each) for each in value]
    return value
