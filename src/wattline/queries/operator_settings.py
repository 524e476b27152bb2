"""Company data and looks of an operator; its logo, which anybody may fetch who knows its name."""

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown


async def operator_settings(connection: Connection, viewer: Viewer, operator_id: int) -> Record:
    """Load an operator's row but for its logo. Raises Unknown for one the viewer does not see as a whole."""
    row = await connection.fetchrow(SETTINGS, operator_id)
    if row is None or operator_id not in viewer.operator_ids or viewer.team_ids is not None:
        raise Unknown("operator", operator_id)
    return row


async def logo_called(connection: Connection, name: str) -> tuple[bytes, str] | None:
    """Return a logo's bytes and media type; None when there is none of this name."""
    row = await connection.fetchrow("select logo, logo_type from operator where logo_name = $1", name)
    return (row["logo"], row["logo_type"]) if row else None


SETTINGS = """
select id, name, company_name, company_registration_number, address1, zip_code, city, country_id, contact_email,
  finance_email, support_email, vat_number, ean_number, purchase_order, colour, logo_name
from operator where id = $1
"""
