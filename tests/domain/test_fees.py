"""Fees: parts of a sale, rounded once each, never more than was paid."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from wattline.domain.fees import Fee, FeeKind, FeeRule, fees_of

PLATFORM = FeeRule(operator_id=None, kind=FeeKind.PERCENT, value=Decimal(2), vat_percent=Decimal(25))
OPERATOR = FeeRule(operator_id=7, kind=FeeKind.PERCENT, value=Decimal(3), vat_percent=Decimal(25))
PARENT = FeeRule(operator_id=1, kind=FeeKind.PER_KWH, value=Decimal("0.05"))

RULES = st.builds(
    FeeRule,
    operator_id=st.none() | st.integers(1, 9),
    kind=st.sampled_from(FeeKind),
    value=st.decimals("0.01", 60, places=2),
    vat_percent=st.sampled_from([Decimal(0), Decimal("19"), Decimal("25"), Decimal("25.5")]),
)


def figures(*rules: FeeRule, net_minor: int, gross_minor: int, energy_wh: int = 20_000) -> list[tuple[int, int]]:
    fees = fees_of(rules, net_minor=net_minor, gross_minor=gross_minor, energy_wh=energy_wh, decimals=2)
    return [(fee.net_minor, fee.vat_minor) for fee in fees]


def test_platform_and_operator_each_take_their_percent_of_the_net_and_vat_on_top() -> None:
    # 100.00 net, 125.00 paid: 2.00 + 0.50 and 3.00 + 0.75.
    assert figures(PLATFORM, OPERATOR, net_minor=10_000, gross_minor=12_500) == [(200, 50), (300, 75)]


def test_a_fee_per_kwh_counts_energy_not_money() -> None:
    assert figures(PARENT, net_minor=10_000, gross_minor=12_500) == [(100, 0)]


def test_half_a_cent_is_rounded_up_once() -> None:
    # 2 % of 0.25 is half a cent.
    assert figures(PLATFORM, net_minor=25, gross_minor=31) == [(1, 0)]


def test_a_free_charge_has_no_fees() -> None:
    assert figures(PLATFORM, OPERATOR, PARENT, net_minor=0, gross_minor=0) == []


def test_fees_leave_the_seller_nothing_at_worst_never_less() -> None:
    # 20 kWh at 0.05 are 1.00, but only 0.60 were paid; nothing is left for the next.
    assert figures(PARENT, OPERATOR, net_minor=48, gross_minor=60) == [(60, 0)]


@given(st.lists(RULES, max_size=5), st.integers(0, 10**7), st.integers(0, 10**6))
def test_together_they_never_take_more_than_was_paid(rules: list[FeeRule], net_minor: int, energy_wh: int) -> None:
    gross_minor = net_minor + net_minor // 4
    fees: tuple[Fee, ...] = fees_of(
        rules, net_minor=net_minor, gross_minor=gross_minor, energy_wh=energy_wh, decimals=2
    )
    assert sum(fee.gross_minor for fee in fees) <= gross_minor
    assert all(fee.net_minor >= 0 and fee.vat_minor >= 0 for fee in fees)
