"""What a box tells of itself: its start, its make, its settings, its firmware and its security."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wattline.database import outbox
from wattline.database.connection import Database, Transaction
from wattline.domain.log_lines import LogKind, LogLine
from wattline.domain.redaction import HIDDEN, is_secret
from wattline.operations import logs


@dataclass(frozen=True, slots=True, kw_only=True)
class Boot:
    """A BootNotification in our words; what the box left out is None and forgotten."""

    charge_point_id: int
    vendor: str
    model: str
    serial_number: str | None
    firmware_version: str | None
    iccid: str | None
    imsi: str | None
    meter_type: str | None
    meter_serial: str | None
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Something a box tells that belongs in its log, under its OCPP name."""

    charge_point_id: int
    kind: str
    detail: Mapping[str, object]
    told_at: datetime | None = None
    connector_number: int | None = None
    message_id: str | None = None


# Boxes are locked in the order of their ids, as connections.py does.
BOOT = """
with box as (select id from charge_point where id = any($1) order by id for no key update)
update charge_point set vendor = told.vendor, model = told.model, serial_number = told.serial_number,
  firmware_version = told.firmware_version, iccid = told.iccid, imsi = told.imsi, meter_type = told.meter_type,
  meter_serial = told.meter_serial, booted_at = $10, last_heard_at = $10, boot_status = 'Accepted', updated_at = $10,
  model_id = coalesce(charge_point.model_id, (select model.id from model
    where model.ocpp_vendor = told.vendor and model.ocpp_model = told.model order by model.id limit 1))
from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[])
  as told (charge_point_id, vendor, model, serial_number, firmware_version, iccid, imsi, meter_type, meter_serial)
  join box on box.id = told.charge_point_id
where charge_point.id = told.charge_point_id
returning charge_point.id, charge_point.operator_id
"""

STORE_KEYS = """
insert into configuration_key (charge_point_id, key, value, readonly, read_at)
select $1, told.key, told.value, told.readonly, $5
from unnest($2::text[], $3::text[], $4::bool[]) as told (key, value, readonly)
on conflict (charge_point_id, key) do update
set value = excluded.value, readonly = excluded.readonly, read_at = excluded.read_at
"""


async def boot_charge_points(database: Database, boots: Sequence[Boot], *, now: datetime) -> None:
    """Note that boxes started, and what they are. Each box at most once."""
    async with database.begin() as tx:
        columns = zip(*((each.charge_point_id, *_told(each)) for each in boots), strict=True)
        rows = await tx.fetch(BOOT, *(list(column) for column in columns), now)
        operator_of = {row["id"]: row["operator_id"] for row in rows}
        lines = [
            LogLine(
                operator_id=operator_of[each.charge_point_id],
                charge_point_id=each.charge_point_id,
                kind=LogKind.BOOT_NOTIFICATION,
                at=now,
                detail={"vendor": each.vendor, "model": each.model, "firmware": each.firmware_version},
                message_id=each.message_id,
            )
            for each in boots
            if each.charge_point_id in operator_of
        ]
        await outbox.add(tx, await logs.write(tx, lines), now=now)


async def note_report(database: Database, report: Report, *, now: datetime) -> None:
    """Put what a box tells into its log; the last firmware and diagnostics status are kept with the box as well."""
    async with database.begin() as tx:
        await _keep_progress(tx, report)
        await _log(tx, report, now)


async def note_security_event(
    database: Database, report: Report, *, type: str, at: datetime, tech_info: str | None, now: datetime
) -> None:
    """Keep a SecurityEventNotification (OCPP 1.6 security whitepaper, use case A04)."""
    async with database.begin() as tx:
        await tx.execute(
            "insert into security_event (charge_point_id, at, received_at, type, tech_info) "
            "values ($1, $2, $3, $4, $5)",
            report.charge_point_id, at, now, type, tech_info,
        )  # fmt: skip
        await _log(tx, report, now)


async def note_signing_request(database: Database, report: Report, *, csr: str, now: datetime) -> None:
    """Keep a certificate signing request (A02); somebody signs it later and sends CertificateSigned."""
    async with database.begin() as tx:
        await tx.execute(
            "insert into signing_request (charge_point_id, received_at, csr) values ($1, $2, $3)",
            report.charge_point_id, now, csr,
        )  # fmt: skip
        await _log(tx, report, now)


async def store_configuration(
    tx: Transaction, charge_point_id: int, keys: Sequence[Mapping[str, object]], *, now: datetime
) -> None:
    """Keep the settings a box answered with (GetConfiguration: key, value, readonly)."""
    told = {str(key["key"]): key for key in keys if key.get("key")}
    await tx.execute(
        STORE_KEYS,
        charge_point_id,
        list(told),
        [_shown(key) for key in told.values()],
        [bool(key.get("readonly")) for key in told.values()],
        now,
    )


def _shown(key: Mapping[str, object]) -> str | None:
    value = key.get("value")
    if value is None:
        return None
    return HIDDEN if is_secret(key["key"]) else str(value)


async def _keep_progress(tx: Transaction, report: Report) -> None:
    column = PROGRESS_COLUMNS.get(report.kind)
    if column is not None:
        await tx.execute(
            f"update charge_point set {column} = $2 where id = $1", report.charge_point_id, report.detail["status"]
        )


PROGRESS_COLUMNS: Mapping[str, str] = {
    "FirmwareStatusNotification": "firmware_status",
    "SignedFirmwareStatusNotification": "firmware_status",
    "DiagnosticsStatusNotification": "diagnostics_status",
    "LogStatusNotification": "diagnostics_status",
}


async def _log(tx: Transaction, report: Report, now: datetime) -> None:
    operator_id = await tx.fetchval("select operator_id from charge_point where id = $1", report.charge_point_id)
    line = LogLine(
        operator_id=operator_id,
        charge_point_id=report.charge_point_id,
        connector_number=report.connector_number,
        kind=report.kind,
        at=now,
        told_at=report.told_at,
        detail=report.detail,
        message_id=report.message_id,
    )
    await outbox.add(tx, await logs.write(tx, [line]), now=now)


def _told(boot: Boot) -> tuple[str | None, ...]:
    return (
        boot.vendor, boot.model, boot.serial_number, boot.firmware_version, boot.iccid, boot.imsi, boot.meter_type,
        boot.meter_serial,
    )  # fmt: skip
