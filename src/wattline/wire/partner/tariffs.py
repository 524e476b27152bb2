"""Tariffs, their periods and their hourly prices, in JSON."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from wattline.domain.tariff import Weekday
from wattline.wire.partner.shapes import Shape, Time

TariffType = Literal["WEEKLY", "DYNAMIC"]
TariffCustomerType = Literal["A_ZERO", "A_HIGH", "A_LOW", "B_HIGH", "B_LOW", "C_CUSTOMER"]


class TariffDto(Shape, kw_only=True):
    id: int
    external_id: str
    name: str
    description: str
    country_id: int
    country_area_id: int | None
    currency_id: int
    team_id: int | None
    operator_id: int | None
    prices_with_vat: bool
    zip_codes: list[str]
    tariff_type: TariffType
    active: bool
    time_zone: str
    area: str
    customer_type: TariffCustomerType | None
    created_at: Time
    updated_at: Time | None


class Price(Shape):
    """What a kWh costs in the hour from then on."""

    start: Time
    price: Decimal | None


class PriceSpecificationPart(Shape):
    first: str
    second: Decimal


class PriceSpecification(Shape):
    """What a price is made of. Ours are one number, so there is none."""

    specifications: list[PriceSpecificationPart]


class FullTariff(Shape):
    """A tariff with its hours."""

    tariff: TariffDto
    prices: list[Price]
    price_specification: PriceSpecification | None = None


class TariffPeriodGroup(Shape):
    """Dates, both included, on which its periods count."""

    id: int
    active_from: date
    active_to: date
    description: str
    tariff_id: int


class TariffRecurringPeriod(Shape):
    """A price on each weekday from one to another, from hour `start` until hour `end`, 24 being midnight."""

    id: int
    tariff_id: int
    day_of_week: Weekday
    end_day_of_week: Weekday | None
    start: int
    end: int
    price: Decimal


class Sort(Shape):
    order_by: list[dict[str, str]]


class Pageable(Shape):
    number: int
    size: int
    sort: Sort


class RecurringPeriodPage(Shape):
    """A page of another form than all others, as the contract has it."""

    content: list[TariffRecurringPeriod]
    pageable: Pageable
    page_number: int
    offset: int
    size: int
    empty: bool
    number_of_elements: int
    total_size: int
    total_pages: int


def tariff_of(row: Any) -> TariffDto:
    """Make a tariff of its row."""
    return TariffDto(**{name: row[name] for name in TariffDto.__struct_fields__})


def full_tariff_of(row: Any, prices: Sequence[Any]) -> FullTariff:
    """Make a tariff with its hours."""
    return FullTariff(tariff_of(row), [Price(one["start_at"], one["price"]) for one in prices])


def period_group_of(row: Any) -> TariffPeriodGroup:
    """Make a group of its row."""
    return TariffPeriodGroup(**{name: row[name] for name in TariffPeriodGroup.__struct_fields__})


def recurring_period_of(row: Any) -> TariffRecurringPeriod:
    """Make a period of its row."""
    return TariffRecurringPeriod(
        id=row["id"],
        tariff_id=row["tariff_id"],
        day_of_week=Weekday(row["day_of_week"]),
        end_day_of_week=Weekday(row["end_day_of_week"]) if row["end_day_of_week"] else None,
        start=row["start_hour"],
        end=row["end_hour"],
        price=row["price"],
    )


def recurring_page_of(rows: Sequence[Any], *, page: int, per_page: int, total: int) -> RecurringPeriodPage:
    """Make a page of periods."""
    return RecurringPeriodPage(
        content=[recurring_period_of(row) for row in rows],
        pageable=Pageable(page, per_page, Sort([])),
        page_number=page,
        offset=page * per_page,
        size=per_page,
        empty=not rows,
        number_of_elements=len(rows),
        total_size=total,
        total_pages=-(-total // per_page),
    )
