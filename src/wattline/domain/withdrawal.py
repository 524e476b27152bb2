"""Withdrawals: how much may leave a wallet for a bank account, and when it leaves by itself (product rules 11)."""

from collections.abc import Container, Mapping
from datetime import date, timedelta

from wattline.domain.amount import MINOR_MAX
from wattline.domain.refusals import Invalid, NotReady
from wattline.domain.rounding import to_main

# 50 Danish kroner, or about as much.
MINIMUM_MINOR: Mapping[str, int] = {
    "dkk": 5_000, "eur": 670, "sek": 7_500, "nok": 8_000, "gbp": 600, "chf": 650, "usd": 750, "pln": 3_000,
    "czk": 17_000, "huf": 270_000, "isk": 1_000, "bgn": 1_300, "ron": 3_400,
}  # fmt: skip
MINIMUM_ELSEWHERE_MINOR = 1_000

SATURDAY = 5
# Nowhere do holidays last longer.
WORKING_DAY_WITHIN = 14
HOLDER_LETTERS_MAX = 140


class TooLittleToWithdraw(NotReady):
    """There is less money in the wallet than was asked for; what is held, and credit, cannot be withdrawn."""

    code = "INSUFFICIENT_FUNDS"

    def __init__(self, there_minor: int, currency: str, decimals: int) -> None:
        amount = to_main(max(0, there_minor), decimals)
        super().__init__(f"Only {amount:f} {currency.upper()} can be withdrawn. Credit, and what is held, stay.")
        self.there_minor = there_minor


def minimum_minor(currency: str) -> int:
    """Return what a withdrawal must at least be."""
    return MINIMUM_MINOR.get(currency, MINIMUM_ELSEWHERE_MINOR)


def checked_withdrawal(amount_minor: object, currency: str, decimals: int) -> int:
    """Take the amount of a withdrawal, a whole number of minor units. Raises Invalid."""
    least = minimum_minor(currency)
    if type(amount_minor) is not int or not least <= amount_minor <= MINOR_MAX:
        raise Invalid("amount", f"must be at least {to_main(least, decimals):f} {currency.upper()}.")
    return amount_minor


def must_have_payouts(team_payment_method: str | None) -> None:
    """Refuse teams whose operator settles with them elsewhere. None is no team. Raises NotReady."""
    if team_payment_method == "operator_transaction":
        raise NotReady("This team's operator settles with it elsewhere: it has neither deposits nor withdrawals.")


def monthly_minor(there_minor: int, *, leave_minor: int, currency: str) -> int:
    """Work out what leaves by itself, so that `leave_minor` stays; 0 when that is too little to send."""
    amount = there_minor - leave_minor
    return min(amount, MINOR_MAX) if amount >= minimum_minor(currency) else 0


def monthly_is_due(day: date, seen_to: date | None, *, holidays: Container[date]) -> bool:
    """Tell whether this month's automatic withdrawal is due: from its first working day on, once.

    A server that was away that day makes up for it.
    """
    return day >= first_working_day(day, holidays) and (seen_to is None or seen_to < day.replace(day=1))


def first_working_day(day: date, holidays: Container[date]) -> date:
    """Return the first day of a month from Monday to Friday that is no public holiday."""
    first = day.replace(day=1)
    days = (first + timedelta(days=number) for number in range(WORKING_DAY_WITHIN))
    return next((each for each in days if each.weekday() < SATURDAY and each not in holidays), first)


def month_seen_to(day: date, *, holidays: Container[date]) -> date | None:
    """Return which month counts as seen to when automatic withdrawal is switched on: it begins the next time."""
    return day.replace(day=1) if day >= first_working_day(day, holidays) else None


def checked_holder(name: str) -> str:
    """Take the name of whose bank account it is. Raises Invalid."""
    told = " ".join(name.split())
    if not told or len(told) > HOLDER_LETTERS_MAX:
        raise Invalid("holder", f"must be a name of 1 to {HOLDER_LETTERS_MAX} letters.")
    return told
