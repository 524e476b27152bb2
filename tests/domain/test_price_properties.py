"""What holds for every price and every charge, whatever the figures."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.pricing import EVENING, price, tariff, terms, total
from wattline.domain.price import price_charge
from wattline.domain.price_items import LineType
from wattline.domain.price_terms import Extra, ExtraType, PriceTerms
from wattline.domain.spot import SpotSeries
from wattline.domain.usage import QUARTER, Segment, Usage, energy_per_quarter

AMOUNTS = st.decimals(min_value=0, max_value=4, places=4)
SPOT_AMOUNTS = st.decimals(min_value=-2, max_value=4, places=5)
PERCENT = st.decimals(min_value=1, max_value=150, places=2)
EXTRAS = st.lists(st.builds(Extra, st.sampled_from(ExtraType), st.decimals("0.0001", "1", places=4)), max_size=3)


@st.composite
def spot_prices(draw: st.DrawFn, amounts: st.SearchStrategy[Decimal] = SPOT_AMOUNTS) -> SpotSeries:
    """Twelve hours of spot prices, with gaps."""
    known = draw(st.lists(st.one_of(st.none(), amounts), min_size=48, max_size=48))
    return SpotSeries({EVENING + number * QUARTER: one for number, one in enumerate(known) if one is not None})


@st.composite
def price_terms(draw: st.DrawFn, *, by_the_minute: bool = True) -> PriceTerms:
    """Any kind of group whose prices are not below zero, spot prices aside."""
    amount = str(draw(AMOUNTS))
    steps = [(EVENING + timedelta(hours=hour), str(draw(AMOUNTS))) for hour in range(0, 12, 3)]
    master = draw(st.sampled_from([
        price("kwh", amount),
        price("tariff", "0", tariff_id=7),
        replace(
            price("spot", str(draw(st.decimals("0.01", "4", places=4))), add_vat=draw(st.booleans()),
                  quarter_hourly=draw(st.booleans())),
            percentage=draw(PERCENT), extras=tuple(draw(EXTRAS)),
        ),
        *([price("min", amount)] if by_the_minute else []),
    ]))  # fmt: skip
    minute = price("minute", str(draw(AMOUNTS)), after_minutes=draw(st.integers(0, 90)))
    idle = price("idle", str(draw(AMOUNTS)), fee_price_max="40")
    fees = [price("tariff", "0", tariff_id=7), price("starting", amount), *([minute, idle] if by_the_minute else [])]
    vat = draw(st.sampled_from(["0", "8.1", "19", "25", "25.5"]))
    return terms(
        master, *draw(st.lists(st.sampled_from(fees), unique_by=id, max_size=3)), tariffs=(tariff(*steps),),
        vat_percent=Decimal(vat), prices_include_vat=draw(st.booleans()), decimals=draw(st.sampled_from([0, 2, 3])),
    )  # fmt: skip


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    """A charge of up to twelve hours in pieces of odd lengths."""
    lengths = draw(st.lists(st.integers(1, 5000), min_size=1, max_size=8))
    at, segments = EVENING, []
    for seconds in lengths:
        end = at + timedelta(seconds=seconds)
        segments.append(Segment(at, end, draw(st.integers(0, 40_000))))
        at = end
    idle = timedelta(minutes=draw(st.integers(0, 120)))
    full = draw(st.one_of(st.none(), st.just(segments[-1].from_at)))
    return Usage(
        started_at=EVENING, stopped_at=at, released_at=at + idle, segments=tuple(segments), fully_charged_at=full
    )


@given(price_terms(), usages(), spot_prices())
def test_lines_add_up_and_net_and_vat_are_the_total(terms_: PriceTerms, usage: Usage, spot: SpotSeries) -> None:
    priced = price_charge(terms_, usage, spot)
    assert sum(line.gross_minor for line in priced.lines) == priced.total_minor
    assert sum(line.vat_minor for line in priced.lines) == priced.vat_minor
    assert sum(line.net_minor for line in priced.lines) == priced.net_minor
    assert priced.net_minor + priced.vat_minor == priced.total_minor >= 0
    assert sum(line.gross_minor for line in priced.by_price()) == priced.total_minor


@given(price_terms(), usages(), spot_prices())
def test_each_line_is_right_to_the_minor_unit(terms_: PriceTerms, usage: Usage, spot: SpotSeries) -> None:
    factor = Decimal(1) if terms_.prices_include_vat else 1 + terms_.vat_percent / 100
    for line in price_charge(terms_, usage, spot).lines:
        if line.type is not LineType.ADJUSTMENT and line.unit.name != "MINUTE":
            exact = line.quantity * line.unit_price * factor * Decimal(10) ** terms_.decimals
            assert abs(line.gross_minor - exact) < 1


@given(price_terms(by_the_minute=False), usages(), spot_prices(), st.data())
def test_cutting_a_charge_in_two_changes_its_price_by_one_minor_unit_at_most(
    terms_: PriceTerms, usage: Usage, spot: SpotSeries, data: st.DataObject
) -> None:
    """Fees that are due once are taken once; a price below zero is compared as it is, not as nothing."""
    first, second = cut(usage, data.draw(st.integers(0, len(usage.segments) - 1)), data.draw(st.fractions(0, 1)))
    energy_only = replace(terms_, fees=tuple(fee for fee in terms_.fees if fee.by_tariff))
    parts = unadjusted(terms_, first, spot) + unadjusted(energy_only, second, spot)
    assert abs(parts - unadjusted(terms_, usage, spot)) <= 1


@given(usages(), st.integers(1, 40_000), AMOUNTS)
def test_cutting_time_in_two_changes_its_price_by_one_minor_unit_at_most(
    usage: Usage, seconds: int, amount: Decimal
) -> None:
    cut_at = min(EVENING + timedelta(seconds=seconds), usage.ended_at)
    by_time = terms(price("min", str(amount)))
    first = replace(usage, stopped_at=cut_at, fully_charged_at=None, segments=())
    second = replace(usage, started_at=cut_at, fully_charged_at=None, segments=())
    assert abs(total(by_time, first) + total(by_time, second) - total(by_time, usage)) <= 1


@given(price_terms(), usages(), spot_prices(AMOUNTS), st.data())
def test_more_energy_never_costs_less(terms_: PriceTerms, usage: Usage, spot: SpotSeries, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(usage.segments) - 1))
    segment = usage.segments[number]
    richer = segment._replace(energy_wh=segment.energy_wh + data.draw(st.integers(0, 20_000)))
    more = replace(usage, segments=(*usage.segments[:number], richer, *usage.segments[number + 1 :]))
    assert total(terms_, more, spot) >= total(terms_, usage, spot)


@given(usages())
def test_quarters_have_all_of_the_energy(usage: Usage) -> None:
    shared = energy_per_quarter(usage.segments)
    assert sum((quarter.kwh for quarter in shared), Decimal()) * 1000 == sum(s.energy_wh for s in usage.segments)
    assert [quarter.from_at for quarter in shared] == sorted({quarter.from_at for quarter in shared})


def cut(usage: Usage, number: int, share: Fraction) -> tuple[Usage, Usage]:
    """Cut a charge within one of its segments; a meter counts whole Wh."""
    segment = usage.segments[number]
    cut_at = segment.from_at + timedelta(
        seconds=round(Fraction((segment.to_at - segment.from_at).total_seconds()) * share)
    )
    taken = round(segment.energy_wh * (cut_at - segment.from_at) / (segment.to_at - segment.from_at))
    before = (*usage.segments[:number], Segment(segment.from_at, cut_at, taken))
    after = (Segment(cut_at, segment.to_at, segment.energy_wh - taken), *usage.segments[number + 1 :])
    if cut_at == segment.to_at:
        before, after = usage.segments[: number + 1], usage.segments[number + 1 :]
    if cut_at == segment.from_at:
        before, after = usage.segments[:number], usage.segments[number:]
    return (
        replace(usage, segments=before, stopped_at=cut_at, released_at=cut_at, fully_charged_at=None),
        replace(usage, segments=after, started_at=cut_at),
    )


def unadjusted(terms_: PriceTerms, usage: Usage, spot: SpotSeries) -> int:
    """Add up a price without what brings it within its bounds."""
    priced = price_charge(terms_, usage, spot)
    return sum(line.gross_minor for line in priced.lines if line.type is not LineType.ADJUSTMENT)
