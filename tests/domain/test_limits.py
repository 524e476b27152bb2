"""Limits: the first one reached stops a charge."""

from decimal import Decimal

import pytest

from wattline.domain.limits import Limit, Limits, Progress, limit_reached
from wattline.domain.refusals import Invalid

HALF_WAY = Progress(
    energy_wh=5_000, energy_step_wh=100, soc_percent=50.0, soc_step_percent=1.0, spent_minor=500, spent_step_minor=10
)


@pytest.mark.parametrize(
    ("limits", "reached"),
    [
        (Limits(), None),
        (Limits(energy_wh=10_000), None),
        (Limits(energy_wh=5_000), Limit.ENERGY),
        (Limits(energy_wh=5_100), None),
        (Limits(energy_wh=5_099), Limit.ENERGY),
        (Limits(soc_percent=Decimal(80)), None),
        (Limits(soc_percent=Decimal("50.5")), Limit.SOC),
        (Limits(price_minor=511), None),
        (Limits(price_minor=509), Limit.PRICE),
        (Limits(energy_wh=5_000, soc_percent=Decimal(50), price_minor=500), Limit.ENERGY),
        (Limits(energy_wh=9_000, soc_percent=Decimal(50), price_minor=500), Limit.SOC),
    ],
)
def test_a_charge_stops_before_the_next_reading_would_pass_a_limit(limits: Limits, reached: Limit | None) -> None:
    assert limit_reached(limits, HALF_WAY) is reached


def test_what_is_not_known_reaches_no_limit() -> None:
    blind = Progress(
        energy_wh=0, energy_step_wh=0, soc_percent=None, soc_step_percent=0, spent_minor=None, spent_step_minor=0
    )
    assert limit_reached(Limits(soc_percent=Decimal(1), price_minor=1), blind) is None


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        (Limits(energy_wh=999), "kwhLimit"),
        (Limits(energy_wh=500_001), "kwhLimit"),
        (Limits(soc_percent=Decimal("0.5")), "socLimit"),
        (Limits(soc_percent=Decimal(101)), "socLimit"),
        (Limits(price_minor=0), "priceLimit"),
    ],
)
def test_limits_outside_the_contract_are_refused(limits: Limits, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        limits.must_be_possible()
    assert refused.value.field == field


def test_limits_at_the_edges_are_fine() -> None:
    Limits(energy_wh=1_000, soc_percent=Decimal(1), price_minor=1).must_be_possible()
    Limits(energy_wh=500_000, soc_percent=Decimal(100)).must_be_possible()
    Limits().must_be_possible()
