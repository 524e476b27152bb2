"""A price group as a form: from what is saved to fields, and from what was filled in to what the verb takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from wattline.domain.naming import checked_name
from wattline.domain.price_terms import Extra, ExtraType, GroupType, Pricing, PricingType
from wattline.domain.refusals import Invalid
from wattline.domain.rounding import to_main, to_minor
from wattline.operations.price_groups import PriceGroupDraft
from wattline.portal.forms import Form
from wattline.portal.price_groups import GroupLine

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class FeeField:
    """One fee of the form. `waits`: it can begin after some minutes and has a most."""

    type: PricingType
    label: str
    line: str
    waits: bool = False


FEES = (
    FeeField(PricingType.STARTING, "Start fee", "Once per charge."),
    FeeField(PricingType.CHARGING, "Charging fee", "Once, when energy flows."),
    FeeField(PricingType.MINUTE, "Per minute", "While plugged in.", waits=True),
    FeeField(PricingType.IDLE, "Per idle minute", "Plugged in after charging is over.", waits=True),
)
# What the rules call a field, and what the form does.
_FIELDS = {
    "price": "price",
    "tariffId": "tariff",
    "priceMin": "price_min",
    "priceMax": "price_max",
    "percentage": "percentage",
    "additional.value": "add_kwh",
    "additional": "add_kwh",
    "type": "base",
}
_FEE_FIELDS = {"price": "price", "applyAfterMinutes": "after", "feePriceMax": "most"}


def form_of(group: GroupLine) -> Form:
    """Fill the form with what is saved."""
    master = group.master
    texts = {
        "name": group.name,
        "type": group.type,
        "team": "" if group.team_id is None else str(group.team_id),
        "currency": group.currency,
        "base": PricingType.TARIFF if master.by_tariff else master.type,
        "price": _plain(master.price),
        "tariff": str(master.tariff_id or ""),
        "percentage": _plain(master.percentage),
        "price_min": _plain(master.price_min),
        "price_max": _plain(master.price_max),
        "add_kwh": _plain(_extra(master, ExtraType.ABSOLUTE)),
        "add_percent": _plain(_extra(master, ExtraType.PERCENTAGE)),
        "add_vat": "yes" if master.add_vat else "",
        "quarter_hourly": "yes" if master.quarter_hourly else "",
        "minimum": _plain(to_main(group.minimum_minor, group.decimals)) if group.minimum_minor else "",
        "maximum": "" if group.maximum_minor is None else _plain(to_main(group.maximum_minor, group.decimals)),
    }
    for fee in _first_of_each(group.fees).values():
        texts |= {
            f"{fee.type}_price": _plain(fee.price),
            f"{fee.type}_after": str(fee.after_minutes or ""),
            f"{fee.type}_most": _plain(fee.fee_price_max),
        }
    return Form(texts)


def draft_of(form: Form, before: GroupLine | None, *, currency: str, decimals: int) -> PriceGroupDraft:
    """Read the form. What it does not show of a saved group stays as it is. Raises Invalid naming a field of the form.

    `currency` and `decimals` are those of the group's team.
    """
    shown = _first_of_each(before.fees) if before else {}
    kept = tuple(fee for fee in before.fees if fee not in shown.values()) if before else ()
    fees = [_fee(form, field, shown.get(field.type)) for field in FEES]
    try:
        type_ = GroupType(form["type"] or "public")
    except ValueError:
        raise Invalid("type", "must be one of those in the list.") from None
    most = _amount(form, "maximum")
    return PriceGroupDraft(
        team_id=before.team_id if before else form.number("team"),
        name=checked_name(form["name"]),
        type=before.type if before else type_,
        master=_master(form, before.master if before else None),
        fees=(*(fee for fee in fees if fee is not None), *kept),
        minimum_minor=_minor(form, "minimum", _amount(form, "minimum") or ZERO, decimals),
        maximum_minor=None if most is None else _minor(form, "maximum", most, decimals),
        spot_series_id=before.spot_series_id if before else None,
        tax_rate_ids=_tax_rates(form, before),
        currency=currency,
    )


def field_of(refusal: Invalid, form: Form) -> Invalid:
    """Name the form's field for what the rules refused."""
    where, _, name = refusal.field.partition(".")
    if where == "masterPrice":
        return Invalid(_FIELDS.get(name, "price"), refusal.problem)
    if where.startswith("fees["):
        filled = [fee for fee in FEES if form[f"{fee.type}_price"]]
        number = int(where.removeprefix("fees[").removesuffix("]"))
        if number < len(filled):
            return Invalid(f"{filled[number].type}_{_FEE_FIELDS.get(name, 'price')}", refusal.problem)
    return Invalid({"teamId": "team", "tariffId": "tariff"}.get(refusal.field, refusal.field), refusal.problem)


