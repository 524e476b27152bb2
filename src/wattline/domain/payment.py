"""The life of a payment at a provider, as one table: what we ask, what the provider says, and where that leads.

    asked ─▶ (needs-action) ─▶ held ─▶ capturing ─▶ captured ─▶ refunding ─▶ partly-refunded, refunded
      │             │           └────▶ cancelling ─▶ cancelled
      └─────────────┴▶ refused

Two laws. Only what the provider says ends a waiting state: a lost answer leaves the payment where it is, and asking
again with the same key, looking, or an event brings the word later. And the provider's word only ever moves a payment
forward: what is not in MOVES is old news, or a contradiction (`trouble`) that a person must look at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from wattline.domain.payment_provider import Standing
from wattline.domain.refusals import IllegalMove, Invalid, Refusal


class State(StrEnum):
    """Where a payment is. The four words in -ing wait for the provider's answer."""

    ASKED = "asked"
    NEEDS_ACTION = "needs-action"
    HELD = "held"
    CAPTURING = "capturing"
    CAPTURED = "captured"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    REFUNDING = "refunding"
    PARTLY_REFUNDED = "partly-refunded"
    REFUNDED = "refunded"
    # The provider no longer knows of it, or cannot be asked: a person must look.
    UNKNOWN = "unknown"


