"""What programs send about transactions of wallets."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from msgspec import Struct

from wattline.partner_api.bodies import ExternalId, Id, PageQuery, Text
from wattline.queries.partner_wallet_transactions import TransactionFilter
from wattline.wire.partner.shapes import Time
from wattline.wire.partner.wallets import ReferenceType, TransactionGroup, TransactionState

# Our own part of ids that are made of partners' ids.
ADJUSTMENTS = UUID("6d0d7a4c-52b7-4f0b-9d9b-0d0c3d1a7e55")


class TransactionQuery(PageQuery, kw_only=True):
    """Which transactions. Without `teamId` the operator's own, or with `referenceId` all that are about this thing.

    `partnerExternalId` finds the adjustment that was asked for with it, whose answer may have been lost.
    """

    operator_id: Id | None = None
    team_id: Id | None = None
    from_date: Time | None = None
    to_date: Time | None = None
    reference_id: str | None = None
    reference_type: ReferenceType | None = None
    state: TransactionState | None = None
    group: TransactionGroup | None = None
    partner_external_id: str | None = None

    def as_filter(self, *, operator_id: int) -> TransactionFilter:
        """Return it as the question takes it; `operator_id` is whose program asks."""
        external = self.partner_external_id
        return TransactionFilter(
            operator_id=self.operator_id,
            team_id=self.team_id,
            created_from=self.from_date,
            created_to=self.to_date,
            reference_id=self.reference_id,
            reference_type=self.reference_type,
            transfer_id=adjustment_id(operator_id, external) if external else None,
            state=self.state,
            group=self.group,
        )


class OperatorAdjustmentTransaction(Struct, rename="camel", kw_only=True):
    """Money from one wallet to another. Give a `partnerExternalId`: sent again with it, the money moves once."""

    from_wallet_id: Id
    to_wallet_id: Id
    note: Text | None = None
    currency_id: Id | None = None
    amount: Decimal | None = None
    partner_external_id: ExternalId | None = None
    partner_custom_payload: Any = None


class PatchWalletTransaction(Struct, rename="camel", kw_only=True):
    """Nothing of this is kept any more."""

    partner_external_id: ExternalId | None = None
    partner_custom_payload: Any = None


def adjustment_id(operator_id: int, name: str) -> UUID:
    """Make the id of an adjustment from the partner's own: the same id again is the same adjustment."""
    return uuid5(ADJUSTMENTS, f"{operator_id}:{name}")