def _tax_rates(form: Form, before: GroupLine | None) -> tuple[int, ...]:
    """Return those that are ticked; where the form has none to tick, they stay as they are."""
    if form["taxes"] == "shown":
        return tuple(form.numbers("tax"))
    return before.tax_rate_ids if before else ()


def _master(form: Form, before: Pricing | None) -> Pricing:
    try:
        type_ = PricingType(form["base"] or "kwh")
    except ValueError:
        raise Invalid("base", "must be one of those in the list.") from None
    plain = Pricing(type=type_, price=ZERO)
    start = before if before is not None and before.type is type_ else plain
    price = _amount(form, "price")
    match type_:
        case PricingType.SPOT:
            return replace(
                start, price=price or ZERO, percentage=_amount(form, "percentage") or Decimal(100),
                price_min=_amount(form, "price_min"), price_max=_amount(form, "price_max"), extras=_extras(form, start),
                add_vat=form["add_vat"] == "yes", quarter_hourly=form["quarter_hourly"] == "yes",
            )  # fmt: skip
        case PricingType.TARIFF:
            return replace(start, price=price or ZERO, tariff_id=form.number("tariff"))
    if price is None:
        raise Invalid("price", "is missing. To charge nothing, write 0.")
    return replace(start, price=price, tariff_id=None)


def _extras(form: Form, before: Pricing) -> tuple[Extra, ...]:
    """Put the two extras that the form shows in the place of the first of their kind."""
    extras = []
    for type_, name in ((ExtraType.ABSOLUTE, "add_kwh"), (ExtraType.PERCENTAGE, "add_percent")):
        old = [extra for extra in before.extras if extra.type == type_]
        value = _amount(form, name)
        if value:
            extras.append(replace(old[0], value=value) if old else Extra(type_, value))
        extras += old[1:]
    return tuple(extras)


def _fee(form: Form, field: FeeField, before: Pricing | None) -> Pricing | None:
    price = _amount(form, f"{field.type}_price")
    if not price:
        return None
    start = before or Pricing(type=field.type, price=ZERO)
    if not field.waits:
        return replace(start, price=price)
    after = form[f"{field.type}_after"]
    if after and form.number(f"{field.type}_after") is None:
        raise Invalid(f"{field.type}_after", "must be whole minutes.")
    return replace(
        start,
        price=price,
        after_minutes=form.number(f"{field.type}_after") or 0,
        fee_price_max=_amount(form, f"{field.type}_most"),
    )


def _first_of_each(fees: Sequence[Pricing]) -> Mapping[PricingType, Pricing]:
    first: dict[PricingType, Pricing] = {}
    for fee in fees:
        if fee.type in {field.type for field in FEES}:
            first.setdefault(fee.type, fee)
    return first


def _extra(pricing: Pricing, type_: ExtraType) -> Decimal | None:
    return next((extra.value for extra in pricing.extras if extra.type == type_), None)


def _amount(form: Form, name: str) -> Decimal | None:
    text = form[name].replace(",", ".")
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise Invalid(name, "must be a number, such as 0.45.") from None
    if not amount.is_finite():
        raise Invalid(name, "must be a number, such as 0.45.")
    return amount


def _minor(form: Form, name: str, amount: Decimal, decimals: int) -> int:
    if not 0 <= amount <= Decimal(10**9) or amount != round(amount, decimals):
        raise Invalid(name, f"must be 0 or more, with at most {decimals} decimals.")
    return to_minor(amount, decimals)


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}" if value else "0"
