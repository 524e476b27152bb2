"""Models, kinds of plug and EVSE ids of charge points."""

from collections.abc import Sequence

from asyncpg import Record

from wattline.database.connection import Transaction
from wattline.domain.identity import evse_id
from wattline.domain.refusals import Invalid, Unknown

# Used in EVSE ids while a charge point has no site that says in which country it stands.
COUNTRY_WITHOUT_SITE = "DK"


async def model_of(tx: Transaction, model_id: int | None) -> Record | None:
    """Read a model, None when none is named. Raises Unknown."""
    if model_id is None:
        return None
    row = await tx.fetchrow("select * from model where id = $1", model_id)
    if row is None:
        raise Unknown("charge point model", model_id)
    return row


def types_of(model: Record | None) -> list[int]:
    """List the kinds of plug a model has."""
    return [] if model is None else list(model["connector_types"])


async def known_types(tx: Transaction, wanted: Sequence[int]) -> list[int]:
    """Return the kinds of plug, once all are known. Raises Invalid."""
    known = await tx.fetchval("select array_agg(id) from connector_type where id = any($1)", list(wanted)) or []
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise Invalid("connectorIds", f"{unknown[0]} is not a connector type. GET /charge-point-connectors lists them.")
    return list(wanted)


async def evse_id_of(tx: Transaction, connector_id: int, operator_id: int, site_id: int | None) -> str:
    """Make a charge point's EVSE id, from its operator's short name and the country of its site."""
    country, party = await evse_origin(tx, operator_id, site_id)
    return evse_id(country=country, party=party, number=connector_id)


async def evse_origin(tx: Transaction, operator_id: int, site_id: int | None) -> tuple[str, str]:
    """Return the country and the party that the EVSE ids of an operator's charge points at a site begin with."""
    party = await tx.fetchval("select identifier from operator where id = $1", operator_id)
    country = await tx.fetchval(
        "select c.alpha2_code from site s join country c on c.id = s.country_id where s.id = $1", site_id
    )
    return country or COUNTRY_WITHOUT_SITE, party
