"""A charge, in JSON."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec
from msgspec import convert

from wattline.domain.consumption import Point
from wattline.domain.price import PricedCharge
from wattline.domain.price_items import NOT_BY_THE_HOUR
from wattline.domain.rounding import to_main
from wattline.domain.usage import HOUR, begin_of
from wattline.domain.values import ChargeState
from wattline.wire.partner.places import Location, Operator, location_of, operator_of
from wattline.wire.partner.shapes import Shape, Time, double, kw, kwh, major

ChargeType = Literal["external", "operator", "sponsored"]
SignedDataFormat = Literal[
    "OCMF", "PCDF", "ISA_EDL_40_P", "ALFEN", "EDL_40_P", "EDL_40_SIG", "EDL_40_MENNEKES", "UNKNOWN"
]  # fmt: skip


class PublicUser(Shape):
    id: int
    display_name: str


class SimpleTeamMember(Shape):
    id: int
    team_id: int
    display_name: str | None
    partner_external_id: str | None
    user_id: int | None


class PublicChargePoint(Shape):
    """What anybody may know of a charge point."""

    id: int
    evse_id: str
    name: str | None
    charge_point_operator_id: int
    charge_point_operator_name: str
    location: Location
    max_kw: float | None
    charge_point_model_id: int | None
    brand_name: str | None
    model_name: str | None
    deleted_at: Time | None


class KwhPerTime(Shape):
    time: Time
    value: float


class AmountPerTime(Shape):
    time: Time
    value: float


class Currency(Shape):
    """A currency of a charge or a team: its identifier is in lower case here."""

    identifier: str
    name: str
    decimals: int


class PayingTeam(Shape):
    id: int
    public_name: str
    operator_id: int


class SponsorTeam(Shape):
    id: int
    public_name: str


class ChargeAuthentication(Shape):
    type: Literal["vehicleId", "rfid", "app"]
    id: str
    partner_external_id: str | None


class StateOfCharge(Shape):
    percentage: float
    source: Literal["charge-point", "vehicle"]


class SignedData(Shape, kw_only=True):
    format: SignedDataFormat
    certificate: str | None = None
    start_meter: str | None = None
    end_meter: str


class OicpChargeProtocolData(Shape):
    session_id: str | None = None


class OcpiChargeProtocolData(Shape):
    cdr_id: str | None = None


class ChargeProtocolData(Shape):
    oicp: OicpChargeProtocolData | None = None
    ocpi: OcpiChargeProtocolData | None = None


class GenericPaymentSession(Shape):
    """The payment a terminal took for a charge; drivers find their receipt by `externalId` or `cardLast4`."""

    provider: str
    external_id: str
    partner_external_id: str | None = None
    card_brand: str | None = None
    card_last4: str | None = None
    amount: Decimal | None = None


class Charge(Shape, kw_only=True):
    """A charge. Prices and everything that follows from them are null until a price is known."""

    # First, as a client takes the first `"id":` of the text for the charge's.
    id: int
    human_readable_id: str
    user: PublicUser
    team_member: SimpleTeamMember | None = None
    type: ChargeType
    charge_point_id: int
    public_charge_point: PublicChargePoint
    sponsored_charge_point_id: int | None = None
    price_group_id: int | None
    cost_price_group_id: int | None = None
    member_cost_price_group_id: int | None = None
    site_id: int | None
    promotion_code_id: int | None = None
    created_at: Time
    updated_at: Time
    cable_plugged_in_at: Time | None
    started_at: Time | None
    stopped_at: Time | None
    fully_charged_at: Time | None
    released_at: Time | None
    failed_at: Time | None
    timeout_at: Time | None
    completed_at: Time | None
    state: ChargeState
    raw_state: str | None
    start_source: str | None
    consumed_kwh: float | None
    kwh_limit: float | None
    kwh_per_hour: list[KwhPerTime]
    kwh_per_max_resolution: list[KwhPerTime]
    cost_breakdown: list[AmountPerTime] = msgspec.field(default_factory=list)
    price_breakdown: list[AmountPerTime] = msgspec.field(default_factory=list)
    start_meter_kwh: float | None
    end_meter_kwh: float | None
    price: float | None
    price_limit: float | None
    cost: float | None
    average_price_per_kwh: float | None
    average_co2_per_kwh: float | None = None
    average_renewable_per_kwh: float | None = None
    failure_reason: str | None
    stop_reason: str | None
    payment_method: Literal["free", "team-has-fund", "team-has-auto-refill", "source", "payment"] | None = None
    note: str | None
    currency: Currency | None
    paying_team: PayingTeam | None
    sponsor_team: SponsorTeam | None = None
    operator: Operator | None
    charge_auth: ChargeAuthentication | None
    soc: StateOfCharge | None
    soc_limit: float | None
    generic_payment_session: GenericPaymentSession | None
    partner_external_id: str | None
    smart_charge_id: int | None = None
    partner_custom_payload: Any
    charge_point_kw: float | None
    signed_data: SignedData | None
    emaid_provider_id: str
    vehicle_id: int | None = None
    vid: str | None
    protocol_data: ChargeProtocolData = msgspec.field(default_factory=ChargeProtocolData)


# Fields that are called and written like their columns.
_AS_STORED = (
    "id", "human_readable_id", "type", "price_group_id", "site_id", "created_at", "cable_plugged_in_at",
    "started_at", "stopped_at", "fully_charged_at", "released_at", "failed_at", "timeout_at", "completed_at", "state",
    "raw_state", "start_source", "failure_reason", "stop_reason", "note", "partner_external_id",
    "partner_custom_payload",
)  # fmt: skip


def charge_of(
    row: Any,
    *,
    per_hour: Sequence[Point],
    per_quarter: Sequence[Point],
    priced: PricedCharge | None = None,
    cost: PricedCharge | None = None,
    own: bool = False,
) -> Charge:
    """Make a charge of a row of queries/partner_charges.py, its energy per hour and per quarter, price and cost.

    `own`: it is told to the owner of the charge point, who alone is told what it cost.
    """
    currency = currency_of(row)
    price = major(row["price_minor"], currency.decimals)
    return Charge(
        **{column: row[column] for column in _AS_STORED},
        # A reading changes a charge without touching its row's own mark.
        updated_at=max(row["updated_at"], row["reading_at"] or row["updated_at"]),
        user=_user(row),
        charge_point_id=row["connector_id"],
        public_charge_point=_public_charge_point(row),
        consumed_kwh=kwh(row["energy_wh"]),
        kwh_limit=kwh(row["energy_limit_wh"]),
        kwh_per_hour=kwh_per_time(per_hour),
        kwh_per_max_resolution=kwh_per_time(per_quarter),
        start_meter_kwh=kwh(row["meter_start_wh"]),
        end_meter_kwh=kwh(row["meter_last_wh"]) if row["stopped_at"] else None,
        cost_price_group_id=row["cost_price_group_id"] if own else None,
        cost_breakdown=_price_per_hour(cost if own else None, currency.decimals),
        price_breakdown=_price_per_hour(priced, currency.decimals),
        price=price,
        price_limit=major(row["price_limit_minor"], currency.decimals),
        cost=major(row["cost_minor"], currency.decimals) if own else None,
        average_price_per_kwh=price / row["energy_wh"] * 1000 if price is not None and row["energy_wh"] else None,
        currency=currency,
        paying_team=_paying_team(row),
        operator=operator_of(row),
        charge_auth=_charge_auth(row),
        soc=_state_of_charge(row),
        soc_limit=double(row["soc_limit_percent"]),
        generic_payment_session=convert(row["payment_session"], GenericPaymentSession | None),
        charge_point_kw=kw(row["max_power_w"]),
        signed_data=convert(row["signed_data"], SignedData | None),
        # The first five characters of a contract id are country and party, as they stand in the EVSE id too.
        emaid_provider_id=row["evse_id"].replace("*", "")[:5],
        vid=row["auth_id"] if row["auth_type"] == "vehicleId" else None,
    )


def _price_per_hour(priced: PricedCharge | None, decimals: int) -> list[AmountPerTime]:
    """Tell what each hour's energy and time cost, in main units; fees stand in the breakdown of their own route."""
    hours: dict[datetime, int] = {}
    for line in priced.lines if priced else ():
        if line.type not in NOT_BY_THE_HOUR:
            hour = begin_of(line.from_at, HOUR)
            hours[hour] = hours.get(hour, 0) + line.gross_minor
    return [AmountPerTime(time=hour, value=float(to_main(hours[hour], decimals))) for hour in sorted(hours)]


