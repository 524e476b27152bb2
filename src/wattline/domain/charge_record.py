"""A charge as it is kept: one value with everything known about it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from wattline.domain.values import ChargeState


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One charging session, from the first request to the last figure. Fields are the columns of table `charge`.

    Energy in Wh, power in W, money in minor units of `currency`. `energy_wh` is what the driver took; the `meter_…`
    fields are what domain/meter.py remembers between two readings.
    """

    id: int
    operator_id: int
    team_id: int
    site_id: int | None = None
    connector_id: int
    charge_point_id: int | None = None
    connector_number: int | None = None
    human_readable_id: str
    state: ChargeState
    raw_state: str | None = None
    type: str
    start_source: str
    paying_team_id: int | None = None
    paying_operator_id: int | None = None
    user_id: int | None = None
    charge_key_id: int | None = None
    auth_type: str | None = None
    auth_id: str | None = None
    id_tag: str
    transaction_id: int | None = None
    ocpp_transaction_id: int | None = None
    reservation_id: int | None = None
    reserved_until: datetime | None = None
    energy_limit_wh: int | None = None
    soc_limit_percent: Decimal | None = None
    price_limit_minor: int | None = None
    currency: str
    price_group_id: int | None = None
    partner_external_id: str | None = None
    partner_custom_payload: Any = None
    payment_session: Any = None
    note: str | None = None
    created_at: datetime
    updated_at: datetime
    start_asked_at: datetime | None = None
    cable_plugged_in_at: datetime | None = None
    started_at: datetime | None = None
    stop_asked_at: datetime | None = None
    stopped_at: datetime | None = None
    fully_charged_at: datetime | None = None
    released_at: datetime | None = None
    failed_at: datetime | None = None
    timeout_at: datetime | None = None
    completed_at: datetime | None = None
    last_sign_at: datetime | None = None
    meter_start_wh: int | None = None
    meter_last_wh: int | None = None
    meter_last_at: datetime | None = None
    meter_doubt_wh: int | None = None
    meter_doubt_at: datetime | None = None
    meter_stop_wh: int | None = None
    energy_wh: int = 0
    power_w: int | None = None
    soc_percent: Decimal | None = None
    soc_source: str | None = None
    reading_at: datetime | None = None
    energy_fact_at: datetime | None = None
    price_minor: int | None = None
    cost_minor: int | None = None
    failure_code: str | None = None
    failure_reason: str | None = None
    stop_reason: str | None = None
    stopped_by: str | None = None
    forced_by: str | None = None
    force_reason: str | None = None
    forced_at: datetime | None = None
    signed_data: Any = None
    correction: Any = None
    api_key_id: int | None = None

    @property
    def begun(self) -> bool:
        """Whether the charge point ever opened a transaction for it."""
        return self.started_at is not None

    @property
    def last_reading_in(self) -> bool:
        """Whether nothing more is to come from the charge point: it told the closing register, or never began."""
        return not self.begun or self.meter_stop_wh is not None
