"""Tell groups what is wrong with their charge points: each problem once, its end once, many in one letter."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from asyncpg import Record

from wattline.database.connection import Database, Transaction
from wattline.domain.alerts import BETWEEN_LETTERS, AlertRules, ProblemKind, is_quiet, is_ripe
from wattline.domain.naming import name_of_box
from wattline.operations import alert_words
from wattline.operations.alert_words import Told
from wattline.operations.chance import Chance
from wattline.operations.mails import Letter, write_letter

# Beyond this, a letter is no longer read; the rest follows with the next one.
AT_ONCE = 500


async def tell_groups(database: Database, *, chance: Chance, web_url: str, now: datetime) -> int:
    """Tell every group what it has not heard yet; return how many were told something."""
    async with database.read() as connection:
        rows = await connection.fetch(GROUPS, now - BETWEEN_LETTERS)
    told = 0
    for row in rows:
        if not is_quiet(_rules(row), now=now):
            async with database.begin() as tx:
                told += await _tell(tx, row["id"], chance=chance, web_url=web_url, now=now)
    return told


async def _tell(tx: Transaction, group_id: int, *, chance: Chance, web_url: str, now: datetime) -> bool:
    group = await tx.fetchrow(LOCK, group_id, now - BETWEEN_LETTERS)
    if group is None:
        return False
    rules = _rules(group)
    problems = [
        told
        for told in map(_told, await tx.fetch(NEW, group_id, AT_ONCE))
        if is_ripe(rules, told.kind, since=told.since, percent=told.detail.get("percent"), now=now)
    ]
    recovered = list(map(_told, await tx.fetch(OVER, group_id, AT_ONCE)))
    if not problems and not recovered:
        return False
    await _send(tx, group, problems, recovered, chance=chance, web_url=web_url, now=now)
    await tx.execute(NOTE, group_id, [each.id for each in problems], now)
    await tx.execute(NOTE_OVER, group_id, [each.id for each in recovered], now)
    await tx.execute("update alert_group set told_at = $2 where id = $1", group_id, now)
    return True


async def _send(
    tx: Transaction,
    group: Record,
    problems: Sequence[Told],
    recovered: Sequence[Told],
    *,
    chance: Chance,
    web_url: str,
    now: datetime,
) -> None:
    text = alert_words.letter_text(problems, recovered, group=group["name"], zone=group["time_zone"], web_url=web_url)
    for address in group["emails"]:
        letter = Letter(
            operator_id=group["operator_id"],
            to_address=address,
            kind="alert",
            subject=alert_words.subject_of(problems, recovered),
            text=text,
        )
        await write_letter(tx, letter, now=now)
    if group["webhook_url"]:
        body = alert_words.webhook_body(problems, recovered, group_id=group["id"], at=now)
        await tx.execute(
            """insert into alert_call (alert_group_id, webhook_id, body, created_at, due_at)
               values ($1, $2, $3, $4, $4)""",
            group["id"], f"msg_{chance.uuid()}", msgspec.json.encode(body), now,
        )  # fmt: skip


def _rules(row: Record) -> AlertRules:
    return AlertRules(**{name: row[name] for name in AlertRules.__slots__})


def _told(row: Record) -> Told:
    return Told(
        **{name: row[name] for name in ("id", "charge_point_id", "identity", "site", "since", "closed_at", "detail")},
        kind=ProblemKind(row["kind"]),
        name=name_of_box(row["names"]),
    )


GROUPS = "select * from alert_group where deleted_at is null and (told_at is null or told_at <= $1) order by id"

LOCK = """
select * from alert_group where id = $1 and deleted_at is null and (told_at is null or told_at <= $2)
for no key update
"""

SHOWN = """
select p.*, b.identity, s.name as site,
  array(select c.name from connector c where c.charge_point_id = b.id and c.deleted_at is null
    order by c.number) as names
from problem p join charge_point b on b.id = p.charge_point_id
  left join connector k on k.id = p.connector_id left join site s on s.id = k.site_id
"""

NEW = f"""
{SHOWN} join alert_group g on g.id = $1 and g.operator_id = p.operator_id
where p.closed_at is null and p.better_at is null and (g.team_id is null or g.team_id = p.team_id)
  and (g.site_ids = '{{}}' or k.site_id = any(g.site_ids))
  and not exists (select from alert_notice n where n.alert_group_id = $1 and n.problem_id = p.id)
order by p.since, p.id limit $2
"""

OVER = f"""
{SHOWN} join alert_notice n on n.problem_id = p.id and n.alert_group_id = $1 and n.recovery_told_at is null
where p.closed_at is not null order by p.closed_at, p.id limit $2
"""

NOTE = """
insert into alert_notice (alert_group_id, problem_id, told_at) select $1, id, $3 from unnest($2::bigint[]) as id
on conflict do nothing
"""

NOTE_OVER = "update alert_notice set recovery_told_at = $3 where alert_group_id = $1 and problem_id = any($2)"