def kwh_per_time(points: Sequence[Point]) -> list[KwhPerTime]:
    """Tell energy per period in kWh."""
    return [KwhPerTime(time=at, value=wh / 1000) for at, wh in points]


def currency_of(row: Any) -> Currency:
    """Read the columns `currency`, `currency_name` and `currency_decimals`."""
    decimals = row["currency_decimals"]
    return Currency(
        identifier=row["currency"].lower(),
        name=row["currency_name"] or row["currency"].upper(),
        decimals=2 if decimals is None else decimals,
    )


def _user(row: Any) -> PublicUser:
    if row["user_id"] is not None and row["user_name"] is not None:
        return PublicUser(id=row["user_id"], display_name=row["user_name"])
    # Nobody in person started it: it counts for whoever answers for the team that pays.
    return PublicUser(id=row["paying_team_owner_id"] or 0, display_name=row["paying_team_name"] or "")


def _public_charge_point(row: Any) -> PublicChargePoint:
    return PublicChargePoint(
        id=row["connector_id"],
        evse_id=row["evse_id"],
        name=row["connector_name"],
        charge_point_operator_id=row["operator_id"],
        charge_point_operator_name=row["operator_name"],
        location=location_of(row),
        max_kw=kw(row["max_power_w"]),
        charge_point_model_id=row["model_id"],
        brand_name=row["brand_name"],
        model_name=row["model_name"],
        deleted_at=row["connector_deleted_at"],
    )


def _paying_team(row: Any) -> PayingTeam | None:
    if row["paying_team_id"] is None:
        return None
    return PayingTeam(
        id=row["paying_team_id"], public_name=row["paying_team_name"], operator_id=row["paying_operator_id"]
    )


def _charge_auth(row: Any) -> ChargeAuthentication | None:
    if row["auth_type"] is None or row["auth_id"] is None:
        return None
    return ChargeAuthentication(
        type=row["auth_type"], id=row["auth_id"], partner_external_id=row["charge_key_partner_external_id"]
    )


def _state_of_charge(row: Any) -> StateOfCharge | None:
    if row["soc_percent"] is None:
        return None
    return StateOfCharge(percentage=float(row["soc_percent"]), source=row["soc_source"] or "charge-point")
