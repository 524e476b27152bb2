"""How much money is kept aside before a charge, who is asked for it, and what happens when there is too little."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from wattline.domain.refusals import Refusal
from wattline.domain.rounding import to_main, to_minor

# Longer than any charge, shorter than most card holds last.
HOLD_SECONDS = 7 * 24 * 3600

# A full battery at a common public price, in currencies drivers pay in here; anything else takes the last figure.
USUAL_MINOR: Mapping[str, int] = {
    "eur": 5_000, "usd": 5_000, "gbp": 4_500, "chf": 5_000, "dkk": 40_000, "sek": 50_000, "nok": 50_000, "pln": 20_000,
    "isk": 7_000, "czk": 120_000, "huf": 2_000_000,
}  # fmt: skip
USUAL_ELSEWHERE_MINOR = 10_000


class PayerKind(StrEnum):
    """How a charge is paid. `own`: the owner's own charge, no money moves; `free`: the price says so."""

    WALLET = "wallet"
    TERMINAL = "terminal"
    CARD = "card"
    OWN = "own"
    FREE = "free"


class FundsMissing(Refusal):
    """The wallet has less than is needed."""

    code = "INSUFFICIENT_FUNDS"

    def __init__(self, missing_minor: int, currency: str, decimals: int) -> None:
        amount = to_main(missing_minor, decimals)
        super().__init__(
            f"The wallet lacks {amount:f} {currency.upper()} for this charge. Refill it, then start again."
        )
        self.missing_minor, self.currency = missing_minor, currency


class OtherCurrency(Refusal):
    """Two currencies meet, and nobody says what one is worth in the other."""

    code = "CURRENCY_MISMATCH"

    def __init__(self, asked: str, had: str) -> None:
        super().__init__(
            f"This charge is priced in {asked.upper()}, but would be paid in {had.upper()}. Choose a price group or a "
            "paying team of the same currency."
        )


@dataclass(frozen=True, slots=True)
class Part:
    """What is held on one of the payer's accounts."""

    account_id: int
    amount_minor: int


def reserved_on_card_minor(session: Mapping[str, object] | None, decimals: int) -> int | None:
    """Return what a terminal reserved on the driver's card, told in main units; None when it does not say."""
    amount = (session or {}).get("amount")
    if not isinstance(amount, int | float) or isinstance(amount, bool) or not amount > 0:
        return None
    return to_minor(Decimal(str(amount)), decimals)


def usual_hold_minor(currency: str) -> int:
    """Return what is held where neither the operator nor the price says how much."""
    return USUAL_MINOR.get(currency, USUAL_ELSEWHERE_MINOR)


def share_out(amount_minor: int, *, credit: Part, money_account_id: int) -> tuple[Part, ...]:
    """Hold from credit first, as far as it goes (`credit.amount_minor` is all there is), and the rest from money."""
    from_credit = min(amount_minor, credit.amount_minor)
    parts = (Part(credit.account_id, from_credit), Part(money_account_id, amount_minor - from_credit))
    return tuple(part for part in parts if part.amount_minor)
