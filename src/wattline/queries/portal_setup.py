"""A charge point that is being added: how far it is, and what one may choose for it."""

from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.identity import identity_key
from wattline.domain.naming import name_of_box
from wattline.domain.refusals import Unknown


@dataclass(frozen=True, slots=True)
class Hardware:
    """The box behind it, as far as it has told."""

    id: int
    identity: str
    identity_key: str
    vendor: str | None
    model: str | None
    firmware_version: str | None
    connected: bool
    connected_at: datetime | None
    disconnected_at: datetime | None
    booted_at: datetime | None
    remote_address: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Socket:
    """One connector: its number, and what its box last said of it."""

    number: int
    ocpp_status: str | None
    status_at: datetime | None


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything the steps of adding a charge point show. `id` is that of one of its connectors."""

    id: int
    name: str
    team_id: int
    team: str
    site_id: int | None
    site: str | None
    model_id: int | None
    brand: str | None
    model: str | None
    visibility: str
    show_on_map: bool
    active_at: datetime | None
    hardware: Hardware | None
    sockets: tuple[Socket, ...]


async def setup_of(connection: Connection, viewer: Viewer, connector_id: int) -> Setup:
    """Load a charge point by one of its connectors. Raises Unknown, also for somebody else's."""
    rows = await connection.fetch(CONNECTORS, connector_id, viewer.operator_ids, viewer.team_ids)
    row = next((row for row in rows if row["id"] == connector_id), None)
    if row is None:
        raise Unknown("charge point", connector_id)
    box = await connection.fetchrow("select * from charge_point where id = $1", row["charge_point_id"])
    return Setup(
        **{name: row[name] for name in Setup.__slots__ if name not in ("name", "hardware", "sockets")},
        name=name_of_box([each["name"] for each in rows]),
        hardware=None if box is None else Hardware(**{name: box[name] for name in Hardware.__slots__}),
        sockets=tuple(Socket(each["number"] or 1, each["ocpp_status"], each["status_at"]) for each in rows),
    )


CONNECTORS = """
select k.*, t.name as team, s.name as site, b.name as brand,
  case when b.identifier = 'wattline' then m.name else b.name || ' ' || m.name end as model, l.ocpp_status, l.status_at
from connector k join team t on t.id = k.team_id join connector_live l on l.connector_id = k.id
left join site s on s.id = k.site_id left join model m on m.id = k.model_id left join brand b on b.id = m.brand_id
where k.deleted_at is null and k.operator_id = any($2) and ($3::bigint[] is null or k.team_id = any($3))
  and (k.id = $1 or k.charge_point_id = (select charge_point_id from connector where id = $1))
order by k.number nulls first, k.id
"""


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the catalogue, with its brand in the name. `connectors` are the names of its connector types."""

    id: int
    name: str
    current_kind: str
    max_power_w: int
    connectors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Models:
    """The models that fit a search, as many as are shown, and how many there are."""

    shown: list[Model]
    found: int


async def find_models(connection: Connection, text: str, *, chosen: int | None, limit: int) -> Models:
    """Search brands and models by words; the one that is chosen comes first, whatever was searched for."""
    words = [f"%{word}%" for word in text.replace("\\", "").replace("%", "").replace("_", " ").split()]
    rows = await connection.fetch(MODELS, words, chosen, limit)
    return Models([_model(row) for row in rows], rows[0]["found"] if rows else 0)


MODELS = """
select m.id, case when b.identifier = 'wattline' then m.name else b.name || ' ' || m.name end as name,
  m.current_kind, m.max_power_w,
  array(select t.name from connector_type t where t.id = any(m.connector_types) order by t.id) as connectors,
  count(*) filter (where fits) over () as found
from model m join brand b on b.id = m.brand_id
cross join lateral (select b.name || ' ' || m.name ilike all($1::text[]) as fits) f
where fits or m.id = $2
order by m.id is distinct from $2, b.identifier = 'wattline', b.name, m.name, m.id limit $3
"""


def _model(row: Record) -> Model:
    values = {name: row[name] for name in Model.__slots__ if name != "connectors"}
    return Model(**values, connectors=tuple(row["connectors"]))


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has an identity. `charge_point_id` and `team` are None when the viewer may not know."""

    charge_point_id: int | None
    team: str | None


async def holder_of(connection: Connection, viewer: Viewer, identity: str) -> Holder | None:
    """Find out who has an identity; None when nobody has."""
    row = await connection.fetchrow(
        """select b.id, b.operator_id, b.team_id, t.name from charge_point b join team t on t.id = b.team_id
           where b.identity_key = $1 and b.deleted_at is null""",
        identity_key(identity),
    )
    if row is None:
        return None
    return Holder(row["id"], row["name"]) if viewer.sees(row["operator_id"], row["team_id"]) else Holder(None, None)
