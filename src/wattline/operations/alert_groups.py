"""Groups of recipients: who is told of which problems, how, and when not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from asyncpg import Record

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Place, Right, Viewer, must
from wattline.domain.alerts import MINUTES_MAX, AlertRules
from wattline.domain.naming import checked_name
from wattline.domain.refusals import Invalid, Unknown
from wattline.operations import audit
from wattline.operations.secrets import seal

EMAILS_MAX = 50
EMAIL_LENGTH_MAX = 320
PERCENT_MAX = 90
# In the order of what `_values` returns.
COLUMNS = (
    "name", "emails", "webhook_url", "site_ids", "disconnected_minutes", "faulted_minutes", "success_below_percent",
    "no_energy", "quiet_from", "quiet_until", "time_zone",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlertGroup:
    """What somebody wants. `team_id` None: all charge points of the operator. No `site_ids`: at every site."""

    team_id: int | None
    name: str
    emails: Sequence[str] = ()
    webhook_url: str | None = None
    site_ids: Sequence[int] = ()
    rules: AlertRules = field(default_factory=AlertRules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """What signs a group's webhooks, fresh, and what seals it."""

    text: str
    nonce: bytes
    pepper: bytes


async def make_group(database: Database, new: NewAlertGroup, *, secret: Secret, asked_by: Viewer, now: datetime) -> int:
    """Add a group and return its id."""
    _must_be_possible(new)
    async with database.begin() as tx:
        operator_id = await _operator_of(tx, new.team_id, asked_by)
        must(asked_by, Right.SET_UP_CHARGE_POINTS, Place(operator_id, new.team_id))
        await _must_have(tx, new, operator_id)
        sealed = seal(secret.text, pepper=secret.pepper, nonce=secret.nonce)
        group_id: int = await tx.fetchval(MAKE, operator_id, new.team_id, *_values(new), now, sealed)
        await audit.note(tx, asked_by, "create", "alert-group", group_id, now=now)
    return group_id


async def change_group(
    database: Database, group_id: int, new: NewAlertGroup, *, asked_by: Viewer, now: datetime
) -> None:
    """Change everything of a group but whose charge points it is about."""
    _must_be_possible(new)
    async with database.begin() as tx:
        before = await _lock(tx, group_id, asked_by)
        await _must_have(tx, new, before["operator_id"])
        values = _values(new)
        await tx.execute(CHANGE, group_id, *values, now)
        detail = audit.changed(before, dict(zip(COLUMNS, values, strict=True)))
        await audit.note(tx, asked_by, "update", "alert-group", group_id, now=now, detail=detail)


