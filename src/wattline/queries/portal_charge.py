"""One charge as its page shows it: figures, moves, and what the charge point was asked about it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.refusals import Unknown


@dataclass(frozen=True, slots=True)
class ChargePage:
    """Everything about a charge but its readings."""

    id: int
    human_readable_id: str
    state: str
    raw_state: str | None
    type: str
    start_source: str
    created_at: datetime
    start_asked_at: datetime | None
    cable_plugged_in_at: datetime | None
    started_at: datetime | None
    stop_asked_at: datetime | None
    stopped_at: datetime | None
    fully_charged_at: datetime | None
    released_at: datetime | None
    failed_at: datetime | None
    completed_at: datetime | None
    reserved_until: datetime | None
    reading_at: datetime | None
    energy_wh: int
    power_w: int | None
    soc_percent: Decimal | None
    meter_start_wh: int | None
    meter_last_wh: int | None
    energy_limit_wh: int | None
    soc_limit_percent: Decimal | None
    failure_code: str | None
    failure_reason: str | None
    stop_reason: str | None
    stopped_by: str | None
    forced_by: str | None
    force_reason: str | None
    forced_at: datetime | None
    correction: dict[str, Any] | None
    ocpp_transaction_id: int | None
    partner_external_id: str | None
    note: str | None
    connector_id: int
    connector_number: int | None
    connector_name: str
    box_id: int | None
    identity: str | None
    connected: bool
    site: str | None
    team: str
    payer: str | None
    key_name: str | None
    key_tail: str | None
    own: bool


async def charge_page(connection: Connection, viewer: Viewer, charge_id: int) -> ChargePage:
    """Load a charge at the viewer's connectors, or paid by the viewer's teams. Raises Unknown for all others.

    `own` is False when only the payer is the viewer's: the charge point is then somebody else's, and so is its log.
    """
    row = await connection.fetchrow(
        """
        select c.*, k.name as connector_name, k.charge_point_id as box_id, b.identity,
          coalesce(b.connected, false) as connected,
          s.name as site, t.name as team, p.name as payer, y.name as key_name, right(y.identifier, 4) as key_tail,
          (c.operator_id = any($2) and ($3::bigint[] is null or c.team_id = any($3))) as own
        from charge c join connector k on k.id = c.connector_id join team t on t.id = c.team_id
        left join charge_point b on b.id = k.charge_point_id left join site s on s.id = c.site_id
        left join team p on p.id = c.paying_team_id left join charge_key y on y.id = c.charge_key_id
        where c.id = $1 and ((c.operator_id = any($2) and ($3::bigint[] is null or c.team_id = any($3)))
          or (c.paying_operator_id = any($2) and ($3::bigint[] is null or c.paying_team_id = any($3))))
        """,
        charge_id, viewer.operator_ids, viewer.team_ids,
    )  # fmt: skip
    if row is None:
        raise Unknown("charge", charge_id)
    return ChargePage(**{name: row[name] for name in ChargePage.__slots__})


@dataclass(frozen=True, slots=True)
class ChargeMove:
    """A move the charge made, and what caused it."""

    at: datetime
    from_state: str | None
    to_state: str
    cause: str
    detail: dict[str, Any] | None


async def moves_of(connection: Connection, charge_id: int) -> list[ChargeMove]:
    """List a charge's moves in order. The caller has checked who may see it."""
    rows = await connection.fetch(
        "select at, from_state, to_state, cause, detail from charge_move where charge_id = $1 order by at, id",
        charge_id,
    )
    return [ChargeMove(**dict(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class ChargeCommand:
    """Something the charge point was asked for the sake of this charge, and what came of it."""

    action: str
    asked_by: str
    created_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    outcome: str | None
    answer: dict[str, Any] | None


async def commands_of(connection: Connection, charge_id: int) -> list[ChargeCommand]:
    """List what a charge point was asked about a charge, in order. The caller has checked who may see it."""
    rows = await connection.fetch(
        """
        select action, asked_by, created_at, sent_at, answered_at, outcome, answer from command where charge_id = $1
        order by id
        """,
        charge_id,
    )
    return [ChargeCommand(**dict(row)) for row in rows]
