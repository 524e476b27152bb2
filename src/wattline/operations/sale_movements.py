"""What a paid charge looks like on the wallets: the sale, and each fee as a movement of its own."""

from collections.abc import Iterator, Mapping, Sequence

from wattline.domain.charge_record import Charge
from wattline.domain.fees import Fee, FeeKind
from wattline.domain.price import PricedCharge
from wattline.operations.movements import Movement
from wattline.operations.wallets import Wallet

ASKED_BY = "settlement"

# The kinds of fees end with who sells: a company, or a person to a person (Partner API 3.9).
_COMPANIES = frozenset({"professional", "operator"})


def sale_movement(charge: Charge, payer: Wallet | None, seller: Wallet, priced: PricedCharge) -> Movement:
    """The driver's money goes to the owner."""
    return Movement(
        giver=payer,
        taker=seller,
        currency=charge.currency,
        amount_minor=priced.total_minor,
        vat_minor=priced.vat_minor,
        vat_percent=priced.vat_percent,
        group="charge",
        kind="charge",
        reference_type="CHARGE",
        reference_id=str(charge.id),
        energy_wh=charge.energy_wh,
        asked_by=ASKED_BY,
    )


def fee_movements(
    charge: Charge, seller: Wallet, fees: Sequence[Fee], takers: Mapping[int, Wallet], *, team_type: str
) -> Iterator[Movement]:
    """The owner pays the platform and the operators."""
    for fee in fees:
        operator_id = fee.rule.operator_id
        yield Movement(
            giver=seller,
            taker=None if operator_id is None else takers[operator_id],
            currency=charge.currency,
            amount_minor=fee.gross_minor,
            vat_minor=fee.vat_minor,
            vat_percent=fee.rule.vat_percent,
            group="charge",
            kind=_kind(fee, team_type),
            reference_type="CHARGE",
            reference_id=str(charge.id),
            energy_wh=charge.energy_wh,
            asked_by=ASKED_BY,
        )


def _kind(fee: Fee, team_type: str) -> str:
    between = "professional" if team_type in _COMPANIES else "p2p"
    if fee.rule.operator_id is None:
        return f"charge-transaction-fee-{between}"
    what = "percentage" if fee.rule.kind is FeeKind.PERCENT else "perkwh"
    return f"charge-operator-{what}-fee-{between}"
