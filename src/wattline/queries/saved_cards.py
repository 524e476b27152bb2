"""Saved cards, as their page and the start of a charge offer them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Connection
from wattline.domain.access import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedCard:
    """A card that its provider keeps. `owner` is a team's name; None is the viewer's own, or the operator's.

    `action` is what the page does while the card is being saved. `fills` counts wallets that fill themselves from it.
    """

    id: int
    provider: str
    state: str
    team_id: int | None
    owner: str | None
    own: bool
    brand: str | None
    last4: str | None
    expires_month: int | None
    expires_year: int | None
    wallet: str | None
    is_default: bool
    action: Mapping[str, str] | None
    fills: int
    created_at: datetime

    @property
    def face(self) -> str:
        """Name the card as receipts do: `Visa ··4242`."""
        return f"{(self.brand or 'card').capitalize()} ··{self.last4}" if self.last4 else "New card"


async def cards_of(connection: Connection, viewer: Viewer) -> Sequence[SavedCard]:
    """List the cards of the viewer and of the teams that the viewer sees; those that are being saved come first."""
    rows = await connection.fetch(CARDS, list(viewer.operator_ids), viewer.team_ids, viewer.user_id)
    return [SavedCard(**dict(row)) for row in rows]


async def ready_cards(connection: Connection, viewer: Viewer) -> Sequence[SavedCard]:
    """List the cards that can pay now, the default ones first."""
    ready = [card for card in await cards_of(connection, viewer) if card.state == "ready"]
    return sorted(ready, key=lambda card: not card.is_default)


# A card that nobody typed in is looked at for an hour, and shown for as long.
CARDS = """
select c.id, c.provider, c.state, c.team_id, t.name as owner, c.user_id is not null as own, c.brand, c.last4,
  c.expires_month, c.expires_year, c.wallet, c.is_default, c.action,
  (select count(*) from wallet w where w.refill_card_id = c.id) as fills, c.created_at
from saved_card c left join team t on t.id = c.team_id
where c.operator_id = any($1)
  and (c.user_id = $3 or c.user_id is null and ($2::bigint[] is null or c.team_id = any($2)))
  and (c.state = 'ready' or c.state = 'open' and c.look_at is not null)
order by c.state = 'ready', c.team_id nulls first, c.is_default desc, c.id desc
limit 200
"""
