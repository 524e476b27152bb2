"""What programs send about price groups. Prices are numbers of the main unit, or the money of an answer sent back."""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta

from wattline.domain.price_terms import Extra, ExtraType, GroupType, Pricing, PricingType
from wattline.domain.refusals import Invalid
from wattline.operations.price_application import Application
from wattline.operations.price_groups import PriceGroupDraft
from wattline.partner_api.bodies import ExternalId, Id, Name, PageQuery, Text, Unset
from wattline.wire.partner.price_groups import AdditionalPricingType, Interval
from wattline.wire.partner.shapes import Shape, Time

# One strict client asks for this team when it means none.
NO_TEAM = -1
LISTED_MAX = 10_000


class SentCurrency(Shape):
    """As much of a currency as an amount needs."""

    decimals: Annotated[int, Meta(ge=0, le=6)] = 2


class SentMoney(Shape):
    """Money as answers have it: a whole number of 10^-decimals."""

    amount: int
    currency: SentCurrency = msgspec.field(default_factory=SentCurrency)


Amount = Decimal | SentMoney


class PriceGroupQuery(PageQuery, kw_only=True):
    """Whose price groups."""

    team_id: Annotated[int, Meta(ge=NO_TEAM, le=2**63 - 1)]


class TagQuery(PageQuery, kw_only=True):
    """A part of a tag's name, or the partner's own id."""

    name: str | None = None
    partner_external_id: str | None = None


class CreatePriceGroupTag(Shape, kw_only=True):
    name: Name
    description: Text | None = None
    partner_external_id: ExternalId | None = None
    partner_custom_payload: Any = None


class PatchPriceGroupTag(Shape, kw_only=True):
    """What changes; null leaves a field as it is."""

    name: Name | Unset | None = UNSET
    description: Text | Unset | None = UNSET
    partner_external_id: ExternalId | Unset | None = UNSET
    partner_custom_payload: Any | Unset = UNSET


class CreateAdditionalPricingDto(Shape, kw_only=True):
    type: AdditionalPricingType
    value: Amount
    title: Name | None = None


class CreateOrUpdatePricingDto(Shape, kw_only=True):
    """A price; a spot price has its fallback in `price`."""

    description: Text | None = None
    type: PricingType
    end_at_fully_charged: bool
    vat: bool
    percentage: Decimal | None = None
    tariff_id: Id | None = None
    tag_id: Id | None = None
    apply_after_minutes: Annotated[int, Meta(ge=0, le=10_080)] | None = None
    price: Amount
    price_min: Amount | None = None
    price_max: Amount | None = None
    fee_price_max: Amount | None = None
    additional: list[CreateAdditionalPricingDto] | None = None
    from_: Time | None = msgspec.field(name="from", default=None)
    to: Time | None = None
    interval: Interval | None = None

    def as_pricing(self) -> Pricing:
        """Return it as the rules know it. Raises Invalid."""
        return Pricing(
            type=self.type,
            price=_exact(self.price),
            description=self.description,
            tariff_id=self.tariff_id,
            tag_id=self.tag_id,
            after_minutes=self.apply_after_minutes or 0,
            end_at_fully_charged=self.end_at_fully_charged,
            add_vat=self.vat,
            percentage=Decimal(100) if self.percentage is None else self.percentage,
            price_min=_exact_or_none(self.price_min),
            price_max=_exact_or_none(self.price_max),
            fee_price_max=_exact_or_none(self.fee_price_max),
            extras=tuple(_extra(one) for one in self.additional or ()),
            quarter_hourly=self.interval == "quarterHourly",
            valid_from=self.from_,
            valid_to=self.to,
        )


class CreateOrUpdatePriceGroupDto(Shape, kw_only=True):
    team_id: Id
    name: Name
    type: GroupType
    master_price: CreateOrUpdatePricingDto
    fees: list[CreateOrUpdatePricingDto] | None = None

    def as_draft(self) -> PriceGroupDraft:
        """Return it as verbs take it. Raises Invalid."""
        return PriceGroupDraft(
            team_id=self.team_id,
            name=self.name,
            type=self.type,
            master=self.master_price.as_pricing(),
            fees=tuple(fee.as_pricing() for fee in self.fees or ()),
        )


class ApplyPriceGroup(Shape, kw_only=True):
    """Where the group is to count as well; `resetCost` takes cost groups away there."""

    selected_charge_point_ids: Annotated[list[Id], Meta(max_length=LISTED_MAX)] | None = None
    selected_site_ids: Annotated[list[Id], Meta(max_length=LISTED_MAX)] | None = None
    selected_team_member_ids: Annotated[list[Id], Meta(max_length=LISTED_MAX)] | None = None
    reset_cost: bool | None = None

    def as_application(self) -> Application:
        """Return it as verbs take it."""
        return Application(
            connector_ids=tuple(self.selected_charge_point_ids or ()),
            site_ids=tuple(self.selected_site_ids or ()),
            member_ids=tuple(self.selected_team_member_ids or ()),
            reset_cost=bool(self.reset_cost),
        )


def _extra(sent: CreateAdditionalPricingDto) -> Extra:
    value = _exact(sent.value)
    if not value.is_finite() or value <= 0:
        raise Invalid("additional.value", "must be more than 0.")
    return Extra(ExtraType(sent.type), value, sent.title)


def _exact(amount: Amount) -> Decimal:
    if isinstance(amount, Decimal):
        return amount
    return Decimal(amount.amount).scaleb(-amount.currency.decimals)


def _exact_or_none(amount: Amount | None) -> Decimal | None:
    return None if amount is None else _exact(amount)
