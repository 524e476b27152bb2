"""One charge point (a box with its connectors) as its page shows it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown
from wattline.queries.portal_states import STATE_SHOWN


@dataclass(frozen=True, slots=True)
class RunningCharge:
    """The charge that holds a connector now."""

    id: int
    human_readable_id: str
    state: str
    raw_state: str | None
    start_source: str
    created_at: datetime
    started_at: datetime | None
    energy_wh: int
    power_w: int | None
    soc_percent: Decimal | None
    energy_limit_wh: int | None
    soc_limit_percent: Decimal | None
    reserved_until: datetime | None
    reading_at: datetime | None
    key_name: str | None
    key_tail: str | None
    payer: str | None
    partner_external_id: str | None


@dataclass(frozen=True, slots=True)
class Connector:
    """One connector, its state, and the charge on it."""

    id: int
    number: int
    name: str
    types: tuple[str, ...]
    type_names: tuple[str, ...]
    max_power_w: int | None
    state: str
    state_since: datetime | None
    ocpp_status: str | None
    error_code: str | None
    error_info: str | None
    cable_plugged_in: bool
    power_w: int | None
    maintenance_at: datetime | None
    active_at: datetime | None
    visibility: str
    evse_id: str
    charge: RunningCharge | None
    last_ended_at: datetime | None
    last_energy_wh: int | None


@dataclass(frozen=True, slots=True)
class Box:
    """A box: what it is, where it stands, whether we hear it."""

    id: int
    team_id: int
    team: str
    identity: str
    site: str | None
    vendor: str | None
    model: str | None
    serial_number: str | None
    firmware_version: str | None
    firmware_status: str | None
    diagnostics_status: str | None
    iccid: str | None
    meter_serial: str | None
    ocpp_version: str
    connected: bool
    connected_at: datetime | None
    disconnected_at: datetime | None
    last_heard_at: datetime | None
    booted_at: datetime | None
    remote_address: str | None
    record_all_frames: bool
    emulated: bool
    created_at: datetime
    connectors: tuple[Connector, ...]


async def box_page(connection: Connection, viewer: Viewer, charge_point_id: int) -> Box:
    """Load a box with its connectors as they are now. Raises Unknown, also for somebody else's."""
    row = await connection.fetchrow(
        """
        select b.*, t.name as team, (select s.name from connector k join site s on s.id = k.site_id
          where k.charge_point_id = b.id and k.deleted_at is null order by k.number limit 1) as site
        from charge_point b join team t on t.id = b.team_id
        where b.id = $1 and b.deleted_at is null
          and b.operator_id = any($2) and ($3::bigint[] is null or b.team_id = any($3))
        """,
        charge_point_id, viewer.operator_ids, viewer.team_ids,
    )  # fmt: skip
    if row is None:
        raise Unknown("charge point", charge_point_id)
    connectors = tuple(map(_connector, await connection.fetch(CONNECTORS, charge_point_id)))
    return Box(**{name: row[name] for name in Box.__slots__ if name != "connectors"}, connectors=connectors)


CONNECTORS = f"""
select k.id, k.number, k.name, k.max_power_w, k.maintenance_at, k.active_at, k.visibility, k.evse_id,
  {STATE_SHOWN} as state, l.state_since, l.ocpp_status, l.error_code, l.error_info,
  coalesce(l.cable_plugged_in, false) as cable_plugged_in, l.power_w,
  array(select t.identifier from connector_type t where t.id = any(k.connector_types) order by t.id) as types,
  array(select t.name from connector_type t where t.id = any(k.connector_types) order by t.id) as type_names,
  e.stopped_at as last_ended_at, e.energy_wh as last_energy_wh,
  c.id as charge_id, c.human_readable_id as charge_human_readable_id, c.state as charge_state,
  c.raw_state as charge_raw_state, c.start_source as charge_start_source, c.created_at as charge_created_at,
  c.started_at as charge_started_at, c.energy_wh as charge_energy_wh, c.power_w as charge_power_w,
  c.soc_percent as charge_soc_percent, c.energy_limit_wh as charge_energy_limit_wh,
  c.soc_limit_percent as charge_soc_limit_percent, c.reserved_until as charge_reserved_until,
  c.reading_at as charge_reading_at, y.name as charge_key_name, right(y.identifier, 4) as charge_key_tail,
  p.name as charge_payer, c.partner_external_id as charge_partner_external_id
from connector k join charge_point b on b.id = k.charge_point_id
left join connector_live l on l.connector_id = k.id left join charge c on c.id = l.charge_id
left join charge_key y on y.id = c.charge_key_id
left join team p on p.id = c.paying_team_id
left join lateral (select stopped_at, energy_wh from charge where connector_id = k.id and stopped_at is not null
  and failed_at is null order by created_at desc, id desc limit 1) e on true
where k.charge_point_id = $1 and k.deleted_at is null order by k.number
"""


def _connector(row: Any) -> Connector:
    values = {name: row[name] for name in Connector.__slots__ if name not in {"charge", "types", "type_names"}}
    charge = None
    if row["charge_id"] is not None:
        charge = RunningCharge(**{name: row[f"charge_{name}"] for name in RunningCharge.__slots__})
    return Connector(**values, types=tuple(row["types"]), type_names=tuple(row["type_names"]), charge=charge)


@dataclass(frozen=True, slots=True)
class OpenCharge:
    """A charge that is not over, wherever it hangs: what Force stop offers."""

    id: int
    human_readable_id: str
    state: str
    connector_number: int | None
    energy_wh: int
    price_minor: int | None
    currency: str


async def open_charges(connection: Connection, charge_point_id: int) -> list[OpenCharge]:
    """List a box's charges that are not over. The caller has checked who may see it."""
    rows = await connection.fetch(
        """
        select c.id, c.human_readable_id, c.state, c.connector_number, c.energy_wh, c.price_minor, c.currency
        from charge c join connector k on k.id = c.connector_id
        where k.charge_point_id = $1 and c.completed_at is null order by c.connector_number, c.id
        """,
        charge_point_id,
    )
    return [OpenCharge(**dict(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class SeenDeviation:
    """Something this box does otherwise than OCPP says."""

    code: str
    path: str
    sample: str
    seen: int
    first_at: datetime
    last_at: datetime


async def deviations_of(connection: Connection, charge_point_id: int) -> list[SeenDeviation]:
    """List a box's deviations, the newest first. The caller has checked who may see it."""
    rows = await connection.fetch(
        """
        select code, path, sample, seen, first_at, last_at from deviation where charge_point_id = $1
        order by last_at desc
        """,
        charge_point_id,
    )
    return [SeenDeviation(**dict(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as the box told it last."""

    key: str
    value: str | None
    readonly: bool
    read_at: datetime


async def settings_of(connection: Connection, charge_point_id: int) -> list[Setting]:
    """List the settings a box has told. The caller has checked who may see it."""
    rows = await connection.fetch(
        "select key, value, readonly, read_at from configuration_key where charge_point_id = $1 order by lower(key)",
        charge_point_id,
    )
    return [Setting(**dict(row)) for row in rows]
