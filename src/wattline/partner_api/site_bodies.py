"""What programs send about sites, and which they want to see."""

from typing import Any

from msgspec import UNSET

from wattline.partner_api.bodies import (
    ExternalId,
    Id,
    Name,
    NewAddress,
    PageQuery,
    Unset,
    Visibility,
    place_of,
)
from wattline.queries.partner_sites import SiteFilter
from wattline.wire.partner.shapes import Shape


class SiteQuery(PageQuery, kw_only=True):
    """Which sites. `sortByLocation` is `lat,long` with decimal points: the nearest come first."""

    team_id: Id | None = None
    partner_external_id: str | None = None
    sort_by_location: str | None = None
    operator_id: Id | None = None
    include_public: bool = False
    include_deleted: bool = False

    def as_filter(self) -> SiteFilter:
        """Return it as the question takes it. Raises Invalid."""
        return SiteFilter(
            operator_id=self.operator_id,
            team_id=self.team_id,
            partner_external_id=self.partner_external_id,
            include_deleted=self.include_deleted,
            near=place_of(self.sort_by_location),
        )


class CreateSite(Shape, kw_only=True):
    team_id: Id
    name: Name
    address: NewAddress
    visibility: Visibility
    partner_external_id: ExternalId | None = None
    partner_custom_payload: Any = None


class PatchSite(Shape, kw_only=True):
    """What changes; null leaves a field as it is."""

    name: Name | Unset | None = UNSET
    address: NewAddress | Unset | None = UNSET
    visibility: Visibility | Unset | None = UNSET
    partner_external_id: ExternalId | Unset | None = UNSET
    partner_custom_payload: Any | Unset = UNSET
