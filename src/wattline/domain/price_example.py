"""What a charge would cost: an example for people who set prices."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wattline.domain.price import PricedCharge, price_charge
from wattline.domain.price_terms import PriceTerms
from wattline.domain.spot import SpotPrices
from wattline.domain.usage import Segment, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A charge that somebody has in mind: so much energy, evenly over so long, then plugged in for so long."""

    begins_at: datetime
    energy_wh: int
    charging: timedelta
    idle: timedelta = timedelta()

    @property
    def usage(self) -> Usage:
        """The example as the rules see a charge."""
        stopped_at = self.begins_at + self.charging
        return Usage(
            started_at=self.begins_at,
            stopped_at=stopped_at,
            released_at=stopped_at + self.idle,
            segments=(Segment(self.begins_at, stopped_at, self.energy_wh),),
        )


def price_example(terms: PriceTerms, example: Example, spot: SpotPrices) -> PricedCharge:
    """Price an example. Raises SpotPriceUnknown."""
    return price_charge(terms, example.usage, spot)
