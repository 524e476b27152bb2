"""What a charge would cost at prices that are not saved yet."""

from typing import Any

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.price import PricedCharge
from wattline.domain.price_choice import ChosenBy
from wattline.domain.price_example import Example, price_example
from wattline.domain.price_group import must_be_possible
from wattline.domain.refusals import Unknown
from wattline.operations.price_freeze import spot_for, written_terms
from wattline.operations.price_groups import PriceGroupDraft


async def example_of(
    connection: Connection, draft: PriceGroupDraft, example: Example, *, asked_by: Viewer
) -> PricedCharge:
    """Price an example at a draft's prices, where its team is at home.

    Raises what saving the draft and starting a charge would raise: Invalid, Unknown, SpotPriceUnknown,
    TariffNotPublished.
    """
    must_be_possible(draft.master, draft.fees)
    home = await connection.fetchrow(HOME, draft.team_id, asked_by.operator_id)
    if home is None or not asked_by.sees(home["operator_id"], draft.team_id or home["id"]):
        raise Unknown("team", draft.team_id)
    rates = await connection.fetchrow(RATES, list(draft.tax_rate_ids), list(asked_by.operator_ids))
    assert rates is not None
    group = _as_row(draft, home) | dict(rates)
    terms = await written_terms(
        connection, home, group, draft.master, draft.fees, chosen_by=ChosenBy.EXPLICIT, now=example.begins_at
    )
    until = example.usage.unplugged_at
    return price_example(terms, example, await spot_for(connection, terms, example.begins_at, until))


def _as_row(draft: PriceGroupDraft, home: Any) -> dict[str, Any]:
    return {
        "id": 0,
        "name": draft.name,
        "type": draft.type,
        "currency": home["currency"],
        "decimals": home["decimals"],
        "spot_series_id": draft.spot_series_id,
        "minimum_minor": draft.minimum_minor,
        "maximum_minor": draft.maximum_minor,
    }


HOME = """
select t.id, t.operator_id, t.type as team_type, t.currency, x.decimals, y.alpha2_code as country,
  y.alpha2_code as seller_country, null::bigint as country_area_id, true as release_detection
from team t left join country y on y.id = t.country_id left join currency x on x.identifier = upper(t.currency)
where t.deleted_at is null and case when $1::bigint is null then t.operator_id = $2 else t.id = $1 end
order by t.id limit 1
"""

RATES = """
select array(select name from tax_rate where id = any($1) and operator_id = any($2) order by id) as tax_names,
  array(select percent from tax_rate where id = any($1) and operator_id = any($2) order by id) as tax_percents
"""
