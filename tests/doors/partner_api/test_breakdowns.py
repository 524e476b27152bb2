"""What a charge costs, piece by piece, as partners read it."""

import msgspec

from tests.domain.pricing import EVENING, after, charge, price, quarters, tariff, terms
from wattline.domain.price import PricedCharge, price_charge
from wattline.domain.price_terms import Extra, ExtraType
from wattline.domain.spot import NO_SPOT_PRICES
from wattline.wire.partner.breakdowns import DetailedBreakdown, breakdown_of
from wattline.wire.partner.charges import Currency

KRONER = Currency(identifier="dkk", name="Danish Krone", decimals=2)


def shown(priced: PricedCharge) -> DetailedBreakdown:
    """Render a price as it comes back from the database."""
    stored = msgspec.json.encode(msgspec.to_builtins(priced))
    return breakdown_of(msgspec.convert(msgspec.json.decode(stored), PricedCharge), KRONER, {})


def test_sums_are_of_whole_minor_units_and_make_up_the_total() -> None:
    group = terms(
        price("kwh", "2.95"), price("tariff", "0", tariff_id=7), price("starting", "5"),
        price("idle", "1", fee_price_max="30"), tariffs=(tariff((EVENING, "0.25")),),
    )  # fmt: skip
    summary = shown(price_charge(group, charge(10_000, 2_000, idle_hours=1), NO_SPOT_PRICES)).summary
    assert (summary.total_master_price, summary.total_secondary_price) == (3540, 300)  # 12 × 2.95 and 12 × 0.25
    assert (summary.total_fees, summary.total_adjustments) == (6500, -3000)  # 5 + 60, of which 30 are too much
    assert summary.total_price == 3540 + 300 + 6500 - 3000


def test_hours_stand_one_by_one_with_their_pieces() -> None:
    extra = Extra(ExtraType.ABSOLUTE, price("kwh", "0.2").price, "Tax")
    group = terms(price("spot", "1", quarter_hourly=True, extras=(extra,)))
    told = shown(price_charge(group, charge(4_000, 1_000), quarters(EVENING, "1", "2", "3", "4")))
    first, second = told.breakdown
    assert (first.from_, first.to) == (EVENING, after(minutes=59, seconds=59))
    assert (first.sub_total_price, second.sub_total_price) == (1000 + 80, 100 + 20)
    assert [piece.type.value for piece in first.components] == ["spot-price"] * 4 + ["spot-price-additions-absolute"]
    assert first.components[0].metadata == {"type": "spot-price-metadata", "kwh": 1.0, "pricePerKwh": 100}
    assert first.components[4].description == "Tax"


def test_every_kind_of_piece_says_what_it_is_made_of() -> None:
    group = terms(
        price("kwh", "1"), price("minute", "0.1"), price("idle", "1"), price("charging", "2"), price("starting", "3")
    )
    fees = shown(price_charge(group, charge(1_000, idle_hours=0.5), NO_SPOT_PRICES)).fees
    assert [piece.metadata and piece.metadata["type"] for piece in fees] == [
        "duration-fee-metadata", "idle-fee-metadata", "default-metadata", "default-metadata"
    ]  # fmt: skip
    assert fees[0].metadata == {"type": "duration-fee-metadata", "totalMinutes": 90.0, "feePerMinute": 10}
    assert fees[1].metadata is not None
    assert (fees[1].metadata["minutes"], fees[1].metadata["amountPerMinute"]) == (30.0, 100)
    by_time = shown(price_charge(terms(price("min", "1")), charge(1_000), NO_SPOT_PRICES)).breakdown[0]
    assert [(piece.type.value, piece.master_pricing) for piece in by_time.components] == [("time-based-tariff", True)]
