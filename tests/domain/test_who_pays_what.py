"""Which price counts, which VAT is on it, and what the law does not let one ask for."""

from datetime import date
from decimal import Decimal

import pytest

from tests.domain.pricing import EVENING, after, price, quarters, tariff, terms
from wattline.domain.afir import PricedPoint, PriceNotAllowed, must_be_allowed
from wattline.domain.limits import Limits
from wattline.domain.price_ceiling import most_it_can_cost
from wattline.domain.price_choice import Candidates, ChosenBy, choose
from wattline.domain.price_order import in_display_order
from wattline.domain.price_terms import GroupType
from wattline.domain.spot import NO_SPOT_PRICES
from wattline.domain.vat import OUT_OF_SCOPE, Company, TaxRate, VatCategory, between_companies, on_sale_to_driver

TODAY = date(2026, 11, 20)
DANISH, SWEDISH, NORWEGIAN = (Company(country, registered=True) for country in ("DK", "SE", "NO"))

EVERYTHING = Candidates(explicit=1, member=2, nested_team=3, roaming=4, public=5)


@pytest.mark.parametrize(
    ("candidates", "roaming", "chosen"),
    [
        (EVERYTHING, False, (1, ChosenBy.EXPLICIT)),
        (EVERYTHING, True, (1, ChosenBy.EXPLICIT)),
        (Candidates(member=2, nested_team=3, roaming=4, public=5), False, (2, ChosenBy.MEMBER)),
        (Candidates(nested_team=3, roaming=4, public=5), False, (3, ChosenBy.NESTED_TEAM)),
        (Candidates(roaming=4, public=5), False, (5, ChosenBy.PUBLIC)),
        (Candidates(member=2, nested_team=3, roaming=4, public=5), True, (4, ChosenBy.ROAMING)),
        (Candidates(member=2, public=5), True, (5, ChosenBy.PUBLIC)),
        (Candidates(roaming=4), False, None),
        (Candidates(), False, None),
    ],
)
def test_the_strongest_reason_says_which_price_counts(
    candidates: Candidates, roaming: bool, chosen: tuple[int, ChosenBy] | None
) -> None:
    assert choose(candidates, roaming=roaming) == chosen


@pytest.mark.parametrize(
    ("country", "on", "percent"),
    [("DK", TODAY, "25"), ("FI", TODAY, "25.5"), ("EE", date(2025, 6, 30), "22"), ("EE", date(2025, 7, 1), "24"),
     ("RO", date(2025, 7, 31), "19"), ("RO", TODAY, "21"), ("CH", TODAY, "8.1")],
)  # fmt: skip
def test_a_driver_pays_the_vat_of_the_country_of_the_charge_point(country: str, on: date, percent: str) -> None:
    vat = on_sale_to_driver(SWEDISH, country, on)
    assert (vat.category, vat.percent, vat.country) == (VatCategory.STANDARD, Decimal(percent), country)


def test_a_private_owner_sells_without_vat() -> None:
    assert on_sale_to_driver(Company("DK", registered=False), "DK", TODAY).percent == 0


def test_where_there_are_sales_taxes_they_are_data_and_add_up() -> None:
    rates = [TaxRate("State", Decimal("7.25")), TaxRate("County", Decimal("1.5"))]
    assert on_sale_to_driver(DANISH, "US", TODAY, rates).percent == Decimal("8.75")
    assert on_sale_to_driver(DANISH, "US", TODAY).category is VatCategory.OUT_OF_SCOPE
    # Where VAT comes by itself nobody's own rate counts.
    assert on_sale_to_driver(DANISH, "DK", TODAY, rates).percent == 25


def test_between_companies_vat_is_local_reversed_or_not_ours() -> None:
    assert between_companies(DANISH, DANISH, TODAY).percent == 25
    across = between_companies(DANISH, SWEDISH, TODAY)
    assert (across.category, across.percent, across.reason) == (VatCategory.REVERSE_CHARGE, Decimal(), "VATEX-EU-AE")
    assert between_companies(DANISH, NORWEGIAN, TODAY) == OUT_OF_SCOPE
    assert between_companies(NORWEGIAN, NORWEGIAN, TODAY).percent == 25
    private_swede = Company("SE", registered=False)
    assert between_companies(DANISH, private_swede, TODAY).country == "DK"
    assert between_companies(private_swede, DANISH, TODAY) == OUT_OF_SCOPE
    assert between_companies(Company("US", registered=True), DANISH, TODAY) == OUT_OF_SCOPE


