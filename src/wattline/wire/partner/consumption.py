"""Energy of a charge over time, in JSON."""

from wattline.wire.partner.charges import KwhPerTime
from wattline.wire.partner.shapes import Shape


class ChargeKwhConsumption(Shape):
    charge_id: int
    consumption_period_size_in_seconds: int
    kwh_consumption: list[KwhPerTime] | None
