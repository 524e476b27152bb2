"""A register that counts kWh and says Wh (T8): found out while the charge runs, so that its energy does not leap at the
end, and its limits hold."""

from dataclasses import replace
from datetime import datetime

from wattline.database.connection import Database
from wattline.domain.charge import RUNNING
from wattline.domain.meter import power_limit_w
from wattline.domain.meter_review import Oddity, Reading, review
from wattline.operations import charge_store
from wattline.operations.deviations import Deviations, note_deviations

UNIT_MISLABELLED = "unit-mislabelled"


async def correct_unit(database: Database, charge_id: int, *, now: datetime) -> None:
    """Look at all readings of a running charge, and read its register as kWh if its power says so."""
    async with database.begin() as tx:
        charge = await charge_store.lock(tx, charge_id)
        if charge.state not in RUNNING or charge.started_at is None or charge.reading_at is None:
            return
        connector = await tx.fetchrow(CONNECTOR, charge.connector_id)
        assert connector is not None
        reviewed = review(
            started_at=charge.started_at,
            start_wh=await tx.fetchval(OPENING, charge_id),
            readings=[Reading(*row) for row in await tx.fetch(READINGS, charge_id)],
            stop=Reading(charge.reading_at, None),
            power_limit=power_limit_w(**connector),
        )
        meter = reviewed.meter
        if Oddity.REGISTER_IN_KWH not in reviewed.oddities or meter.energy_wh < charge.energy_wh:
            return
        corrected = replace(
            charge, energy_wh=meter.energy_wh, meter_start_wh=meter.start_wh, meter_last_wh=meter.last_wh,
            meter_last_at=meter.last_at, meter_doubt_wh=None, meter_doubt_at=None,
        )  # fmt: skip
        await charge_store.save(tx, charge, corrected)
    if charge.charge_point_id is not None:
        sample = f"{charge.energy_wh} Wh"
        noted = Deviations(charge.charge_point_id, UNIT_MISLABELLED, "meterValue", sample, 1, now, now)
        await note_deviations(database, [noted])


CONNECTOR = "select current_kind, max_power_w from connector where id = $1"

# The charge's register at its beginning, as its first transaction told it.
OPENING = "select meter_start_wh from transaction where charge_id = $1 order by id limit 1"

READINGS = "select measured_at, energy_wh, power_w from reading where charge_id = $1"
