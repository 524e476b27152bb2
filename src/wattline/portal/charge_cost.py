"""What a charge cost its owner and what remains of the sale, as its page shows them to the owner."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from wattline.database.connection import Connection
from wattline.domain.price import PricedCharge
from wattline.portal.money_words import counted
from wattline.queries.portal_charge import ChargePage
from wattline.queries.portal_charge_cost import cost_of_charge
from wattline.web.formats import Formats


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Lines of the cost as the cost group has them; its total, the fees and what remains are without VAT."""

    group_id: int
    group: str
    lines: Sequence[tuple[str, str, Markup]] = ()
    total: Markup | None = None
    has_vat: bool = False
    fees: Markup | None = None
    left: Markup | None = None
    loss: bool = False


async def cost_shown(
    connection: Connection, charge: ChargePage, sold: PricedCharge | None, formats: Formats
) -> Cost | None:
    """Tell an owner what a completed charge cost; None for others, and where no cost group counts."""
    if not charge.own or charge.completed_at is None:
        return None
    found = await cost_of_charge(connection, charge.id)
    if found is None or found.priced is None:
        return None if found is None else Cost(group_id=found.price_group_id, group=found.group)
    cost = found.priced
    left_minor = (sold.net_minor if sold else 0) - found.fees_minor - cost.net_minor
    return Cost(
        group_id=found.price_group_id,
        group=found.group,
        lines=[
            (line.description, counted(line, formats), formats.money(line.gross_minor, cost.currency))
            for line in cost.by_price()
        ],
        total=formats.money(cost.net_minor, cost.currency),
        has_vat=bool(cost.vat_minor),
        fees=formats.money(found.fees_minor, cost.currency) if found.fees_minor else None,
        left=formats.money(left_minor, cost.currency),
        loss=left_minor < 0,
    )
