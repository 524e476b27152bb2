"""Stories of what a charge costs. Every figure is worked out by hand in the comment beside it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from tests.domain.pricing import EVENING, after, charge, lines, price, quarters, tariff, terms, total
from wattline.domain.price import price_charge
from wattline.domain.price_terms import Extra, ExtraType, PriceTerms
from wattline.domain.spot import NO_SPOT_PRICES, SpotPriceUnknown
from wattline.domain.usage import Segment, Usage


def test_a_price_per_kwh_is_paid_for_every_kwh_with_its_vat_inside() -> None:
    priced = price_charge(terms(price("kwh", "2.95")), charge(7_000, 4_500), NO_SPOT_PRICES)
    assert priced.total_minor == 3393  # 11.5 kWh × 2.95 = 33.925, half up
    assert priced.vat_minor == 679  # 33.93 × 25 / 125 = 6.786
    assert priced.net_minor == 3393 - 679


def test_nothing_is_rounded_before_the_end() -> None:
    # Ten hours with 0.333 kWh each at 0.50: 0.1665 an hour. Rounded by the hour, that would be 10 × 0.17 = 1.70.
    assert total(terms(price("kwh", "0.50")), charge(*[333] * 10)) == 167  # 3.33 × 0.50 = 1.665, half up


def test_lines_add_up_to_the_total_and_a_round_fee_stays_round() -> None:
    priced = price_charge(terms(price("kwh", "0.50"), price("starting", "5")), charge(*[333] * 10), NO_SPOT_PRICES)
    assert [line.gross_minor for line in priced.lines[:3]] == [17, 16, 17]  # 16.65, 33.3, 49.95 as they add up
    assert lines(priced)[-1] == ("starting-fee", 500)
    assert sum(line.gross_minor for line in priced.lines) == priced.total_minor == 667


def test_a_receipt_shows_the_same_price_once() -> None:
    priced = price_charge(terms(price("kwh", "2.95"), price("starting", "5")), charge(7_000, 4_500), NO_SPOT_PRICES)
    energy, start = priced.by_price()
    assert (energy.quantity, energy.unit_price, energy.gross_minor) == (Decimal("11.5"), Decimal("2.95"), 3393)
    assert (start.quantity, start.gross_minor) == (Decimal(1), 500)
    assert (energy.from_at, energy.to_at) == (EVENING, after(2))


def test_prices_without_vat_get_it_on_top_and_are_rounded_after_it() -> None:
    priced = price_charge(terms(price("kwh", "0.333"), prices_include_vat=False), charge(10_000), NO_SPOT_PRICES)
    assert (priced.total_minor, priced.vat_minor, priced.net_minor) == (416, 83, 333)  # 3.33 × 1.25 = 4.1625


def test_currencies_without_decimals_are_paid_in_whole_units() -> None:
    icelandic = terms(price("kwh", "52.5"), currency="isk", decimals=0, vat_percent=Decimal(24))
    assert total(icelandic, charge(9_990)) == 524  # 524.475


def test_a_price_per_minute_is_counted_to_the_second() -> None:
    usage = charge(3_000, stopped_at=after(minutes=50, seconds=20))
    assert total(terms(price("min", "0.75")), usage) == 3775  # 50⅓ × 0.75 = 37.75


def test_three_thirds_are_one() -> None:
    # 20 s at 0.03 a minute are a third of a minute each: 3 × 0.01. Decimals alone would say 0.0299….
    fees = [price("minute", "0.015"), price("minute", "0.015"), price("minute", "0.015")]
    usage = Usage(started_at=EVENING, stopped_at=after(seconds=20), released_at=after(seconds=20))
    assert total(terms(price("kwh", "1"), *fees), usage) == 2  # 3 × 0.005 = 0.015, half up


def test_a_night_tariff_counts_from_its_hour_on() -> None:
    dear_then_cheap = tariff((EVENING, "3.00"), (after(2), "1.00"))
    night = terms(price("tariff", "0", tariff_id=7), tariffs=(dear_then_cheap,))
    priced = price_charge(night, charge(5_000, 5_000, 5_000), NO_SPOT_PRICES)
    assert lines(priced) == [("tariff", 1500), ("tariff", 1500), ("tariff", 500)]


def test_energy_that_flows_across_the_change_of_price_is_shared_out_by_time() -> None:
    usage = charge(segments=(Segment(after(1.75), after(2.25), 6_000),), stopped_at=after(2.25))
    night = terms(price("tariff", "0", tariff_id=7), tariffs=(tariff((EVENING, "3.00"), (after(2), "1.00")),))
    assert lines(price_charge(night, usage, NO_SPOT_PRICES)) == [("tariff", 900), ("tariff", 300)]


def test_a_grid_tariff_comes_on_top_of_the_spot_price() -> None:
    grid = price("tariff", "0", tariff_id=7, description="Grid")
    both = terms(price("spot", "2", quarter_hourly=True), grid, tariffs=(tariff((EVENING, "0.25")),))
    priced = price_charge(both, charge(4_000), quarters(EVENING, "1", "2", "3", "4"))
    # 1 kWh in each quarter: 1 + 2 + 3 + 4, and 4 × 0.25.
    assert lines(priced) == [("spot-price", 100), ("spot-price", 200), ("spot-price", 300), ("spot-price", 400),
                             ("tariff", 100)]  # fmt: skip
    assert [line.master for line in priced.lines] == [True] * 4 + [False]


def test_the_spot_price_of_an_hour_is_the_mean_of_its_quarters() -> None:
    assert total(terms(price("spot", "9")), charge(4_000), quarters(EVENING, "1", "2", "3", "5")) == 1100  # 4 × 2.75


def test_the_spot_formula_step_by_step() -> None:
    extras = (
        Extra(ExtraType.PERCENTAGE, Decimal(10), "Margin"),
        Extra(ExtraType.ABSOLUTE, Decimal("0.20"), "Electricity tax"),
    )
    master = price("spot", "9", add_vat=True, percentage="110", price_min="0.50", price_max="2.00", extras=extras)
    # 1.20 × 1.25 = 1.50; × 110 % = 1.65; between 0.50 and 2.00; + 0.20 = 1.85; + 10 % = 2.035.
    priced = price_charge(terms(master), charge(10_000), quarters(EVENING, *["1.20"] * 4))
    assert lines(priced) == [
        ("spot-price", 1650), ("spot-price-additions-absolute", 200), ("spot-price-additions-percent", 185),
    ]  # fmt: skip
    assert [line.description for line in priced.lines] == ["Spot price", "Electricity tax", "Margin"]


@pytest.mark.parametrize(("market", "per_kwh"), [("0.10", "0.70"), ("5", "2.20"), ("-0.40", "0.70")])
def test_floor_and_cap_hold_the_spot_price_but_not_what_is_added_to_it(market: str, per_kwh: str) -> None:
    extra = Extra(ExtraType.ABSOLUTE, Decimal("0.20"))
    master = price("spot", "9", price_min="0.50", price_max="2.00", extras=(extra,))
    assert total(terms(master), charge(1_000), quarters(EVENING, *[market] * 4)) == int(Decimal(per_kwh) * 100)


def test_where_no_spot_price_is_known_the_fallback_counts_as_the_owner_wrote_it() -> None:
    master = price("spot", "3", add_vat=True, percentage="50")
    known_for_one_hour = quarters(EVENING, *["1"] * 4)
    # 1 × 1.25 × 50 % = 0.625, then 3 × 50 % = 1.50: VAT is in the fallback already.
    assert lines(price_charge(terms(master), charge(2_000, 2_000), known_for_one_hour)) == [
        ("spot-price", 125), ("spot-price", 300),
    ]  # fmt: skip


def test_without_a_fallback_the_last_spot_price_goes_on_and_without_any_it_is_refused_never_free() -> None:
    master = terms(price("spot", "0"))
    assert total(master, charge(2_000, 2_000), quarters(EVENING, *["1"] * 4)) == 400
    with pytest.raises(SpotPriceUnknown, match="No spot price is known for 2026-11-20 19:00 UTC"):
        price_charge(master, charge(2_000), NO_SPOT_PRICES)


def test_with_negative_spot_prices_the_driver_pays_nothing_but_is_not_paid() -> None:
    priced = price_charge(terms(price("spot", "1")), charge(2_000), quarters(EVENING, *["-0.30"] * 4))
    assert lines(priced) == [("spot-price", -60), ("adjustment", 60)]
    assert (priced.total_minor, priced.vat_minor) == (0, 0)


def test_negative_hours_lower_what_dear_hours_cost() -> None:
    priced = price_charge(
        terms(price("spot", "1")), charge(2_000, 2_000), quarters(EVENING, *["-0.30"] * 4, *["1"] * 4)
    )
    assert (lines(priced), priced.total_minor) == ([("spot-price", -60), ("spot-price", 200)], 140)


def test_the_charging_fee_is_due_once_the_charge_has_lasted_long_enough() -> None:
    after_an_hour = terms(price("kwh", "1"), price("charging", "10", after_minutes=60))
    assert total(after_an_hour, charge(1_000, stopped_at=after(minutes=59))) == 100
    assert total(after_an_hour, charge(1_000)) == 1100


def test_the_minute_fee_runs_from_its_minute_until_the_cable_is_out() -> None:
    fee = price("minute", "0.50", after_minutes=30)
    # Two hours of charging and one of standing: 180 − 30 minutes.
    assert total(terms(price("kwh", "1"), fee), charge(1_000, 1_000, idle_hours=1)) == 200 + 7500
    # Without release detection nobody knows when the cable came out: 120 − 30 minutes.
    blind = terms(price("kwh", "1"), fee, release_detection=False)
    assert total(blind, charge(1_000, 1_000, idle_hours=1)) == 200 + 4500


def test_the_minute_fee_can_end_when_the_car_is_full() -> None:
    fee = price("minute", "0.50", end_at_fully_charged=True)
    usage = charge(1_000, 1_000, idle_hours=1, fully_charged_at=after(1))
    assert total(terms(price("kwh", "1"), fee), usage) == 200 + 3000


def test_the_idle_fee_begins_after_its_grace_and_has_a_most() -> None:
    idle = price("idle", "1", after_minutes=15, fee_price_max="60")
    group = terms(price("kwh", "1"), idle)
    assert total(group, charge(1_000, idle_hours=0.25)) == 100
    assert total(group, charge(1_000, idle_hours=1)) == 100 + 4500  # 60 − 15 minutes
    priced = price_charge(group, charge(1_000, idle_hours=3), NO_SPOT_PRICES)  # 165 minutes
    assert lines(priced) == [("fixed-kwh", 100), ("idle-fee", 16500), ("adjustment", -10500)]


def test_a_full_car_that_stays_plugged_in_is_idle_though_its_transaction_is_open() -> None:
    usage = charge(1_000, 0, fully_charged_at=after(1), idle_hours=1)
    assert total(terms(price("kwh", "1"), price("idle", "1")), usage) == 100 + 12000


def test_without_release_detection_there_is_no_idle_fee() -> None:
    blind = terms(price("kwh", "1"), price("idle", "1"), release_detection=False)
    assert total(blind, charge(1_000, idle_hours=5, fully_charged_at=after(0.5))) == 100


def test_parts_stand_in_the_order_drivers_must_be_shown() -> None:
    group = terms(price("kwh", "1"), price("starting", "1"), price("idle", "1"), price("charging", "1"))
    priced = price_charge(group, charge(1_000, idle_hours=1), NO_SPOT_PRICES)
    assert [line.unit.name for line in priced.lines] == ["KWH", "MINUTE", "SESSION", "SESSION"]


def test_a_small_charge_costs_the_minimum_and_a_large_one_the_maximum() -> None:
    bounded = terms(price("kwh", "1"), minimum_minor=500, maximum_minor=2000)
    assert lines(price_charge(bounded, charge(1_000), NO_SPOT_PRICES)) == [("fixed-kwh", 100), ("adjustment", 400)]
    assert total(bounded, charge(9_000)) == 900
    assert total(terms(price("kwh", "1"), minimum_minor=500, maximum_minor=200), charge(1_000)) == 200
    assert lines(price_charge(bounded, charge(30_000), NO_SPOT_PRICES)) == [("fixed-kwh", 3000), ("adjustment", -1000)]


def test_a_charge_that_gave_nothing_does_not_cost_the_minimum() -> None:
    nothing = Usage(started_at=EVENING, stopped_at=EVENING, released_at=EVENING)
    assert total(terms(price("kwh", "1"), minimum_minor=500), nothing) == 0
    assert total(terms(price("kwh", "1"), price("starting", "3")), nothing) == 300


def test_a_free_group_costs_nothing_and_is_free_only_because_somebody_said_so() -> None:
    free = terms(price("kwh", "0"))
    assert free.free
    assert price_charge(free, charge(50_000, idle_hours=9), NO_SPOT_PRICES).lines == ()
    assert not terms(price("kwh", "0"), price("idle", "1")).free
    assert not terms(price("spot", "0")).free
    assert not terms(price("tariff", "0", tariff_id=7)).free


def test_a_running_charge_is_priced_up_to_now() -> None:
    group = terms(price("kwh", "1"), price("minute", "0.10"))
    running = Usage(started_at=EVENING, segments=(Segment(EVENING, after(1), 5_000),), as_of=after(1.5))
    assert total(group, running) == 500 + 900


def test_on_the_day_the_clocks_go_back_the_repeated_hour_is_charged_twice_and_a_minute_is_a_minute() -> None:
    begin = datetime(2026, 10, 24, 22, tzinfo=UTC)  # midnight in Denmark, before 25 October with its 25 hours
    usage = Usage(
        started_at=begin, stopped_at=begin + timedelta(hours=25), released_at=begin + timedelta(hours=25),
        segments=tuple(
            Segment(begin + timedelta(hours=hour), begin + timedelta(hours=hour + 1), 1_000) for hour in range(25)
        ),
    )  # fmt: skip
    assert total(terms(price("kwh", "1"), price("minute", "0.01")), usage) == 2500 + 1500


def test_terms_come_back_from_the_database_as_they_went_in() -> None:
    extras = (Extra(ExtraType.PERCENTAGE, Decimal("2.5"), "Margin"),)
    made = terms(
        price("spot", "1.23456", extras=extras, price_max="3"), price("tariff", "0", tariff_id=7),
        tariffs=(tariff((EVENING, "0.1"), (after(1), "0.2")),), maximum_minor=9000,
    )  # fmt: skip
    assert msgspec.convert(msgspec.json.decode(msgspec.json.encode(made)), PriceTerms) == made
