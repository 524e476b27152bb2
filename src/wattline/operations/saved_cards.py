"""Cards that people let their provider keep for them. We keep what receipts print, and the provider's reference."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from asyncpg import Record

from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.payment_provider import CardSession
from wattline.domain.refusals import Unknown
from wattline.operations import audit
from wattline.operations.payment_rows import CALLS

# Somebody types a card in within minutes; after an hour the session at the provider has run out anyway.
LOOK_EVERY = timedelta(seconds=5)
SESSION_LASTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingCard:
    """A card that is being saved, as whoever asks the provider needs it."""

    id: int
    key: str
    provider: str
    owner_key: str
    customer: str | None
    session_ref: str | None


BEGIN = """
insert into saved_card (key, operator_id, team_id, user_id, provider, customer, look_at, created_at, updated_at)
select $1, $2, $3, $4, $5, (
    select customer from saved_card
    where provider = $5 and customer is not null and user_id is not distinct from $4
      and team_id is not distinct from $3 order by id desc limit 1), $6, $6, $6
on conflict (key) do update set key = excluded.key returning id
"""
DUE = """
update saved_card set look_at = $2 where id in (
    select id from saved_card where look_at <= $1 order by look_at limit $3 for update skip locked)
returning *
"""
NOTE = """
update saved_card set session_ref = $2, customer = $3, action = $4, provider_ref = coalesce($5, provider_ref),
  state = $6, brand = coalesce($7, brand), last4 = coalesce($8, last4), expires_month = coalesce($9, expires_month),
  expires_year = coalesce($10, expires_year), wallet = coalesce($11, wallet),
  look_at = case when $6 = 'open' and created_at > $13 then $14::timestamptz end, updated_at = $12
where id = $1 and state = 'open'
"""


async def begin_card(
    database: Database, *, key: str, provider: str, team_id: int | None, asked_by: Viewer, now: datetime
) -> int:
    """Begin to save a card for the viewer, or for a team; the provider's answer brings `action`. Twice is once."""
    async with database.begin() as tx:
        card_id: int = await tx.fetchval(
            BEGIN, key, asked_by.operator_id, team_id, asked_by.user_id, provider, now
        )  # fmt: skip
        await audit.note(tx, asked_by, "begin to save", "card", card_id, now=now)
        await tx.execute("select pg_notify($1, '')", CALLS)
    return card_id


async def due_looks(database: Database, *, limit: int, now: datetime) -> list[PendingCard]:
    """Take cards whose provider is to be asked."""
    async with database.begin() as tx:
        return [_pending(row) for row in await tx.fetch(DUE, now, now + LOOK_EVERY, limit)]


def _pending(row: Record) -> PendingCard:
    owner = f"user {row['user_id']}" if row["user_id"] is not None else f"team {row['team_id']}"
    return PendingCard(
        id=row["id"],
        key=row["key"],
        provider=row["provider"],
        owner_key=owner,
        customer=row["customer"],
        session_ref=row["session_ref"],
    )


async def note_session(database: Database, card_id: int, session: CardSession, *, now: datetime) -> None:
    """Take in how far the provider is with a card."""
    state = {"open": "open", "saved": "ready", "refused": "refused"}[session.state]
    face = session.card
    async with database.begin() as tx:
        await tx.execute(
            NOTE, card_id, session.provider_ref, session.customer, session.action, session.method, state,
            face and face.brand, face and face.last4, face and face.expires_month, face and face.expires_year,
            face and face.wallet, now, now - SESSION_LASTS, now + LOOK_EVERY,
        )  # fmt: skip


async def remove_card(database: Database, card_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Forget a card; no new payment can use it. Raises Unknown."""
    async with database.begin() as tx:
        gone = await tx.fetchval(
            "update saved_card set state = 'removed', removed_at = $2, updated_at = $2, look_at = null "
            "where id = $1 and operator_id = any($3) and state <> 'removed' "
            "and ($4::bigint is null or user_id = $4) returning id",
            card_id, now, list(asked_by.operator_ids), asked_by.user_id,
        )  # fmt: skip
        if gone is None:
            raise Unknown("card", card_id)
        await audit.note(tx, asked_by, "remove", "card", card_id, now=now)
