"""Which charge points a program wants to see."""

from wattline.domain.refusals import Invalid
from wattline.domain.values import ConnectorState
from wattline.partner_api.bodies import (
    Id,
    PageQuery,
    box_of,
    place_of,
)
from wattline.queries.partner_connectors import ConnectorFilter
from wattline.wire.partner.shapes import Time

STATES = tuple(state.value for state in ConnectorState)


class ChargePointQuery(PageQuery, kw_only=True):
    """Which charge points. `sortByLocation` is `lat,long` with decimal points: the nearest come first.

    `boundingBox` is `minLat,minLon,maxLat,maxLon`. `includePublic` is for version 2024-07-01 and changes nothing here.
    """

    site_id: Id | None = None
    team_id: Id | None = None
    partner_external_id: str | None = None
    sort_by_location: str | None = None
    bounding_box: str | None = None
    operator_id: Id | None = None
    include_deleted: bool = False
    include_public: bool = False
    state: str | None = None
    from_updated_date: Time | None = None

    def as_filter(self) -> ConnectorFilter:
        """Return it as the question takes it. Raises Invalid."""
        if self.state is not None and self.state not in STATES:
            raise Invalid("state", f"'{self.state}' is not a state. Known are: {', '.join(STATES)}.")
        return ConnectorFilter(
            operator_id=self.operator_id,
            team_id=self.team_id,
            site_id=self.site_id,
            state=self.state,
            partner_external_id=self.partner_external_id,
            updated_from=self.from_updated_date,
            include_deleted=self.include_deleted,
            near=place_of(self.sort_by_location),
            box=box_of(self.bounding_box),
        )
