"""Who takes what part of a sale: the platform and the operators up the tree, in percent or per kWh (product rule 12).

The seller pays fees out of what the driver paid. A fee is a service of its own, so it has its own VAT.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

WH_PER_KWH = 1_000


class FeeKind(StrEnum):
    """What a fee is measured by."""

    PERCENT = "percent"
    PER_KWH = "per-kwh"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeRule:
    """One part that somebody takes. `value`: percent of the sale without VAT, or major units per kWh.

    `operator_id` None is the platform itself. `vat_percent` is that of the fee, 0 under reverse charge.
    """

    operator_id: int | None
    kind: FeeKind
    value: Decimal
    vat_percent: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """What a rule comes to for one sale, in minor units."""

    rule: FeeRule
    net_minor: int
    vat_minor: int

    @property
    def gross_minor(self) -> int:
        """What the seller pays."""
        return self.net_minor + self.vat_minor


def fees_of(
    rules: Iterable[FeeRule], *, net_minor: int, gross_minor: int, energy_wh: int, decimals: int
) -> tuple[Fee, ...]:
    """Compute the fees of a sale in the order of the rules; together they never take more than was paid.

    A per-kWh fee on a cheap charge could: then the later ones get what is left, so that a sale never costs its seller.
    """
    left_minor, fees = max(0, gross_minor), list[Fee]()
    for rule in rules:
        fee = _fee(rule, net_minor, energy_wh, decimals)
        if fee.gross_minor > left_minor:
            fee = _cut(rule, left_minor)
        left_minor -= fee.gross_minor
        fees.append(fee)
    return tuple(fee for fee in fees if fee.gross_minor)


def _fee(rule: FeeRule, net_minor: int, energy_wh: int, decimals: int) -> Fee:
    if rule.kind is FeeKind.PERCENT:
        exact = net_minor * rule.value / 100
    else:
        exact = rule.value * energy_wh / WH_PER_KWH * 10**decimals
    net = _whole(exact)
    return Fee(rule=rule, net_minor=net, vat_minor=_whole(net * rule.vat_percent / 100))


def _cut(rule: FeeRule, gross_minor: int) -> Fee:
    net = _whole(gross_minor * 100 / (100 + rule.vat_percent))
    return Fee(rule=rule, net_minor=net, vat_minor=gross_minor - net)


def _whole(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
