"""Movements of a wallet as its page lists them: filters in the address, rows under the day they belong to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from wattline.portal.addresses import moment, number
from wattline.portal.money_words import kind_words, outside_words, percent_words, state_words
from wattline.queries.portal_wallet_transactions import MovementLine, MovementWish
from wattline.web.formats import NOTHING, Formats


@dataclass(frozen=True, slots=True)
class KindFilter:
    """A filter of movements: patterns of kinds, and states where only those are meant."""

    key: str
    label: str
    kinds: tuple[str, ...] | None = None
    states: tuple[str, ...] | None = None


FILTERS = (
    KindFilter("charges", "Charges", ("charge",), ("complete", "pending", "failed")),
    KindFilter("fees", "Fees", ("%-fee%",)),
    KindFilter("refunds", "Refunds", ("refund",)),
    KindFilter("refills", "Refills", ("deposit%", "credit%")),
    KindFilter("withdrawals", "Withdrawals", ("withdraw%",)),
    KindFilter("held", "Held now", None, ("reserved",)),
)
STATES = (("complete", "Complete"), ("pending", "Pending"), ("reserved", "Held"), ("failed", "Failed"))


@dataclass(frozen=True, slots=True)
class MovementFilters:
    """What the address asks for."""

    wallet_id: int
    kind: str
    state: str
    q: str
    start: str
    end: str
    before: tuple[datetime, int] | None

    @classmethod
    def of(cls, wallet_id: int, query: Mapping[str, str], formats: Formats) -> "MovementFilters":
        """Read them from an address; what makes no sense counts as not said."""
        before_at, _, before_id = query.get("before", "").partition("_")
        at, movement_id = moment(before_at, formats), number(before_id)
        return cls(
            wallet_id=wallet_id,
            kind=query.get("kind", ""),
            state=query.get("state", "") if query.get("state") in dict(STATES) else "",
            q=query.get("q", "")[:100].strip(),
            start=query.get("from", "")[:30],
            end=query.get("to", "")[:30],
            before=(at, movement_id) if at is not None and movement_id is not None else None,
        )

    def wish(self, formats: Formats, **more: Any) -> MovementWish:
        """Say it to the question. A day to end at is meant as a whole."""
        end = moment(self.end, formats)
        if end is not None and len(self.end) == len("2026-11-20"):
            end += timedelta(days=1)
        chosen = next((each for each in FILTERS if each.key == self.kind), None)
        states = (self.state,) if self.state else chosen.states if chosen else None
        return MovementWish(
            kinds=chosen.kinds if chosen else None,
            states=states,
            text=self.q,
            start=moment(self.start, formats),
            end=end,
            **{"before": self.before, **more},
        )

    def href(self, *, file: str = "", **changes: Any) -> str:
        """Make the address of the same list with something changed, or of the list as a file."""
        values = {"kind": self.kind, "state": self.state, "q": self.q, "from": self.start, "to": self.end, **changes}
        kept = {name: value for name, value in values.items() if value}
        return f"/wallets/{self.wallet_id}{file}" + (f"?{urlencode(kept)}" if kept else "")

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.kind or self.state or self.q or self.start or self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementRow:
    """One movement as the list shows it."""

    id: int
    clock: str
    what: str
    between: str
    glyph: str
    state: str
    charge_id: int | None
    about: str
    note: str
    vat: Markup | str
    amount: Markup
    css: str
    refund: str


def movement_days(
    lines: Sequence[MovementLine], wallet_id: int, formats: Formats, *, refundable: bool
) -> list[tuple[str, list[MovementRow]]]:
    """Put movements under their days."""
    days = groupby(lines, key=lambda line: formats.local(line.created_at).date())
    return [
        (_day_words(rows[0], formats), [movement_row(row, wallet_id, formats, refundable=refundable) for row in rows])
        for rows in (list(found) for _, found in days)
    ]


def _day_words(line: MovementLine, formats: Formats) -> str:
    there, today = formats.local(line.created_at).date(), formats.local(formats.now).date()
    near = {today: "Today", today - timedelta(days=1): "Yesterday"}.get(there)
    return f"{near}, {formats.day(line.created_at)}" if near else formats.day(line.created_at)


def movement_row(line: MovementLine, wallet_id: int, formats: Formats, *, refundable: bool) -> MovementRow:
    """Turn a movement into its row."""
    glyph, state = state_words(line.state)
    if line.state == "failed" and line.kind == "charge":
        glyph, state = "released", "Let go"
    return MovementRow(
        id=line.id,
        clock=formats.minute(line.created_at),
        what="Held for a charge" if line.state == "reserved" else what_words(line, formats),
        between=between_words(line),
        glyph=glyph,
        state=state,
        charge_id=line.charge_id,
        about=line.charge_name or "",
        note=_note(line),
        vat=formats.money(line.vat_minor, line.currency) if line.vat_minor and line.state == "complete" else NOTHING,
        amount=_amount(line, wallet_id, formats),
        css={"complete": "", "failed": " faint struck"}.get(line.state, " faint"),
        refund=f"/wallets/{wallet_id}/refunds/{line.id}" if refundable and can_be_refunded(line, wallet_id) else "",
    )


def what_words(line: MovementLine, formats: Formats) -> str:
    """Say what a movement was for; a fee with its VAT rate would be too much here."""
    return kind_words(line.kind)


def between_words(line: MovementLine) -> str:
    """Say who gave to whom."""
    outside = outside_words(line.kind)
    return f"{line.giver or outside} → {line.taker or outside}"


def can_be_refunded(line: MovementLine, wallet_id: int) -> bool:
    """Tell whether a payment was made to this wallet by another, and is not given back in whole."""
    paid = line.state == "complete" and line.refund_of is None and line.to_wallet_id == wallet_id
    return paid and line.from_wallet_id not in (None, wallet_id) and line.refunded_minor < line.amount_minor


def _note(line: MovementLine) -> str:
    said = [f"“{line.note}”"] if line.note else []
    if line.refunded_minor:
        said.append("all given back" if line.refunded_minor >= line.amount_minor else "a part given back")
    if line.group not in ("charge",) or line.refund_of is not None:
        said.append(f"by {line.asked_by}")
    return ", ".join(said)


def _amount(line: MovementLine, wallet_id: int, formats: Formats) -> Markup:
    if line.from_wallet_id == line.to_wallet_id or line.state == "reserved":
        return formats.money(line.amount_minor, line.currency)
    signed = line.amount_minor if line.to_wallet_id == wallet_id else -line.amount_minor
    return formats.signed_money(signed, line.currency)


def vat_words(line: MovementLine, formats: Formats) -> str:
    """Write the VAT rate of a movement, for files."""
    return percent_words(line.vat_percent, formats) if line.vat_minor else ""
