"""Which charges a program wants to see."""

from typing import Literal

from wattline.domain.refusals import Invalid
from wattline.partner_api.bodies import (
    ChargeAuthenticationType,
    Id,
    PageQuery,
)
from wattline.queries.partner_charge_list import ChargeFilter
from wattline.wire.partner.shapes import Time

STATES = (
    "paying", "reserved", "starting", "scheduled", "charging", "paused", "stopping", "stopped", "releasing", "released",
    "completed", "other", "suspended_ev", "suspended_evse",
)  # fmt: skip


class ChargeQuery(PageQuery, kw_only=True):
    """Which charges. `state` takes several with commas between; `chargeAuthType` and `chargeAuthId` go together.

    `operatorRole` owner: charges at one's charge points; payer: charges one paid. `partnerExternalId` without a value
    finds charges that have none.
    """

    team_id: Id | None = None
    operator_id: Id | None = None
    charge_point_id: Id | None = None
    site_id: Id | None = None
    state: str | None = None
    from_date: Time | None = None
    to_date: Time | None = None
    from_updated_date: Time | None = None
    from_completed_date: Time | None = None
    to_completed_date: Time | None = None
    charge_auth_type: ChargeAuthenticationType | None = None
    charge_auth_id: str | None = None
    partner_external_id: str | None = None
    operator_role: Literal["owner", "payer"] = "owner"

    def as_filter(self) -> ChargeFilter:
        """Return it as the question takes it. Raises Invalid."""
        if (self.charge_auth_type is None) != (self.charge_auth_id is None):
            raise Invalid("chargeAuthId", "and chargeAuthType must come together.")
        return ChargeFilter(
            role=self.operator_role,
            operator_id=self.operator_id,
            team_id=self.team_id,
            connector_id=self.charge_point_id,
            site_id=self.site_id,
            states=_states(self.state),
            created_from=self.from_date,
            created_to=self.to_date,
            updated_from=self.from_updated_date,
            completed_from=self.from_completed_date,
            completed_to=self.to_completed_date,
            auth_type=self.charge_auth_type,
            auth_id=self.charge_auth_id.removeprefix("VID:") if self.charge_auth_id else self.charge_auth_id,
            partner_external_id=self.partner_external_id,
        )


def _states(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    states = tuple(part.strip() for part in text.split(","))
    for state in states:
        if state not in STATES:
            raise Invalid("state", f"'{state}' is not a state. Known are: {', '.join(STATES)}.")
    return states