def point(power_w: int | None = 150_000, country: str | None = "DK", on: date | None = TODAY) -> PricedPoint:
    return PricedPoint(connector_id=1, name="Harbour 1", max_power_w=power_w, country=country, deployed_on=on)


@pytest.mark.parametrize("type_", ["min", "minute", "starting", "charging"])
def test_a_fast_charger_may_only_ask_for_kwh_and_for_standing_there(type_: str) -> None:
    allowed = [price("kwh", "3"), price("idle", "1")]
    must_be_allowed(GroupType.PUBLIC, allowed, [point()])
    with pytest.raises(PriceNotAllowed, match=r"at Harbour 1 \(150 kW\)"):
        must_be_allowed(GroupType.PUBLIC, [*allowed, price(type_, "1")], [point(22_000), point()])


@pytest.mark.parametrize(
    "elsewhere", [point(49_000), point(None), point(country="GB"), point(on=date(2024, 4, 12)), point(country=None)]
)
def test_slow_old_and_foreign_charge_points_may_ask_for_anything(elsewhere: PricedPoint) -> None:
    must_be_allowed(GroupType.PUBLIC, [price("min", "1"), price("starting", "1")], [elsewhere])


def test_members_may_be_asked_for_anything_and_nothing_is_not_asked_for() -> None:
    must_be_allowed(GroupType.MEMBER, [price("min", "1")], [point()])
    must_be_allowed(GroupType.PUBLIC, [price("kwh", "1"), price("starting", "0")], [point()])


def test_prices_are_shown_per_kwh_per_minute_per_session() -> None:
    mixed = [price("starting", "1"), price("idle", "1"), price("spot", "1"), price("minute", "1")]
    assert [one.type.value for one in in_display_order(mixed)] == ["spot", "idle", "minute", "starting"]


@pytest.mark.parametrize(
    ("limits", "hold"),
    [
        (Limits(), 30000),
        (Limits(energy_wh=20_000), 20 * 300 + 500),
        (Limits(price_minor=2500), 2500),
        (Limits(energy_wh=20_000, price_minor=2500), 2500),
        (Limits(energy_wh=500_000), 30000),
    ],
)
def test_what_is_held_is_the_lowest_of_all_ceilings(limits: Limits, hold: int) -> None:
    group = terms(price("kwh", "3"), price("starting", "5"))
    assert most_it_can_cost(group, limits, NO_SPOT_PRICES, default_minor=30000, now=EVENING) == hold


def test_the_groups_own_maximum_is_a_ceiling() -> None:
    group = terms(price("kwh", "3"), maximum_minor=9900)
    assert most_it_can_cost(group, Limits(), NO_SPOT_PRICES, default_minor=30000, now=EVENING) == 9900


def test_the_dearest_hour_ahead_counts() -> None:
    twenty = Limits(energy_wh=20_000)
    spot = terms(price("spot", "1", add_vat=True))
    assert most_it_can_cost(spot, twenty, quarters(EVENING, *["1"] * 4, *["4"] * 4), default_minor=30000,
                            now=EVENING) == 20 * 500  # fmt: skip
    night = terms(price("tariff", "0", tariff_id=7), tariffs=(tariff((EVENING, "1"), (after(3), "2")),))
    assert most_it_can_cost(night, twenty, NO_SPOT_PRICES, default_minor=30000, now=EVENING) == 4000


def test_energy_is_no_ceiling_where_time_costs_without_end() -> None:
    limits = Limits(energy_wh=1_000)
    endless = terms(price("kwh", "3"), price("idle", "1"))
    assert most_it_can_cost(endless, limits, NO_SPOT_PRICES, default_minor=30000, now=EVENING) == 30000
    capped = terms(price("kwh", "3"), price("idle", "1", fee_price_max="60"), prices_include_vat=False)
    assert most_it_can_cost(capped, limits, NO_SPOT_PRICES, default_minor=30000, now=EVENING) == 63 * 125


def test_nothing_is_held_only_for_what_is_free() -> None:
    assert most_it_can_cost(terms(price("kwh", "0")), Limits(), NO_SPOT_PRICES, default_minor=30000, now=EVENING) == 0
    negative = terms(price("spot", "0"))
    spot = quarters(EVENING, *["-1"] * 8)
    limits = Limits(energy_wh=1_000)
    assert most_it_can_cost(negative, limits, spot, default_minor=30000, now=EVENING) == 1
