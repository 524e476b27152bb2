"""Cards that people let their provider keep for them. We keep what receipts print, and the provider's reference."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from asyncpg import Record

from wattline.database.connection import Database, Transaction
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
    """Begin to save a card for the viewer, or for a team; the provider's answer brings `action`. Twice is once.

    Raises Unknown for a team of somebody else.
    """
    async with database.begin() as tx:
        operator_id, user_id = asked_by.operator_id, asked_by.user_id
        if team_id is not None:
            operator_id, user_id = await _operator_of(tx, team_id, asked_by), None
        card_id: int = await tx.fetchval(BEGIN, key, operator_id, team_id, user_id, provider, now)
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
        await tx.execute(FIRST_IS_DEFAULT, card_id)


async def remove_card(database: Database, card_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Forget a card; no new payment can use it. Raises Unknown."""
    async with database.begin() as tx:
        await _lock(tx, card_id, asked_by)
        await tx.execute(REMOVE, card_id, now)
        await audit.note(tx, asked_by, "remove", "card", card_id, now=now)


async def choose_card(database: Database, card_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Let a card be the one that is used unless another is named. Raises Unknown."""
    async with database.begin() as tx:
        card = await _lock(tx, card_id, asked_by)
        if card["state"] != "ready":
            raise Unknown("card", card_id)
        # Both of two people at once lock the owner's cards in one order.
        await tx.fetch(LOCK_ALL, card["operator_id"], card["team_id"], card["user_id"])
        await tx.execute(NOT_DEFAULT, card["operator_id"], card["team_id"], card["user_id"])
        await tx.execute("update saved_card set is_default = true, updated_at = $2 where id = $1", card_id, now)
        await audit.note(tx, asked_by, "choose", "card", card_id, now=now)


async def _lock(tx: Transaction, card_id: int, asked_by: Viewer) -> Record:
    """Find a card of the viewer's own, or of a team or operator that the viewer sees. Raises Unknown."""
    card = await tx.fetchrow(FIND, card_id, list(asked_by.operator_ids), asked_by.team_ids, asked_by.user_id)
    if card is None:
        raise Unknown("card", card_id)
    return card


async def _operator_of(tx: Transaction, team_id: int, asked_by: Viewer) -> int:
    operator_id: int | None = await tx.fetchval(
        "select operator_id from team where id = $1 and deleted_at is null", team_id
    )
    if operator_id is None or not asked_by.sees(operator_id, team_id):
        raise Unknown("team", team_id)
    return operator_id


# Rows of table `saved_card` that are the viewer's: $2 operators, $3 teams or null for all, $4 the person.
OWN = """
operator_id = any($2) and state <> 'removed' and (user_id is not distinct from $4 and $4 is not null
  or user_id is null and ($3::bigint[] is null or team_id = any($3)))
"""

FIND = f"select * from saved_card where id = $1 and {OWN}"

REMOVE = """
update saved_card set state = 'removed', is_default = false, removed_at = $2, updated_at = $2, look_at = null
where id = $1
"""

OF_OWNER = "operator_id = $1 and team_id is not distinct from $2 and user_id is not distinct from $3"

LOCK_ALL = f"select from saved_card where {OF_OWNER} order by id for update"

NOT_DEFAULT = f"update saved_card set is_default = false where is_default and {OF_OWNER}"

FIRST_IS_DEFAULT = """
update saved_card card set is_default = true where id = $1 and state = 'ready' and not exists (
  select from saved_card other where other.is_default and other.operator_id = card.operator_id
    and other.team_id is not distinct from card.team_id and other.user_id is not distinct from card.user_id)
"""
