"""Amounts in main units, what a withdrawal must be, and on which day wallets are emptied."""

from datetime import date
from decimal import Decimal

import pytest

from wattline.domain.amount import exact_minor
from wattline.domain.refusals import Invalid, NotReady
from wattline.domain.withdrawal import (
    checked_holder,
    checked_withdrawal,
    first_working_day,
    minimum_minor,
    month_seen_to,
    monthly_is_due,
    monthly_minor,
    must_have_payouts,
)

NO_HOLIDAYS: frozenset[date] = frozenset()


@pytest.mark.parametrize(
    ("amount", "decimals", "minor"),
    [("12.5", 2, 1250), ("0.01", 2, 1), ("1E+2", 2, 10_000), ("5.000", 2, 500), ("7", 0, 7), ("1.234", 3, 1234)],
)
def test_an_amount_becomes_whole_minor_units(amount: str, decimals: int, minor: int) -> None:
    assert exact_minor(Decimal(amount), decimals) == minor


@pytest.mark.parametrize(
    "amount", ["0", "-1", "0.001", "NaN", "sNaN", "Infinity", "-Infinity", "1e400", "1e999999", "1e-999999", "1e13"]
)
def test_an_amount_that_cannot_be_meant_is_refused(amount: str) -> None:
    with pytest.raises(Invalid):
        exact_minor(Decimal(amount), 2)


def test_fifty_kroner_or_as_much_must_be_withdrawn_at_least() -> None:
    assert checked_withdrawal(5_000, "dkk", 2) == 5_000
    with pytest.raises(Invalid, match=r"at least 50\.00 DKK"):
        checked_withdrawal(4_999, "dkk", 2)
    for amount in (-5_000, 0, 10**13, 7_000.5, True, None):
        with pytest.raises(Invalid):
            checked_withdrawal(amount, "eur", 2)
    assert minimum_minor("jpy") == 1_000


@pytest.mark.parametrize(
    ("month", "day"), [((2026, 11), 2), ((2026, 8), 3), ((2026, 12), 1), ((2027, 1), 1), ((2026, 2), 2)]
)
def test_the_first_working_day_is_never_on_a_weekend(month: tuple[int, int], day: int) -> None:
    assert first_working_day(date(*month, 17), NO_HOLIDAYS) == date(*month, day)


def test_the_first_working_day_is_no_public_holiday() -> None:
    new_year = {date(2027, 1, 1)}
    assert first_working_day(date(2027, 1, 20), new_year) == date(2027, 1, 4)
    assert not monthly_is_due(date(2027, 1, 2), None, holidays=new_year)
    assert monthly_is_due(date(2027, 1, 4), None, holidays=new_year)
    assert month_seen_to(date(2027, 1, 1), holidays=new_year) is None


def test_a_month_is_seen_to_once_from_its_first_working_day_on() -> None:
    november = date(2026, 11, 1)
    assert not monthly_is_due(november, None, holidays=NO_HOLIDAYS)
    for day in (2, 3, 30):
        assert monthly_is_due(date(2026, 11, day), date(2026, 10, 1), holidays=NO_HOLIDAYS)
        assert not monthly_is_due(date(2026, 11, day), november, holidays=NO_HOLIDAYS)
    # Whoever switches it on in the middle of a month waits for the next.
    assert month_seen_to(date(2026, 11, 20), holidays=NO_HOLIDAYS) == november
    assert month_seen_to(november, holidays=NO_HOLIDAYS) is None


def test_what_shall_stay_stays_and_too_little_is_not_sent() -> None:
    assert monthly_minor(10_000, leave_minor=2_000, currency="dkk") == 8_000
    assert monthly_minor(6_999, leave_minor=2_000, currency="dkk") == 0
    assert monthly_minor(-500, leave_minor=0, currency="dkk") == 0


def test_teams_settled_elsewhere_have_no_payouts() -> None:
    for method in (None, "source", "invoice"):
        must_have_payouts(method)
    with pytest.raises(NotReady):
        must_have_payouts("operator_transaction")


def test_a_holder_has_a_name() -> None:
    assert checked_holder("  Harbour \t Charging ") == "Harbour Charging"
    for name in ("", " ", "x" * 141):
        with pytest.raises(Invalid):
            checked_holder(name)
