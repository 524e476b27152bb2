"""What comes with the product: countries, bidding areas, currencies, connector types, brands and models.

The files lie in database/reference/. Ids are ours and stay as they are for ever: partners store them. Two of them,
Denmark's 194 and Germany's 196, are the ones programs written for Monta carry in their code.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from wattline.database.connection import Database, Transaction
from wattline.domain.rounding import as_stored

Rows = Sequence[Mapping[str, Any]]

# The sample is in Danish kroner; near enough for a made-up day, everything else counts as euros.
_SAMPLE_WORTH = {"dkk": Decimal(1), "nok": Decimal("1.55"), "sek": Decimal("1.50")}
UNTRIED = "Nobody has tried this with Wattline and this model yet."


async def seed(database: Database, *, now: datetime) -> None:
    """Bring the reference tables up to what this version ships. Done at every start; the second changes nothing."""
    async with database.begin() as tx:
        await _put(tx, "country", read("countries"))
        await _put(tx, "country_area", read("country_areas"))
        await _put(tx, "currency", read("currencies"))
        await _put(tx, "connector_type", read("connector_types"))
        await _put_dated(tx, "brand", read("brands"), now)
        await _put_dated(tx, "model", with_features(read("models"), read("model_features")), now)


def read(name: str) -> list[dict[str, Any]]:
    """Read one file of database/reference/."""
    text = resources.files("wattline.database").joinpath("reference", f"{name}.json").read_bytes()
    return msgspec.json.decode(text, type=list[dict[str, Any]])


@cache
def currencies() -> frozenset[str]:
    """List the currencies of the world, written small."""
    return frozenset(row["identifier"].lower() for row in read("currencies"))


def sample_day(currency: str) -> list[Decimal]:
    """Return a made-up day of spot prices, one per quarter of an hour, roughly in a currency's money."""
    text = resources.files("wattline.database").joinpath("reference", "spot_sample.json").read_bytes()
    shape = msgspec.json.decode(text, type=list[Decimal])
    worth = _SAMPLE_WORTH.get(currency.lower(), Decimal("0.134"))
    return [as_stored(price * worth) for price in shape]


def with_features(models: Rows, features: Rows) -> list[dict[str, Any]]:
    """Spell out for each model every feature there is, and whether we have seen the model do it.

    What a maker's leaflet says is no feature here: the list of a model that nobody has tried with us is empty.
    """
    return [
        {
            **model,
            "features": [
                {
                    **feature,
                    "requirements": None if model["features"] else UNTRIED,
                    "enabled": feature["key"] in model["features"],
                }
                for feature in features
            ],
        }
        for model in models
    ]


async def _put(tx: Transaction, table: str, rows: Rows) -> None:
    columns = list(rows[0])
    values = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    await tx.executemany(
        f"insert into {table} ({', '.join(columns)}) values ({values}) {_unless_same(table, columns)}",
        [tuple(row.values()) for row in rows],
    )


async def _put_dated(tx: Transaction, table: str, rows: Rows, now: datetime) -> None:
    columns = list(rows[0])
    values = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    date = f"${len(columns) + 1}"
    await tx.executemany(
        f"""insert into {table} ({", ".join(columns)}, created_at, updated_at) values ({values}, {date}, {date})
            {_unless_same(table, columns, also="updated_at = excluded.updated_at")}""",
        [(*row.values(), now) for row in rows],
    )


def _unless_same(table: str, columns: Sequence[str], *, also: str = "") -> str:
    changed = [column for column in columns if column != "id"]
    assignments = [f"{column} = excluded.{column}" for column in changed] + ([also] if also else [])
    before = ", ".join(f"{table}.{column}" for column in changed)
    after = ", ".join(f"excluded.{column}" for column in changed)
    return f"on conflict (id) do update set {', '.join(assignments)} where ({before}) is distinct from ({after})"
