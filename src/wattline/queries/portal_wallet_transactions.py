"""The movements of one wallet, filtered, the newest first, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.portal_charge_money import owner_name

PAGE_MOVEMENTS = 50
# Charges whose number begins like a text that is looked for; more say that the text is too short to mean one.
CHARGES_MEANT_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementWish:
    """Which movements. `kinds` are SQL patterns; `before` is (created_at, id) of the last one on the page before."""

    kinds: Sequence[str] | None = None
    states: Sequence[str] | None = None
    text: str = ""
    start: datetime | None = None
    end: datetime | None = None
    before: tuple[datetime, int] | None = None
    limit: int = PAGE_MOVEMENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementLine:
    """One movement. `incoming`: into this wallet. Names are those of wallets' owners, None is the world outside."""

    id: int
    created_at: datetime
    completed_at: datetime | None
    kind: str
    group: str
    state: str
    from_wallet_id: int | None
    to_wallet_id: int | None
    giver: str | None
    taker: str | None
    currency: str
    amount_minor: int
    vat_minor: int
    vat_percent: Decimal
    note: str | None
    asked_by: str
    refund_of: int | None
    refunded_minor: int
    charge_id: int | None
    charge_name: str | None
    energy_wh: int | None

    @property
    def at(self) -> datetime:
        """When money moved, or was asked to."""
        return self.completed_at or self.created_at


@dataclass(frozen=True, slots=True)
class MovementPage:
    """A page of movements, and whether older ones follow."""

    movements: Sequence[MovementLine]
    more: bool


async def list_movements(connection: Connection, viewer: Viewer, wallet_id: int, wish: MovementWish) -> MovementPage:
    """List the movements of a wallet. The caller has checked who may see it."""
    charges = await connection.fetchval(MEANT, viewer.operator_ids, _literal(wish.text), CHARGES_MEANT_MAX)
    before_at, before_id = wish.before or (None, None)
    rows = await connection.fetch(
        PAGE, wallet_id, None if wish.kinds is None else list(wish.kinds),
        None if wish.states is None else list(wish.states), _literal(wish.text), charges, wish.start, wish.end,
        before_at, before_id, wish.limit + 1,
    )  # fmt: skip
    lines = [MovementLine(**dict(row)) for row in rows]
    return MovementPage(lines[: wish.limit], len(lines) > wish.limit)


async def movement_line(connection: Connection, wallet_id: int, movement_id: int) -> MovementLine:
    """Load one movement of a wallet. Raises Unknown when it is none of its movements."""
    row = await connection.fetchrow(f"with found as ({ONE}) {SHOWN}", wallet_id, movement_id)
    if row is None:
        raise Unknown("transaction", movement_id)
    return MovementLine(**dict(row))


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


MEANT = """
select coalesce(array_agg(id), '{}') from (
  select id::text from charge where $2 <> '' and operator_id = any($1) and human_readable_id like upper($2) || '%'
  limit $3) as meant
"""

CHOSEN = """
  and ($2::text[] is null or t.kind like any($2)) and ($3::text[] is null or t.state = any($3))
  and ($4 = '' or t.note ilike '%' || $4 || '%' or t.reference_type = 'CHARGE' and t.reference_id = any($5)
    or t.kind ilike '%' || $4 || '%')
  and ($6::timestamptz is null or t.created_at >= $6) and ($7::timestamptz is null or t.created_at < $7)
  and ($8::timestamptz is null or (t.created_at, t.id) < ($8, $9::bigint))
order by t.created_at desc, t.id desc limit $10
"""

SHOWN = f"""
select t.id, t.created_at, t.completed_at, t.kind, t."group", t.state, t.from_wallet_id, t.to_wallet_id,
  {owner_name("g")} as giver, {owner_name("k")} as taker, t.from_currency as currency,
  t.from_amount_minor as amount_minor, t.from_vat_minor as vat_minor, t.vat_percent, t.note, t.asked_by, t.refund_of,
  coalesce((select sum(r.to_amount_minor) from wallet_transaction r where r.refund_of = t.id), 0)::bigint
    as refunded_minor,
  c.id as charge_id, c.human_readable_id as charge_name, t.energy_wh
from found t left join wallet g on g.id = t.from_wallet_id left join wallet k on k.id = t.to_wallet_id
left join wallet_transaction p on p.id = t.refund_of
left join charge c on coalesce(p.reference_type, t.reference_type) = 'CHARGE'
  and c.id = case when coalesce(p.reference_type, t.reference_type) = 'CHARGE'
    then coalesce(p.reference_id, t.reference_id)::bigint end
"""

# Two walks along the indexes by wallet and time; what went from a wallet to itself is found by both.
PAGE = f"""
with found as (
  (select * from wallet_transaction t where t.from_wallet_id = $1 {CHOSEN})
  union
  (select * from wallet_transaction t where t.to_wallet_id = $1 {CHOSEN})
) {SHOWN} order by t.created_at desc, t.id desc limit $10
"""

ONE = "select * from wallet_transaction where id = $2 and (from_wallet_id = $1 or to_wallet_id = $1)"