async def delete_group(database: Database, group_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Take a group away; nobody in it is told anything any more."""
    async with database.begin() as tx:
        await _lock(tx, group_id, asked_by)
        await tx.execute("update alert_group set deleted_at = $2 where id = $1", group_id, now)
        await tx.execute(CALL_OFF, group_id, now)
        await audit.note(tx, asked_by, "delete", "alert-group", group_id, now=now)


def read_emails(text: str) -> list[str]:
    """Read addresses with commas, semicolons or blanks between them. Raises Invalid."""
    found = list(dict.fromkeys(text.replace(",", " ").replace(";", " ").split()))
    for each in found:
        name, at, host = each.partition("@")
        if not (name and at and "." in host and "@" not in host) or len(each) > EMAIL_LENGTH_MAX:
            raise Invalid("emails", f"{each[:60]} is no e-mail address.")
    if len(found) > EMAILS_MAX:
        raise Invalid("emails", f"at most {EMAILS_MAX} addresses.")
    return found


def _must_be_possible(new: NewAlertGroup) -> None:
    checked_name(new.name)
    if not new.emails and not new.webhook_url:
        raise Invalid("emails", "name somebody to tell, or a webhook.")
    if new.webhook_url:
        _must_be_address(new.webhook_url)
    rules = new.rules
    for field_name, minutes in (
        ("disconnected_minutes", rules.disconnected_minutes),
        ("faulted_minutes", rules.faulted_minutes),
    ):
        if minutes is not None and not 0 <= minutes <= MINUTES_MAX:
            raise Invalid(field_name, f"must be from 0 to {MINUTES_MAX} minutes.")
    if rules.success_below_percent is not None and not 1 <= rules.success_below_percent <= PERCENT_MAX:
        raise Invalid("success_below_percent", f"must be from 1 to {PERCENT_MAX}.")
    if (rules.quiet_from is None) != (rules.quiet_until is None):
        raise Invalid("quiet_until", "quiet hours need a beginning and an end.")
    try:
        ZoneInfo(rules.time_zone)
    except (ValueError, ZoneInfoNotFoundError):
        raise Invalid("time_zone", "is no time zone.") from None


def _must_be_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        port_fits, parts = False, urlsplit("")
    if parts.scheme not in ("https", "http") or not parts.hostname or not port_fits:
        raise Invalid("webhook_url", "must be an address that begins with https://.")


async def _operator_of(tx: Transaction, team_id: int | None, asked_by: Viewer) -> int:
    """Tell whose charge points a group is about: those of a team, maybe of an operator below, or all of our own."""
    if team_id is None:
        return asked_by.operator_id
    found: int | None = await tx.fetchval("select operator_id from team where id = $1 and deleted_at is null", team_id)
    if found is None or not asked_by.sees(found, team_id):
        raise Unknown("team", team_id)
    return found


async def _must_have(tx: Transaction, new: NewAlertGroup, operator_id: int) -> None:
    """Refuse sites of somebody else."""
    sites = await tx.fetch(OWN_SITES, list(new.site_ids), operator_id)
    unknown = set(new.site_ids) - {row["id"] for row in sites}
    if unknown:
        raise Unknown("site", min(unknown))


async def _lock(tx: Transaction, group_id: int, asked_by: Viewer) -> Record:
    row = await tx.fetchrow(
        "select * from alert_group where id = $1 and deleted_at is null for no key update", group_id
    )
    if row is None or not sees_group(asked_by, row["operator_id"], row["team_id"]):
        raise Unknown("alert group", group_id)
    must(asked_by, Right.SET_UP_CHARGE_POINTS, Place(row["operator_id"], row["team_id"]))
    return row


def sees_group(viewer: Viewer, operator_id: int, team_id: int | None) -> bool:
    """Tell whether a group exists for somebody; those of the whole operator do not for people of one team."""
    if team_id is None:
        return operator_id in viewer.operator_ids and viewer.team_ids is None
    return viewer.sees(operator_id, team_id)


def _values(new: NewAlertGroup) -> tuple[object, ...]:
    rules = new.rules
    return (
        checked_name(new.name), list(new.emails), new.webhook_url, list(new.site_ids), rules.disconnected_minutes,
        rules.faulted_minutes, rules.success_below_percent, rules.no_energy, rules.quiet_from, rules.quiet_until,
        rules.time_zone,
    )  # fmt: skip


CALL_OFF = "update alert_call set due_at = null, ended_at = $2 where alert_group_id = $1 and due_at is not null"

OWN_SITES = "select id from site where id = any($1) and operator_id = $2 and deleted_at is null"

MAKE = """
insert into alert_group (operator_id, team_id, name, emails, webhook_url, site_ids, disconnected_minutes,
  faulted_minutes, success_below_percent, no_energy, quiet_from, quiet_until, time_zone, created_at, updated_at,
  webhook_secret_sealed)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15) returning id
"""

CHANGE = """
update alert_group set name = $2, emails = $3, webhook_url = $4, site_ids = $5, disconnected_minutes = $6,
  faulted_minutes = $7, success_below_percent = $8, no_energy = $9, quiet_from = $10, quiet_until = $11,
  time_zone = $12, updated_at = $13
where id = $1
"""
