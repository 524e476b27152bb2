"""Money in words: what a movement was for, who is on its other side, how it stands, and what lines of a price count."""

from decimal import Decimal

from wattline.domain.price import PriceLine
from wattline.domain.price_items import Unit
from wattline.domain.price_terms import GroupType, Pricing, PricingType
from wattline.web.formats import Formats

# Kinds of movements end with who sells to whom, which is nothing to read here (operations/sale_movements.py).
_SELLERS = ("-professional", "-p2p")

KINDS = {
    "charge": "Charge",
    "charge-transaction-fee": "Platform fee",
    "charge-operator-percentage-fee": "Operator fee",
    "charge-operator-perkwh-fee": "Operator fee per kWh",
    "refund": "Refund",
    "operator-adjustment": "Adjustment",
    "deposit": "Refill",
    "credit": "Credit given",
    "withdraw": "Withdrawal",
    "debt-paid": "Debt paid",
    "chargeback": "Taken back by the card’s bank",
    "chargeback-returned": "Given again by the card’s bank",
}
STATES = {
    "reserved": ("reserved", "Held"),
    "pending": ("pending", "Pending"),
    "complete": ("complete", "Complete"),
    "failed": ("failed", "Failed"),
}
TYPES: dict[GroupType, tuple[str, str]] = {
    GroupType.PUBLIC: ("Public", "What everybody pays who just comes by."),
    GroupType.MEMBER: ("Members", "What accepted members of the team pay."),
    GroupType.ROAMING: ("Roaming", "What drivers of other networks pay, VAT not included."),
    GroupType.SPONSORED: ("Sponsored", "What somebody else pays for the driver."),
    GroupType.COST: ("Cost", "What the electricity costs the owner; nobody is asked for it."),
    GroupType.REIMBURSEMENT: ("Reimbursement", "What is paid back to a driver who charges at home."),
    GroupType.MEMBER_COST: ("Cost of members", "What members cost the owner; nobody is asked for it."),
    GroupType.OTHER: ("Other", "Named by programs when they start a charge."),
}
CHOSEN_BY = {
    "explicit": "This price was named at the start.",
    "member": "This is the price for members.",
    "nested-team": "This price was agreed with the paying team.",
    "roaming": "This is the price for drivers of other networks.",
    "public": "This is the price for everybody here.",
}
PER = {
    PricingType.KWH: "per kWh",
    PricingType.TARIFF: "per kWh, by tariff",
    PricingType.SPOT: "per kWh, spot price",
    PricingType.MIN: "per minute",
    PricingType.STARTING: "once, at the start",
    PricingType.CHARGING: "once, when energy flows",
    PricingType.MINUTE: "per minute",
    PricingType.IDLE: "per idle minute",
}


def kind_words(kind: str) -> str:
    """Say what a movement was for."""
    for seller in _SELLERS:
        kind = kind.removesuffix(seller)
    return KINDS.get(kind, kind.replace("-", " ").capitalize())


def outside_words(kind: str) -> str:
    """Name the side of a movement that is no wallet."""
    if "fee" in kind:
        return "the platform"
    return "a payment terminal" if kind == "charge" else "outside"


def state_words(state: str) -> tuple[str, str]:
    """Return glyph and word for how a movement stands."""
    return STATES.get(state, ("other", state.capitalize()))


def counted(line: PriceLine, formats: Formats) -> str:
    """Say how a line of a price was counted: `12,5 kWh × 0,50`."""
    unit = {Unit.KWH: "kWh", Unit.MINUTE: "min"}.get(line.unit)
    if unit is None:
        return ""
    return f"{_quantity(line.quantity, formats)} {unit} × {formats.price(line.unit_price)}"


def percent_words(percent: Decimal, formats: Formats) -> str:
    """Write a percentage without zeros that say nothing: `19 %`."""
    return f"{_quantity(percent, formats)} %"


def _quantity(quantity: Decimal, formats: Formats) -> str:
    digits = max(0, -int(quantity.normalize().as_tuple().exponent))
    return formats.number(quantity, min(digits, 3))


def pricing_words(pricing: Pricing, formats: Formats, currency: str) -> str:
    """Say one price of a group in a few words: `0,50 EUR per kWh`."""
    amount = f"{formats.price(pricing.price)} {currency.upper()}"
    match pricing.type:
        case PricingType.SPOT:
            share = "" if pricing.percentage == 100 else f"{formats.price(pricing.percentage)} % of the "
            extras = "".join(
                f" + {formats.price(extra.value)}{' %' if extra.type == 'percentage' else ''}"
                for extra in pricing.extras
            )
            return f"{share}spot price{extras} per kWh" if share else f"Spot price{extras} per kWh"
        case PricingType.TARIFF:
            return "By tariff, per kWh"
        case PricingType.IDLE | PricingType.MINUTE if pricing.after_minutes:
            return f"{amount} {PER[pricing.type]} after {pricing.after_minutes} min"
        case PricingType.KWH if pricing.by_tariff:
            return "By tariff, per kWh"
    return f"{amount} {PER[pricing.type]}"
