"""What a charge would cost somebody who comes by with a card: the price that counts, and how much is held."""

from datetime import datetime

from wattline.database.connection import Connection
from wattline.domain.hold import PayerKind
from wattline.domain.limits import Limits
from wattline.operations.charge_holds import hold_within
from wattline.operations.price_freeze import terms_for


async def held_for(connection: Connection, connector_id: int, operator_id: int, *, now: datetime) -> int | None:
    """Tell what a card holds before a charge; 0 when it is free, None where no price is set.

    Raises NoPrice and whatever else keeps a charge from having a price now.
    """
    terms = await terms_for(
        connection,
        connector_id,
        payer_team_id=None,
        member_id=None,
        explicit_group_id=None,
        roaming=False,
        now=now,
    )
    if terms is None:
        return None
    return await hold_within(connection, operator_id, PayerKind.CARD, terms, Limits(None, None, None), now=now)
