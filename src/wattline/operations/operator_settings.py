"""What an operator is as a company, where its people find help, and how its pages look."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from wattline.database.changes import update_row
from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.theme import Logo
from wattline.operations import audit
from wattline.operations.operator_people import lock_operator
from wattline.operations.team_checks import must_know_country

COMPANY = frozenset({
    "company_name", "company_registration_number", "address1", "zip_code", "city", "country_id", "contact_email",
    "finance_email", "support_email", "vat_number", "ean_number", "purchase_order",
})  # fmt: skip
THEME = frozenset({"colour", "logo", "logo_type", "logo_name"})


async def save_company(
    database: Database, operator_id: int, changes: Mapping[str, str | int | None], *, asked_by: Viewer, now: datetime
) -> None:
    """Change company data (see COMPANY); the caller has checked their formats. Raises Unknown, NotAllowed, Invalid."""
    async with database.begin() as tx:
        before = await lock_operator(tx, operator_id, asked_by)
        country_id = changes.get("country_id")
        await must_know_country(tx, country_id if isinstance(country_id, int) else None)
        await update_row(tx, "operator", operator_id, changes, allowed=COMPANY)
        detail = {"what": "company", **audit.changed(before, changes)}
        await audit.note(tx, asked_by, "edit", "operator", operator_id, now=now, detail=detail)


async def save_theme(
    database: Database,
    operator_id: int,
    *,
    colour: str | None,
    logo: Logo | None,
    drop_logo: bool,
    asked_by: Viewer,
    now: datetime,
) -> None:
    """Change colour and logo; no logo keeps the one there is unless it is to go. Raises Unknown, NotAllowed."""
    changes: dict[str, object] = {"colour": colour}
    if logo is not None:
        # Its name is of its bytes and owner, so browsers may keep it, and two operators may share a picture.
        name = sha256(operator_id.to_bytes(8, "big") + logo.content).hexdigest()[:32]
        changes |= {"logo": logo.content, "logo_type": logo.type, "logo_name": name}
    elif drop_logo:
        changes |= {"logo": None, "logo_type": None, "logo_name": None}
    async with database.begin() as tx:
        before = await lock_operator(tx, operator_id, asked_by)
        await update_row(tx, "operator", operator_id, changes, allowed=THEME)
        detail = {"what": "theme", **audit.changed(before, changes)}
        await audit.note(tx, asked_by, "edit", "operator", operator_id, now=now, detail=detail)
