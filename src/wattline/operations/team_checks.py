"""What must be true of teams, countries and owners before something is done with them."""

from asyncpg import Record

from wattline.database.connection import Transaction
from wattline.domain.access import Viewer
from wattline.domain.refusals import Invalid, Unknown


async def lock_team(tx: Transaction, team_id: int, *, asked_by: Viewer) -> Record:
    """Read a team for changing. Raises Unknown for somebody else's."""
    row = await tx.fetchrow("select * from team where id = $1 and deleted_at is null for update", team_id)
    if row is None or not asked_by.sees(row["operator_id"], team_id):
        raise Unknown("team", team_id)
    return row


async def must_know_team(tx: Transaction, team_id: int, *, asked_by: Viewer) -> int:
    """Return the operator of a team that new things may belong to; raises Unknown for somebody else's."""
    operator_id: int | None = await tx.fetchval(
        "select operator_id from team where id = $1 and deleted_at is null for share", team_id
    )
    if operator_id is None or not asked_by.sees(operator_id, team_id):
        raise Unknown("team", team_id)
    return operator_id


async def must_know_country(tx: Transaction, country_id: int | None) -> None:
    """Raise Invalid when a country id is not one of our reference data."""
    if country_id is not None and not await tx.fetchval(
        "select exists (select from country where id = $1)", country_id
    ):
        raise Invalid("countryId", f"{country_id} is not a country. GET /countries lists them.")


async def must_know_owner(tx: Transaction, user_id: int | None, operator_id: int) -> None:
    """Raise Unknown when a team's owner is nobody of its operator."""
    if user_id is not None and not await tx.fetchval(
        "select exists (select from users where id = $1 and operator_id = $2)", user_id, operator_id
    ):
        raise Unknown("user", user_id)


async def must_be_billable(
    tx: Transaction, payment_method: str, *, vat_number: str | None, finance_email: str | None
) -> None:
    """Raise Invalid when a team wants invoices that could not be sent."""
    if payment_method == "invoice" and not (vat_number and finance_email):
        raise Invalid("paymentMethod", "invoice needs a vatNumber and a financeEmail.")
