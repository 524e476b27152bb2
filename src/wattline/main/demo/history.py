"""Writes the invented week into the tables, marked as made by the demo, straight by COPY: it never happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from asyncpg import Record

from wattline.database.connection import Database, Transaction
from wattline.domain.price_terms import PriceTerms
from wattline.domain.values import ConnectorState
from wattline.main.demo.past import PastCharge, past_charges
from wattline.main.demo.plan import CHARGE_KEYS
from wattline.main.demo.sales import Sold, book_sales, priced, terms_by_connector
from wattline.operations.chance import SystemChance

NOTE = "Made by the demo"
SEED = 8400


@dataclass(frozen=True, slots=True)
class Told:
    """A past charge on its connector, with the numbers it goes by."""

    connector: Record
    charge: PastCharge
    charge_id: int
    transaction_id: int
    ocpp_transaction_id: int
    human_id: str
    tag: str
    meter_start_wh: int


async def write_history(
    database: Database, charge_point_ids: Sequence[int], *, payer_team_id: int, now: datetime
) -> int:
    """Write a week of charges for every connector of these boxes, paid by a team; return how many."""
    async with database.begin() as tx:
        connectors = await tx.fetch(
            """select c.*, t.currency from connector c join team t on t.id = c.team_id
               where c.charge_point_id = any($1) order by c.id""",
            list(charge_point_ids),
        )
        told = await _tell(tx, connectors, now)
        terms = await terms_by_connector(tx, [row["id"] for row in connectors], payer_team_id, now=now)
        sold = [_sold(each, terms[each.connector["id"]]) for each in told]
        await _copy(
            tx, "charge", [_charge_row(each, sale, payer_team_id) for each, sale in zip(told, sold, strict=True)]
        )
        await _copy(tx, "transaction", [_transaction_row(each) for each in told])
        await _copy(tx, "charge_move", [row for each in told for row in _move_rows(each)])
        await _copy(tx, "reading", [row for each in told for row in _reading_rows(each)])
        await _copy(tx, "connector_state", [row for each in told for row in _state_rows(each)])
        await book_sales(tx, sold, payer_team_id, now=now)
        await tx.execute(
            "insert into rollup_mark (name, done_until) values ('power', $1) on conflict do nothing",
            # The line under a page's head shows a day.
            now - timedelta(hours=25),
        )
    return len(told)


async def _tell(tx: Transaction, connectors: Sequence[Record], now: datetime) -> list[Told]:
    random, chance = Random(SEED), SystemChance()  # noqa: S311 - an invented past, not a secret
    charges = []
    for connector in connectors:
        meter_wh = random.randrange(1_000_000, 9_000_000)
        dc = connector["current_kind"] == "dc"
        for charge in past_charges(random, power_w_max=connector["max_power_w"], dc=dc, now=now):
            charges.append((connector, charge, meter_wh))
            meter_wh += charge.energy_wh
    charges.sort(key=lambda each: each[1].started_at)
    ids = await _take_ids(tx, "charge", len(charges)), await _take_ids(tx, "transaction", len(charges))
    return [
        Told(
            connector,
            charge,
            charge_id,
            transaction_id,
            chance.transaction_id(),
            chance.human_id(),
            random.choice(CHARGE_KEYS),
            meter_wh,
        )
        for (connector, charge, meter_wh), charge_id, transaction_id in zip(charges, *ids, strict=True)
    ]


async def _take_ids(tx: Transaction, table: str, count: int) -> list[int]:
    rows = await tx.fetch(
        "select nextval(pg_get_serial_sequence($1, 'id')) as id from generate_series(1, $2)", table, count
    )
    return sorted(row["id"] for row in rows)


async def _copy(tx: Transaction, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = list(rows[0])
    await tx.copy_records_to_table(table, records=[tuple(row.values()) for row in rows], columns=columns)


def _sold(told: Told, terms: PriceTerms) -> Sold:
    return Sold(
        charge_id=told.charge_id,
        team_id=told.connector["team_id"],
        operator_id=told.connector["operator_id"],
        past=told.charge,
        terms=terms,
        priced=priced(told.charge, terms),
    )


def _charge_row(told: Told, sold: Sold, payer_team_id: int) -> dict[str, Any]:
    connector, charge = told.connector, told.charge
    stop_wh = told.meter_start_wh + charge.energy_wh
    last = charge.curve[-1]
    return {
        "id": told.charge_id,
        "operator_id": connector["operator_id"],
        "team_id": connector["team_id"],
        "site_id": connector["site_id"],
        "connector_id": connector["id"],
        "charge_point_id": connector["charge_point_id"],
        "connector_number": connector["number"],
        "human_readable_id": told.human_id,
        "state": "completed",
        "type": "operator",
        "start_source": "cpi-auth-token",
        "paying_team_id": payer_team_id,
        "paying_operator_id": connector["operator_id"],
        "auth_type": "rfid",
        "auth_id": told.tag,
        "id_tag": told.tag,
        "transaction_id": told.transaction_id,
        "ocpp_transaction_id": told.ocpp_transaction_id,
        "currency": connector["currency"],
        "price_group_id": sold.terms.price_group_id,
        "price_minor": sold.priced.total_minor,
        "note": NOTE,
        "created_at": charge.started_at,
        "updated_at": charge.released_at,
        "cable_plugged_in_at": charge.started_at,
        "started_at": charge.started_at,
        "stopped_at": charge.stopped_at,
        "fully_charged_at": charge.stopped_at if charge.full else None,
        "released_at": charge.released_at,
        "completed_at": charge.released_at,
        "last_sign_at": charge.stopped_at,
        "meter_start_wh": told.meter_start_wh,
        "meter_last_wh": stop_wh,
        "meter_stop_wh": stop_wh,
        "energy_wh": charge.energy_wh,
        "soc_percent": last.soc_percent,
        "reading_at": last.at,
        "stop_reason": "StoppedByUser",
    }


def _transaction_row(told: Told) -> dict[str, Any]:
    charge = told.charge
    return {
        "id": told.transaction_id,
        "operator_id": told.connector["operator_id"],
        "charge_point_id": told.connector["charge_point_id"],
        "connector_number": told.connector["number"],
        "ocpp_transaction_id": told.ocpp_transaction_id,
        "id_tag": told.tag,
        "charge_id": told.charge_id,
        "accepted": True,
        "meter_start_wh": told.meter_start_wh,
        "started_at": charge.started_at,
        "start_received_at": charge.started_at,
        "stopped_at": charge.stopped_at,
        "stop_received_at": charge.stopped_at,
        "meter_stop_wh": told.meter_start_wh + charge.energy_wh,
        "stop_reason": "Local",
    }


def _move_rows(told: Told) -> list[dict[str, Any]]:
    charge = told.charge
    steps = [
        (charge.started_at, None, "charging", "Began"),
        (charge.stopped_at, "charging", "stopped", "Stopped"),
        (charge.released_at, "stopped", "completed", "Closed"),
    ]
    return [
        {"charge_id": told.charge_id, "at": at, "from_state": before, "to_state": after, "cause": cause}
        for at, before, after, cause in steps
    ]


def _reading_rows(told: Told) -> list[dict[str, Any]]:
    return [
        {
            "operator_id": told.connector["operator_id"],
            "charge_point_id": told.connector["charge_point_id"],
            "connector_number": told.connector["number"],
            "measured_at": point.at,
            "received_at": point.at,
            "ocpp_transaction_id": told.ocpp_transaction_id,
            "charge_id": told.charge_id,
            "context": "Sample.Periodic",
            "energy_wh": told.meter_start_wh + point.energy_wh,
            "power_w": point.power_w,
            "soc_percent": point.soc_percent,
            "sampled": [],
            "fingerprint": place,
        }
        for place, point in enumerate(told.charge.curve)
    ]


def _state_rows(told: Told) -> list[dict[str, Any]]:
    charge = told.charge
    states = [
        (charge.started_at, ConnectorState.BUSY_CHARGING, "Charging"),
        (charge.stopped_at, ConnectorState.BUSY_NON_RELEASED, "Finishing"),
        (charge.released_at, ConnectorState.AVAILABLE, "Available"),
    ]
    return [
        {
            "operator_id": told.connector["operator_id"],
            "connector_id": told.connector["id"],
            "at": at,
            "state": state,
            "ocpp_status": status,
        }
        for at, state, status in states
    ]
