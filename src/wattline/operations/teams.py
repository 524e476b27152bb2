"""Teams: who owns charge points, and who pays for charges."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from wattline.database import outbox
from wattline.database.changes import update_row
from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.facts import Fact, TeamChanged, TeamCreated
from wattline.domain.ledger_accounts import check_currency
from wattline.domain.place import Address
from wattline.domain.refusals import NotAllowed, NotReady, Unknown
from wattline.operations import audit
from wattline.operations.reference_data import currencies
from wattline.operations.team_checks import (
    lock_team,
    must_be_billable,
    must_know_country,
    must_know_owner,
)

ADDRESS_COLUMNS = ("address1", "address2", "address3", "zip_code", "city", "country_id", "country_area_id")
PATCHABLE = frozenset({
    "name", "contact_email", "finance_email", "company_name", "vat_number", "company_registration_number",
    "ean_number", "purchase_order", "partner_external_id", "partner_custom_payload", "payment_method", "owner_user_id",
    "auto_accept", *ADDRESS_COLUMNS,
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTeam:
    """What a team begins with. `type` is personal, private, professional or operator."""

    name: str
    type: str = "professional"
    operator_id: int | None = None
    contact_email: str | None = None
    finance_email: str | None = None
    company_name: str | None = None
    vat_number: str | None = None
    company_registration_number: str | None = None
    ean_number: str | None = None
    purchase_order: str | None = None
    address: Address | None = None
    currency: str = "eur"
    payment_method: str = "source"
    owner_user_id: int | None = None
    partner_external_id: str | None = None
    partner_custom_payload: Any = None


async def create_team(database: Database, new: NewTeam, *, asked_by: Viewer, join_code: str, now: datetime) -> int:
    """Make a team and return its id. `join_code` is what people type to join it; unique, made by the caller."""
    if asked_by.team_ids is not None:
        # The new team would be outside the caller's own view.
        raise NotAllowed(needed="teams:write for every team")
    operator_id = new.operator_id or asked_by.operator_id
    if operator_id not in asked_by.operator_ids:
        raise Unknown("operator", operator_id)
    check_currency(new.currency, currencies())
    async with database.begin() as tx:
        await must_be_billable(tx, new.payment_method, vat_number=new.vat_number, finance_email=new.finance_email)
        await must_know_owner(tx, new.owner_user_id, operator_id)
        await must_know_country(tx, new.address.country_id if new.address else None)
        team_id: int = await _insert(tx, new, operator_id, join_code, now)
        await tx.execute(SEAT_OWNER, team_id, now)
        await outbox.add(tx, [_fact(TeamCreated, team_id, operator_id)], now=now)
        await audit.note(tx, asked_by, "create", "team", team_id, now=now)
    return team_id


async def patch_team(
    database: Database, team_id: int, changes: Mapping[str, Any], *, asked_by: Viewer, now: datetime
) -> None:
    """Change columns of a team (see PATCHABLE)."""
    async with database.begin() as tx:
        team = await lock_team(tx, team_id, asked_by=asked_by)
        after = {**dict(team), **changes}
        if "payment_method" in changes:
            await must_be_billable(
                tx, after["payment_method"], vat_number=after["vat_number"], finance_email=after["finance_email"]
            )
        await must_know_owner(tx, changes.get("owner_user_id"), team["operator_id"])
        await must_know_country(tx, changes.get("country_id"))
        await update_row(tx, "team", team_id, changes, allowed=PATCHABLE)
        await tx.execute(SEAT_OWNER, team_id, now)
        await _changed(tx, team, "edit", asked_by, now, changes)


async def freeze_team(database: Database, team_id: int, *, reason: str | None, asked_by: Viewer, now: datetime) -> None:
    """Freeze a team: from now on it can neither charge nor pay. A team that is frozen keeps its first date."""
    async with database.begin() as tx:
        team = await lock_team(tx, team_id, asked_by=asked_by)
        await tx.execute(
            "update team set frozen_at = coalesce(frozen_at, $2), frozen_reason = $3 where id = $1",
            team_id, now, reason,
        )  # fmt: skip
        await _changed(tx, team, "freeze", asked_by, now, {"frozen_reason": reason})


async def unfreeze_team(database: Database, team_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Let a frozen team charge and pay again."""
    async with database.begin() as tx:
        team = await lock_team(tx, team_id, asked_by=asked_by)
        await tx.execute("update team set frozen_at = null, frozen_reason = null where id = $1", team_id)
        await _changed(tx, team, "unfreeze", asked_by, now)


async def delete_team(database: Database, team_id: int, *, asked_by: Viewer, now: datetime) -> None:
    """Take a team away. Refused while it still owns charge points or has a charge running."""
    async with database.begin() as tx:
        team = await lock_team(tx, team_id, asked_by=asked_by)
        in_use = await tx.fetchval(
            """select exists (select from connector where team_id = $1 and deleted_at is null)
                   or exists (select from charge where paying_team_id = $1 and completed_at is null)""",
            team_id,
        )
        if in_use:
            raise NotReady("The team still has charge points, or a charge is running that it pays. End these first.")
        await tx.execute("update team set deleted_at = $2 where id = $1", team_id, now)
        await _changed(tx, team, "delete", asked_by, now)


async def _insert(tx: Transaction, new: NewTeam, operator_id: int, join_code: str, now: datetime) -> int:
    address = [getattr(new.address, column, None) for column in ADDRESS_COLUMNS]
    team_id: int = await tx.fetchval(
        """insert into team (operator_id, name, type, join_code, contact_email, finance_email, company_name, vat_number,
             company_registration_number, currency, payment_method, owner_user_id, partner_external_id,
             partner_custom_payload, created_at, updated_at,
             address1, address2, address3, zip_code, city, country_id, country_area_id, ean_number, purchase_order)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15,
             $16, $17, $18, $19, $20, $21, $22, $23, $24)
           returning id""",
        operator_id, new.name, new.type, join_code, new.contact_email, new.finance_email, new.company_name,
        new.vat_number, new.company_registration_number, new.currency, new.payment_method, new.owner_user_id,
        new.partner_external_id, new.partner_custom_payload, now, *address, new.ean_number, new.purchase_order,
    )  # fmt: skip
    return team_id


async def _changed(
    tx: Transaction, team: Record, deed: str, asked_by: Viewer, now: datetime, changes: Mapping[str, Any] | None = None
) -> None:
    await tx.execute("update team set updated_at = $2 where id = $1", team["id"], now)
    await outbox.add(tx, [_fact(TeamChanged, team["id"], team["operator_id"])], now=now)
    detail = audit.changed(team, changes) if changes else None
    await audit.note(tx, asked_by, deed, "team", team["id"], now=now, detail=detail)


def _fact(kind: type[Fact], team_id: int, operator_id: int) -> Fact:
    return kind(entity_id=team_id, operator_ids=(operator_id,), team_ids=(team_id,))


# An owner is a member as well, an admin.
SEAT_OWNER = """
insert into member (operator_id, team_id, user_id, email, display_name, role, state, accepted_at, accepted_by,
  created_at, updated_at)
select t.operator_id, t.id, u.id, u.email, u.display_name, 'admin', 'accepted', $2, 'owner', $2, $2
from team t join users u on u.id = t.owner_user_id where t.id = $1
on conflict (team_id, user_id) where user_id is not null and deleted_at is null
  do update set role = 'admin', state = 'accepted', member_group_id = null, updated_at = $2
  where member.role <> 'admin' or member.state <> 'accepted'
"""
