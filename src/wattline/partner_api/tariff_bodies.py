"""What programs send about tariffs, and which they want to see."""

from datetime import UTC, date
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta

from wattline.domain.price_terms import TariffStep
from wattline.domain.tariff import RecurringPeriod, Weekday
from wattline.domain.tariff_hours import HOURS_MAX
from wattline.operations.tariffs import TariffDraft
from wattline.partner_api.bodies import Id, Name, PageQuery, Text, Unset
from wattline.queries.partner_tariffs import TariffFilter
from wattline.wire.partner.shapes import Shape, Time
from wattline.wire.partner.tariffs import TariffCustomerType, TariffType

ZipCodes = Annotated[list[Annotated[str, Meta(max_length=20)]], Meta(max_length=10_000)]
Hour = Annotated[int, Meta(ge=0, le=24)]


class TariffQuery(Shape, kw_only=True):
    """Which tariffs."""

    country_id: Id | None = None
    country_area_id: Id | None = None
    external_id: str | None = None
    operator_id: Id | None = None
    team_id: Id | None = None
    zip: str | None = None

    def as_filter(self) -> TariffFilter:
        """Return it as the question takes it."""
        fields = msgspec.structs.asdict(self)
        return TariffFilter(zip_code=fields.pop("zip"), **fields)


class HoursQuery(Shape, kw_only=True):
    """Which hours."""

    start: Time | None = None
    end: Time | None = None


class CreateTariffRequest(Shape, kw_only=True):
    external_id: Name
    name: Name
    description: Text
    country_id: Id
    country_area_id: Id | None = None
    currency_id: Id
    team_id: Id | None = None
    prices_with_vat: bool
    zip_codes: ZipCodes
    tariff_type: TariffType = "WEEKLY"
    active: bool = True
    time_zone: Name
    area: Text
    customer_type: TariffCustomerType | None = None

    def as_draft(self) -> TariffDraft:
        """Return it as verbs take it."""
        fields = msgspec.structs.asdict(self)
        return TariffDraft(**{**fields, "zip_codes": tuple(self.zip_codes)})


class UpdateTariffRequest(Shape, kw_only=True):
    """What a tariff is to be. Zip codes and type stay as they are when they are not sent."""

    external_id: Name
    name: Name
    description: Text
    country_id: Id
    country_area_id: Id | None = None
    currency_id: Id
    team_id: Id | None = None
    prices_with_vat: bool
    zip_codes: ZipCodes | None = None
    tariff_type: TariffType | None = None
    active: bool
    time_zone: Name
    area: Text
    customer_type: TariffCustomerType | None = None

    def as_changes(self) -> dict[str, Any]:
        """Return it as columns."""
        fields = msgspec.structs.asdict(self)
        kept = [name for name in ("zip_codes", "tariff_type") if fields[name] is None]
        return {name: value for name, value in fields.items() if name not in kept}


class CreateTariffPricesRequest(Shape):
    """The first and the last day."""

    start: date
    end: date


class HourOfTariff(Shape):
    """What a kWh costs in the hour from then on."""

    start: Time
    price: Decimal


class ImportTariffPricesRequest(Shape):
    """Hours that follow each other, each with its price."""

    prices: Annotated[list[HourOfTariff], Meta(min_length=1, max_length=HOURS_MAX)]

    def as_steps(self) -> list[TariffStep]:
        """Return them as the rules know them, in order of time."""
        return sorted(TariffStep(hour.start.astimezone(UTC), hour.price) for hour in self.prices)


class PeriodGroupQuery(Shape):
    """Of which tariff."""

    tariff_id: Id | None = None


class CreateTariffPeriodGroup(Shape, kw_only=True):
    """Dates of a tariff. The contract lets `tariffId` be left out, but nothing can be done without it."""

    active_from: date
    active_to: date
    description: Text
    tariff_id: Id | Unset = UNSET


class PatchTariffPeriodGroup(Shape, kw_only=True):
    """What changes; null leaves a field as it is."""

    active_from: date | Unset | None = UNSET
    active_to: date | Unset | None = UNSET
    description: Text | Unset | None = UNSET


class PeriodQuery(PageQuery, kw_only=True):
    """Of which tariff and group."""

    tariff_id: Id
    tariff_period_group_id: Id


class TariffRecurringPeriodCreateRequestDto(Shape, kw_only=True):
    tariff_id: Id
    group_id: Id
    day_of_week: Weekday
    end_day_of_week: Weekday | None = None
    start_hour: Hour
    end_hour: Hour
    price: Decimal

    def as_period(self) -> RecurringPeriod:
        """Return it as the rules know it."""
        last = self.end_day_of_week or self.day_of_week
        return RecurringPeriod(self.day_of_week, last, self.start_hour, self.end_hour, self.price)


class TariffRecurringPeriodUpdateRequestDto(Shape, kw_only=True):
    """What changes; null leaves a field as it is."""

    day_of_week: Weekday | Unset | None = UNSET
    end_day_of_week: Weekday | Unset | None = UNSET
    start_hour: Hour | Unset | None = UNSET
    end_hour: Hour | Unset | None = UNSET
    price: Decimal | Unset | None = UNSET
