"""Which fees a sale has: those of the platform, and of the operators from the seller's own up the tree."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from asyncpg import Record

from wattline.database.connection import Connection, Database
from wattline.domain.access import Viewer
from wattline.domain.fees import FeeKind, FeeRule
from wattline.domain.ledger_accounts import check_currency
from wattline.domain.refusals import Invalid
from wattline.domain.vat import Company, between_companies
from wattline.operations import audit
from wattline.operations.reference_data import currencies

PERCENT_MAX = Decimal(50)
TEAM_TYPES = ("professional", "private", "personal", "operator")


async def add_fee_rule(
    database: Database,
    *,
    operator_id: int | None,
    kind: FeeKind,
    value: Decimal,
    currency: str | None = None,
    team_types: Sequence[str] = TEAM_TYPES,
    asked_by: Viewer,
    now: datetime,
) -> int:
    """Let the platform (`operator_id` None) or an operator take a part of its teams' sales from now on.

    `value`: percent of the net price, or main units of `currency` per kWh.
    """
    if not value.is_finite() or not 0 < value <= PERCENT_MAX:
        raise Invalid("value", f"must be above 0 and at most {PERCENT_MAX}.")
    if kind is FeeKind.PER_KWH and currency is None:
        raise Invalid("currency", "is needed for a fee per kWh.")
    if currency is not None:
        check_currency(currency, currencies())
    async with database.begin() as tx:
        rule_id: int = await tx.fetchval(ADD, operator_id, currency, kind, value, list(team_types), now)
        await audit.note(tx, asked_by, "create", "fee-rule", rule_id, now=now, detail={"value": str(value)})
    return rule_id


async def fee_rules_of(
    connection: Connection, team_id: int, currency: str, *, now: datetime
) -> tuple[list[FeeRule], str]:
    """List the fees that a team pays on a sale, the platform's first, each with its VAT; and tell the team's type."""
    rows = await connection.fetch(RULES, team_id, currency, now)
    return [_rule(row, now.date()) for row in rows if row["kind"] is not None], rows[0]["team_type"]


def _rule(row: Record, on: date) -> FeeRule:
    taker = Company(row["taker_country"], bool(row["taker_vat_number"]) or row["operator_id"] is None)
    payer = Company(row["team_country"], bool(row["team_vat_number"]))
    vat = between_companies(taker, payer, on)
    return FeeRule(
        operator_id=row["operator_id"], kind=FeeKind(row["kind"]), value=Decimal(row["value"]), vat_percent=vat.percent
    )


ADD = """
insert into fee_rule (operator_id, currency, kind, value, team_types, active_from, created_at)
values ($1, $2, $3, $4, $5, $6, $6) returning id
"""

RULES = """
with recursive seller as (
  select t.type, t.vat_number, t.operator_id, c.alpha2_code as country
  from team t left join country c on c.id = t.country_id where t.id = $1
), tree as (
  select o.id, o.parent_operator_id, o.vat_number, o.country_id, 0 as depth
  from operator o join seller on seller.operator_id = o.id
  union all
  select o.id, o.parent_operator_id, o.vat_number, o.country_id, depth + 1
  from operator o join tree on tree.parent_operator_id = o.id
)
select rule.operator_id, rule.kind, rule.value, home.alpha2_code as taker_country, tree.vat_number as taker_vat_number,
       seller.country as team_country, seller.vat_number as team_vat_number, seller.type as team_type
from seller
left join fee_rule rule on (rule.operator_id is null or rule.operator_id in (select id from tree))
  and (rule.currency is null or rule.currency = $2)
  and seller.type = any(rule.team_types)
  and rule.active_from <= $3 and (rule.active_until is null or $3 < rule.active_until)
left join tree on tree.id = rule.operator_id
left join country home on home.id = coalesce(tree.country_id, rule.country_id)
order by tree.depth nulls first, rule.id
"""
