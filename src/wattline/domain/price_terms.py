"""Everything needed to price one charge, frozen at its start: no later change of a price group touches it.

The values are plain, so that msgspec writes them into a jsonb column and reads them back without loss.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple


class PricingType(StrEnum):
    """What a price is per (Partner API 3.10). The first four can be the master price."""

    KWH = "kwh"
    MIN = "min"
    SPOT = "spot"
    TARIFF = "tariff"
    STARTING = "starting"
    CHARGING = "charging"
    IDLE = "idle"
    MINUTE = "minute"


class GroupType(StrEnum):
    """Whom a price group is for (product rules, section 12)."""

    PUBLIC = "public"
    MEMBER = "member"
    SPONSORED = "sponsored"
    COST = "cost"
    ROAMING = "roaming"
    REIMBURSEMENT = "reimbursement"
    MEMBER_COST = "member_cost"
    OTHER = "other"


class ExtraType(StrEnum):
    """How something is put on top of the spot price."""

    ABSOLUTE = "absolute"
    PERCENTAGE = "percentage"


@dataclass(frozen=True, slots=True)
class Extra:
    """A surcharge on the spot price: main units per kWh, or percent."""

    type: ExtraType
    value: Decimal
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """One price of a group, in main units of the currency.

    `price` is per kWh, per minute or once, as the type says. For spot and tariff it is what counts where no price is
    known; 0 means there is no such price, never that it is free. `price_min` and `price_max` bound the spot price
    before extras, `fee_price_max` a fee by the minute. `after_minutes` is when a fee begins. `end_at_fully_charged`: a
    minute price ends with charging instead of at the unplugging.
    """

    id: int = 0
    type: PricingType
    price: Decimal
    description: str | None = None
    tariff_id: int | None = None
    tag_id: int | None = None
    after_minutes: int = 0
    end_at_fully_charged: bool = False
    add_vat: bool = False
    percentage: Decimal = Decimal(100)
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    fee_price_max: Decimal | None = None
    extras: tuple[Extra, ...] = ()
    quarter_hourly: bool = False
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    @property
    def by_tariff(self) -> bool:
        """Whether an hourly tariff says the price per kWh."""
        return self.tariff_id is not None

    def holds_at(self, at: datetime) -> bool:
        """Tell whether it is valid at a moment."""
        return (self.valid_from is None or self.valid_from <= at) and (self.valid_to is None or at < self.valid_to)


class TariffStep(NamedTuple):
    """From this moment on, a kWh costs this much."""

    from_at: datetime
    price: Decimal


@dataclass(frozen=True)
class TariffPrices:
    """The prices of a tariff around a charge: steps in order of time. After the last one its price goes on."""

    tariff_id: int
    name: str
    steps: tuple[TariffStep, ...]

    def price_at(self, at: datetime) -> Decimal:
        """Return the price per kWh at a moment; before the first step, the first price."""
        return self.steps[max(bisect_right(self._times, at) - 1, 0)].price

    @cached_property
    def _times(self) -> list[datetime]:
        return [step.from_at for step in self.steps]


@dataclass(frozen=True, kw_only=True)
class PriceTerms:
    """What was agreed on at the start of a charge.

    `vat_percent` is 25 for 25 %. `prices_include_vat` False: it comes on top of every price. `minimum_minor` and
    `maximum_minor` bound what the driver pays, VAT included, in minor units. `chosen_by` tells why it was this group.
    """

    price_group_id: int
    name: str
    type: GroupType
    chosen_by: str
    currency: str
    decimals: int
    country: str | None
    vat_percent: Decimal
    vat_category: str
    prices_include_vat: bool
    master: Pricing
    fees: tuple[Pricing, ...] = ()
    tariffs: tuple[TariffPrices, ...] = ()
    spot_series_id: int | None = None
    minimum_minor: int = 0
    maximum_minor: int | None = None
    release_detection: bool = True

    @property
    def free(self) -> bool:
        """Whether somebody said that nothing is to be paid: a fixed price of 0, and nothing beside it."""
        fixed = self.master.type in (PricingType.KWH, PricingType.MIN) and not self.master.by_tariff
        return fixed and self.master.price == 0 and not self.fees and not self.minimum_minor

    @cached_property
    def tariffs_by_id(self) -> Mapping[int, TariffPrices]:
        """The tariffs, by id."""
        return {tariff.tariff_id: tariff for tariff in self.tariffs}
