"""When does a charge have to stop because its driver or payer set a limit? The first one reached stops it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from wattline.domain.refusals import Invalid

ENERGY_LIMIT_WH = (1_000, 500_000)
SOC_LIMIT_PERCENT = (Decimal(1), Decimal(100))


class Limit(StrEnum):
    """Which limit stopped a charge: its stop reason."""

    ENERGY = "kwh-limit"
    SOC = "soc-limit"
    PRICE = "price-limit"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a charge may take, reach and cost at most; None is without limit."""

    energy_wh: int | None = None
    soc_percent: Decimal | None = None
    price_minor: int | None = None

    def must_be_possible(self) -> None:
        """Refuse limits outside the contract's bounds."""
        low, high = ENERGY_LIMIT_WH
        if self.energy_wh is not None and not low <= self.energy_wh <= high:
            raise Invalid("kwhLimit", "must be from 1 to 500")
        if self.soc_percent is not None and not SOC_LIMIT_PERCENT[0] <= self.soc_percent <= SOC_LIMIT_PERCENT[1]:
            raise Invalid("socLimit", "must be from 1 to 100")
        if self.price_minor is not None and self.price_minor < 1:
            raise Invalid("priceLimit", "must be at least 1")


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a charge stands, and by how much each figure grew over the last interval between readings."""

    energy_wh: int
    energy_step_wh: int
    soc_percent: float | None
    soc_step_percent: float
    spent_minor: int | None
    spent_step_minor: int


def limit_reached(limits: Limits, progress: Progress) -> Limit | None:
    """Return the limit that is reached, or would be passed before the next reading comes."""
    if _over(limits.energy_wh, progress.energy_wh, progress.energy_step_wh):
        return Limit.ENERGY
    if _over(limits.soc_percent, progress.soc_percent, progress.soc_step_percent):
        return Limit.SOC
    if _over(limits.price_minor, progress.spent_minor, progress.spent_step_minor):
        return Limit.PRICE
    return None


def _over(limit: int | Decimal | None, value: float | None, step: float) -> bool:
    return limit is not None and value is not None and (value >= limit or value + step > limit)
