"""What a charge costs, who pays, what is kept aside, and where the money went, as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.price import PricedCharge
from wattline.domain.spot import SpotPriceUnknown
from wattline.operations import charge_store
from wattline.operations.charge_settlements import price_of
from wattline.portal.charge_cost import Cost, cost_shown
from wattline.portal.money_words import CHOSEN_BY, counted, kind_words, outside_words, percent_words, state_words
from wattline.queries import portal_charge_money as question
from wattline.queries.portal_charge import ChargePage
from wattline.queries.portal_charge_money import Booked, ChargeMoney
from wattline.web.formats import Formats


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a price: what for, how it was counted, how much."""

    what: str
    how: str
    amount: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One movement of money."""

    id: int
    at: datetime
    what: str
    giver: str
    taker: str
    glyph: str
    state: str
    amount: Markup
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Everything about a charge's money. `said` stands where there is no price, `hold` tells of reserved money."""

    group_id: int | None = None
    group: str = ""
    chosen_by: str = ""
    payer: str = ""
    payer_wallet_id: int | None = None
    lines: Sequence[Line] = ()
    total_label: str = ""
    total: Markup | None = None
    vat_label: str = ""
    vat: Markup | None = None
    hold: Markup | str = ""
    owed: Markup | None = None
    owed_label: str = ""
    bookings: Sequence[Booking] = ()
    said: str = ""
    figure_label: str = ""
    at_stake: Markup | None = None
    has_receipt: bool = False
    cost: Cost | None = None


async def money_shown(connection: Connection, viewer: Viewer, charge: ChargePage, formats: Formats) -> Money:
    """Price a charge that runs as far as it has come, read what one that is over cost, and list what was booked."""
    money = await question.money_of_charge(connection, viewer, charge.id)
    if money is None or money.terms is None:
        return Money(said=_no_price(charge), cost=await cost_shown(connection, charge, None, formats))
    booked = await question.movements_of_charge(connection, viewer, charge.id, own=charge.own)
    priced, problem = await _price(connection, charge, money, formats)
    over = money.state in ("settled", "voided")
    return Money(
        group_id=money.terms.price_group_id if charge.own else None,
        group=money.terms.name,
        chosen_by=CHOSEN_BY.get(money.terms.chosen_by, ""),
        payer=_payer(money),
        payer_wallet_id=money.payer_wallet_id,
        lines=[_line(line.description, counted(line, formats), line.gross_minor, money, formats)
               for line in (priced.by_price() if priced else ())],
        total_label=_total_label(charge, money),
        total=formats.money(priced.total_minor if priced else 0, money.currency) if priced or over else None,
        vat_label=f"of which VAT {percent_words(priced.vat_percent, formats)}" if priced and priced.vat_percent else "",
        vat=formats.money(priced.vat_minor, money.currency) if priced else None,
        hold=_hold(money, priced, formats),
        owed_label=_owed_label(money),
        owed=formats.money(money.owed_minor, money.currency) if money.owed_minor else None,
        bookings=[_booking(each, formats) for each in booked],
        said=problem,
        figure_label="Paid" if over else "So far",
        at_stake=_at_stake(money, priced, formats),
        has_receipt=money.state == "settled" and priced is not None,
        cost=await cost_shown(connection, charge, money.priced, formats),
    )  # fmt: skip


async def _price(
    connection: Connection, charge: ChargePage, money: ChargeMoney, formats: Formats
) -> tuple[PricedCharge | None, str]:
    if money.state in ("settled", "voided") or money.terms is None:
        return money.priced, "" if money.priced else "Nobody pays for this charge."
    if charge.started_at is None:
        return None, "It costs nothing before it begins."
    record = await charge_store.find(connection, charge.id)
    assert record is not None
    try:
        return await price_of(connection, record, money.terms, now=formats.now), ""
    except SpotPriceUnknown:
        return None, "The spot price of this time is not known yet. The charge is priced as soon as it is."


def _no_price(charge: ChargePage) -> str:
    if charge.completed_at is not None:
        return "No price was set here when it began, or the owner charged: no money moved."
    return "No price counts for this charge: no money moves."


def _payer(money: ChargeMoney) -> str:
    match money.payer_kind:
        case "terminal":
            return f"a card at the payment terminal of {money.payer_key}"
        case "card":
            return _card(money)
        case "free":
            return "nobody: the price is 0"
    return f"the wallet of {money.payer}" if money.payer else "nobody"


def _card(money: ChargeMoney) -> str:
    card = money.card or {}
    if not card.get("last4"):
        return "the driver’s card"
    return f"the driver’s {(card.get('brand') or 'card').capitalize()} card ··{card['last4']}"


def _total_label(charge: ChargePage, money: ChargeMoney) -> str:
    if money.state == "voided":
        return "Nobody paid"
    return "The driver paid" if money.state == "settled" else "To be paid" if charge.stopped_at else "Cost so far"


def _hold(money: ChargeMoney, priced: PricedCharge | None, formats: Formats) -> Markup | str:
    if not money.held_minor:
        return ""
    held = formats.money(money.held_minor, money.currency)
    if money.state == "held":
        return Markup("Reserved {}, released when it ends.").format(held)
    taken_minor = min(priced.total_minor, money.held_minor) if priced and money.state == "settled" else 0
    left = formats.money(money.held_minor - taken_minor, money.currency)
    return Markup("Reserved {}, taken {}, let go {}.").format(held, formats.money(taken_minor, money.currency), left)


def _owed_label(money: ChargeMoney) -> str:
    if money.debt_paid_at is None:
        return "Still owed: more than was reserved"
    return "More than was reserved, paid later"


def _at_stake(money: ChargeMoney, priced: PricedCharge | None, formats: Formats) -> Markup | None:
    """Tell what a force stop would take away."""
    return formats.money(priced.total_minor, money.currency) if priced and money.state == "held" else None


def _line(what: str, how: str, amount_minor: int, money: ChargeMoney, formats: Formats) -> Line:
    return Line(what=what, how=how, amount=formats.money(amount_minor, money.currency))


def _booking(each: Booked, formats: Formats) -> Booking:
    glyph, word = state_words(each.state)
    if each.state == "reserved":
        what = "Held for the charge"
    elif each.state == "failed" and each.kind == "charge":
        what, word, glyph = "Held for the charge", "Let go", "released"
    else:
        what = kind_words(each.kind)
    return Booking(
        id=each.id,
        at=each.at,
        what=what,
        giver=each.giver or outside_words(each.kind),
        taker=each.taker or outside_words(each.kind),
        glyph=glyph,
        state=word,
        amount=formats.money(each.amount_minor, each.currency),
        note=each.note or "",
    )
