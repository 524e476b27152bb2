"""Where price groups of each kind can be applied."""

from collections.abc import Mapping
from types import MappingProxyType

from wattline.domain.price_terms import GroupType

# Which column of a connector or site says what group of a kind counts there.
PLACE_COLUMNS: Mapping[GroupType, str] = MappingProxyType({
    GroupType.PUBLIC: "price_group_id",
    GroupType.ROAMING: "roaming_price_group_id",
    GroupType.COST: "cost_price_group_id",
    GroupType.SPONSORED: "sponsored_price_group_id",
    GroupType.REIMBURSEMENT: "sponsored_price_group_id",
})  # fmt: skip

# And which of a membership.
MEMBER_COLUMNS: Mapping[GroupType, str] = MappingProxyType({
    GroupType.MEMBER: "price_group_id",
    GroupType.MEMBER_COST: "cost_group_id",
})  # fmt: skip