class Step(StrEnum):
    """What we ask for, and what the provider says."""

    CAPTURE_ASKED = "capture-asked"
    CANCEL_ASKED = "cancel-asked"
    REFUND_ASKED = "refund-asked"
    NEEDS_ACTION = "says-needs-action"
    HELD = "says-held"
    REFUSED = "says-refused"
    CAPTURED = "says-captured"
    CANCELLED = "says-cancelled"
    REFUNDED = "says-refunded"
    CAPTURE_REFUSED = "capture-refused"
    CANCEL_REFUSED = "cancel-refused"
    REFUND_REFUSED = "refund-refused"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment as it is kept; fields are columns of table `payment`. Amounts in minor units of `currency`.

    `capture_minor` and `refund_minor` are what we asked for in all, `captured_minor` and `refunded_minor` what the
    provider says was done; `disputed_minor` is what the card's bank took back. `action` is what a person must do (an
    address to open, or a secret for the page).
    """

    id: int
    key: str
    operator_id: int
    team_id: int | None
    user_id: int | None
    charge_id: int | None
    purpose: str
    provider: str
    provider_ref: str | None
    method: str
    saved_card_id: int | None
    currency: str
    amount_minor: int
    capture_minor: int
    captured_minor: int
    refund_minor: int
    refunded_minor: int
    disputed_minor: int
    state: State
    action: Any
    card: Any
    failure_code: str | None
    failure_text: str | None
    capture_before: datetime | None
    trouble: str | None
    look_at: datetime | None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None


S = State

# (where it is, what happens): where that leads. Refunds lead where the amounts say, see `_by_refunds`.
MOVES: Mapping[tuple[State, Step], State] = {
    (S.ASKED, Step.NEEDS_ACTION): S.NEEDS_ACTION,
    (S.ASKED, Step.HELD): S.HELD,
    (S.ASKED, Step.REFUSED): S.REFUSED,
    (S.ASKED, Step.CAPTURED): S.CAPTURED,
    (S.ASKED, Step.CANCELLED): S.CANCELLED,
    (S.ASKED, Step.CANCEL_ASKED): S.CANCELLING,
    (S.ASKED, Step.LOST): S.UNKNOWN,

    (S.NEEDS_ACTION, Step.HELD): S.HELD,
    (S.NEEDS_ACTION, Step.REFUSED): S.REFUSED,
    (S.NEEDS_ACTION, Step.CAPTURED): S.CAPTURED,
    (S.NEEDS_ACTION, Step.CANCELLED): S.CANCELLED,
    (S.NEEDS_ACTION, Step.CANCEL_ASKED): S.CANCELLING,
    (S.NEEDS_ACTION, Step.LOST): S.UNKNOWN,

    (S.HELD, Step.CAPTURE_ASKED): S.CAPTURING,
    (S.HELD, Step.CANCEL_ASKED): S.CANCELLING,
    # Somebody captured it on the provider's own pages, or the hold ran out there.
    (S.HELD, Step.CAPTURED): S.CAPTURED,
    (S.HELD, Step.CANCELLED): S.CANCELLED,
    (S.HELD, Step.LOST): S.UNKNOWN,

    (S.CAPTURING, Step.CAPTURED): S.CAPTURED,
    (S.CAPTURING, Step.CANCELLED): S.CANCELLED,
    (S.CAPTURING, Step.REFUNDED): S.REFUNDED,
    (S.CAPTURING, Step.CAPTURE_REFUSED): S.HELD,
    (S.CAPTURING, Step.LOST): S.UNKNOWN,

    (S.CANCELLING, Step.CANCELLED): S.CANCELLED,
    (S.CANCELLING, Step.REFUSED): S.REFUSED,
    (S.CANCELLING, Step.CAPTURED): S.CAPTURED,
    (S.CANCELLING, Step.REFUNDED): S.REFUNDED,
    (S.CANCELLING, Step.CANCEL_REFUSED): S.HELD,
    (S.CANCELLING, Step.LOST): S.UNKNOWN,

    (S.CAPTURED, Step.REFUND_ASKED): S.REFUNDING,
    (S.CAPTURED, Step.REFUNDED): S.REFUNDED,

    (S.REFUNDING, Step.REFUND_ASKED): S.REFUNDING,
    (S.REFUNDING, Step.REFUNDED): S.REFUNDED,
    (S.REFUNDING, Step.REFUND_REFUSED): S.CAPTURED,
    (S.REFUNDING, Step.LOST): S.UNKNOWN,

    (S.PARTLY_REFUNDED, Step.REFUND_ASKED): S.REFUNDING,
    (S.PARTLY_REFUNDED, Step.REFUNDED): S.REFUNDED,

    # Refused is the end for us; a hold that comes to be after all is let go again.
    (S.REFUSED, Step.HELD): S.CANCELLING,

    (S.UNKNOWN, Step.NEEDS_ACTION): S.NEEDS_ACTION,
    (S.UNKNOWN, Step.HELD): S.HELD,
    (S.UNKNOWN, Step.REFUSED): S.REFUSED,
    (S.UNKNOWN, Step.CAPTURED): S.CAPTURED,
    (S.UNKNOWN, Step.CANCELLED): S.CANCELLED,
    (S.UNKNOWN, Step.REFUNDED): S.REFUNDED,
}  # fmt: skip

FINAL = frozenset({S.CANCELLED, S.REFUSED, S.REFUNDED})
# Money has been taken in these, as far as we know.
TAKEN = frozenset({S.CAPTURED, S.REFUNDING, S.PARTLY_REFUNDED, S.REFUNDED})

# What would mean that money went another way than we believe. Everything else outside of MOVES is old news.
CONTRADICTIONS = frozenset(
    {
        (S.CANCELLED, Step.CAPTURED),
        (S.REFUSED, Step.CAPTURED),
        (S.CAPTURED, Step.CANCELLED),
        (S.REFUNDING, Step.CANCELLED),
        (S.PARTLY_REFUNDED, Step.CANCELLED),
    }
)

# What providers take at most in one go, and far below where whole numbers stop being exact in JSON.
AMOUNT_MINOR_MAX = 99_999_999


class RefundTooLarge(Refusal):
    """More would go back than was taken."""

    code = "REFUND_TOO_LARGE"

    def __init__(self, left_minor: int) -> None:
        super().__init__(f"At most {left_minor} minor units of this payment can still be given back.")
        self.left_minor = left_minor


def checked_amount(amount_minor: object, *, field: str = "amount") -> int:
    """Return an amount that can be meant: a whole number of minor units above 0. Raises Invalid."""
    if type(amount_minor) is not int or not 0 < amount_minor <= AMOUNT_MINOR_MAX:
        raise Invalid(field, f"must be a whole number of minor units from 1 to {AMOUNT_MINOR_MAX}.")
    return amount_minor


def ask_capture(payment: Payment, amount_minor: int) -> Payment:
    """Ask for all or a part of what is held; the rest returns. Raises Invalid and IllegalMove."""
    if checked_amount(amount_minor) > payment.amount_minor:
        raise Invalid("amount", f"is more than the {payment.amount_minor} that are held.")
    return replace(moved(payment, Step.CAPTURE_ASKED), capture_minor=amount_minor)


def ask_cancel(payment: Payment) -> Payment:
    """Let go of what is held, or about to be. Raises IllegalMove."""
    return moved(payment, Step.CANCEL_ASKED)


def ask_refund(payment: Payment, amount_minor: int) -> Payment:
    """Give back a part of what was taken, or all of it. Raises Invalid, IllegalMove and RefundTooLarge."""
    after = moved(payment, Step.REFUND_ASKED)
    left = refundable(payment)
    if checked_amount(amount_minor) > left:
        raise RefundTooLarge(left)
    return replace(after, refund_minor=max(payment.refund_minor, payment.refunded_minor) + amount_minor)


def refundable(payment: Payment) -> int:
    """What can still be given back."""
    return payment.captured_minor - max(payment.refund_minor, payment.refunded_minor)


def refuse_refund(payment: Payment, amount_minor: int) -> Payment:
    """The provider will not give this part back."""
    less = replace(payment, refund_minor=max(payment.refund_minor - amount_minor, payment.refunded_minor))
    return replace(less, state=_by_refunds(less))


def moved(payment: Payment, step: Step) -> Payment:
    """Take one step of the table. Raises IllegalMove and changes nothing when it has none."""
    to = MOVES.get((payment.state, step))
    if to is None:
        raise IllegalMove(payment.state, step)
    return replace(payment, state=to)


def learn(payment: Payment, said: Standing) -> Payment:
    """Take in how the payment stands at the provider; old news changes nothing but what was missing here."""
    step = _step_of(said)
    known = replace(
        payment,
        provider_ref=payment.provider_ref or said.provider_ref,
        card=said.card_face() or payment.card,
        capture_before=said.capture_before or payment.capture_before,
        disputed_minor=payment.disputed_minor if said.disputed_minor is None else said.disputed_minor,
    )
    if step is None:
        return known
    if (payment.state, step) in CONTRADICTIONS:
        return replace(known, trouble=f"Here it is {payment.state}, but the provider says {said.state}.")
    to = MOVES.get((payment.state, step))
    return known if to is None else _after(known, said, step, to)


def _step_of(said: Standing) -> Step | None:
    if said.state == "captured" and said.refunded_minor > 0:
        return Step.REFUNDED
    return {
        "processing": None,
        "needs-action": Step.NEEDS_ACTION,
        "held": Step.HELD,
        "refused": Step.REFUSED,
        "captured": Step.CAPTURED,
        "cancelled": Step.CANCELLED,
    }[said.state]


def _after(payment: Payment, said: Standing, step: Step, to: State) -> Payment:
    trouble = None if payment.state is S.UNKNOWN else payment.trouble
    after = replace(payment, state=to, action=said.action, trouble=trouble)
    if step in (Step.CAPTURED, Step.REFUNDED):
        after = _with_amounts(after, said)
    if step is Step.REFUNDED:
        return replace(after, state=_by_refunds(after))
    if step is Step.REFUSED:
        return replace(after, failure_code=said.code, failure_text=said.text)
    return after


def _with_amounts(payment: Payment, said: Standing) -> Payment:
    asked = payment.capture_minor or payment.amount_minor
    captured = asked if said.captured_minor is None else said.captured_minor
    trouble = payment.trouble
    if payment.capture_minor and captured != payment.capture_minor:
        trouble = f"We asked to take {payment.capture_minor}, the provider took {captured}."
    return replace(
        payment,
        captured_minor=max(payment.captured_minor, captured),
        refunded_minor=max(payment.refunded_minor, said.refunded_minor),
        trouble=trouble,
    )


def _by_refunds(payment: Payment) -> State:
    if payment.refunded_minor >= payment.captured_minor > 0:
        return S.REFUNDED
    if payment.refund_minor > payment.refunded_minor:
        return S.REFUNDING
    return S.PARTLY_REFUNDED if payment.refunded_minor else S.CAPTURED
