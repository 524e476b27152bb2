"""Hardware: boxes with their identities and passwords, made with all their sockets."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.identity import checked_identity, evse_id, identity_key
from wattline.domain.refusals import AlreadyTaken, Invalid, Unknown
from wattline.operations import audit, box_batch
from wattline.operations.box_batch import Row
from wattline.operations.box_rows import identity_taken, must_know_model
from wattline.operations.charge_points import NewConnector, site_must_fit
from wattline.operations.connector_details import evse_origin, known_types, model_of, types_of
from wattline.operations.secrets import box_password_hmac
from wattline.operations.team_checks import must_know_team


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBox:
    """Hardware with all its sockets: one NewConnector each, numbered from 1. All belong to one team."""

    identity: str
    password: str
    connectors: Sequence[NewConnector] = field(default_factory=tuple)
    model_id: int | None = None
    emulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedBox:
    """What became of a NewBox. `connector_ids` in the order of their numbers."""

    id: int
    identity: str
    password: str
    connector_ids: tuple[int, ...]


async def create_boxes(
    database: Database, boxes: Sequence[NewBox], *, pepper: bytes, asked_by: Viewer, now: datetime
) -> list[CreatedBox]:
    """Make boxes with their charge points, all or none. Raises AlreadyTaken when an identity is in use."""
    async with database.begin() as tx:
        common = _Common(tx, asked_by)
        box_rows = [await common.box_row(box, pepper) for box in boxes]
        ids = await _insert(tx, box_rows, asked_by, now)
        connectors = [
            {"charge_point_id": ids[row["identity_key"]], "identity": row["identity"], "number": number}
            | await common.connector_row(connector)
            for box, row in zip(boxes, box_rows, strict=True)
            for number, connector in enumerate(box.connectors, start=1)
        ]
        await _number(tx, connectors)
        await box_batch.insert_bound_connectors(tx, connectors, asked_by=asked_by, now=now)
        for row in box_rows:
            box_id, detail = ids[row["identity_key"]], {"identity": row["identity"]}
            await audit.note(tx, asked_by, "create", "box", box_id, now=now, detail=detail)
    connector_ids: defaultdict[int, list[int]] = defaultdict(list)
    for connector in connectors:
        connector_ids[connector["charge_point_id"]].append(connector["id"])
    return [
        CreatedBox(
            id=ids[row["identity_key"]],
            identity=row["identity"],
            password=box.password,
            connector_ids=tuple(connector_ids[ids[row["identity_key"]]]),
        )
        for box, row in zip(boxes, box_rows, strict=True)
    ]


async def create_box_with_connectors(
    database: Database, box: NewBox, *, pepper: bytes, asked_by: Viewer, now: datetime
) -> CreatedBox:
    """Make one box with its charge points. Raises AlreadyTaken when the identity is in use."""
    (created,) = await create_boxes(database, [box], pepper=pepper, asked_by=asked_by, now=now)
    return created


async def renew_box_password(
    database: Database, charge_point_id: int, *, password: str, pepper: bytes, asked_by: Viewer, now: datetime
) -> None:
    """Give a box another password, for instance when the first was lost. Its open connection stays."""
    async with database.begin() as tx:
        box = await tx.fetchrow(
            "select * from charge_point where id = $1 and deleted_at is null for update", charge_point_id
        )
        if box is None or not asked_by.sees(box["operator_id"], box["team_id"]):
            raise Unknown("charge point", charge_point_id)
        await tx.execute(
            "update charge_point set password_hmac = $2, updated_at = $3 where id = $1",
            charge_point_id, box_password_hmac(password.encode(), pepper), now,
        )  # fmt: skip
        await audit.note(tx, asked_by, "renew-password", "box", charge_point_id, now=now)


async def _insert(tx: Transaction, rows: Sequence[Row], asked_by: Viewer, now: datetime) -> dict[str, int]:
    keys = [row["identity_key"] for row in rows]
    for taken in await box_batch.taken_identities(tx, keys):
        raise await identity_taken(tx, taken, asked_by)
    ids = await box_batch.insert_boxes(tx, rows, now=now)
    if len(ids) < len(rows):
        raise AlreadyTaken("Two have the same identity, or one was taken a moment ago.")
    return ids


async def _number(tx: Transaction, connectors: Sequence[dict[str, Any]]) -> None:
    for row, connector_id in zip(connectors, await box_batch.connector_ids(tx, len(connectors)), strict=True):
        country, party = row.pop("origin")
        row["id"], row["evse_id"] = connector_id, evse_id(country=country, party=party, number=connector_id)


class _Common:
    """What boxes made together have in common, checked and looked up once."""

    def __init__(self, tx: Transaction, asked_by: Viewer) -> None:
        self._tx = tx
        self._asked_by = asked_by
        self._known: dict[tuple[Any, ...], Any] = {}

    async def box_row(self, box: NewBox, pepper: bytes) -> Row:
        """Check a box and make its row."""
        identity = checked_identity(box.identity, field="identity")
        team_ids = {connector.team_id for connector in box.connectors}
        if len(team_ids) != 1:
            raise Invalid("connectors", "must be at least one, and all of one team.")
        (team_id,) = team_ids
        await self._once(must_know_model, box.model_id)
        return {
            "operator_id": await self._operator_of(team_id),
            "team_id": team_id,
            "identity": identity,
            "identity_key": identity_key(identity),
            "password_hmac": box_password_hmac(box.password.encode(), pepper),
            "model_id": box.model_id,
            "emulated": box.emulated,
        }

    async def connector_row(self, new: NewConnector) -> dict[str, Any]:
        """Check a connector and make its row, all but its number and ids; `origin` is what its EVSE id begins with."""
        operator_id = await self._operator_of(new.team_id)
        if new.site_id is not None:
            await self._once(site_must_fit, new.site_id, operator_id, self._asked_by)
        model = await self._once(model_of, new.model_id)
        wanted = types_of(model) if new.connector_types is None else new.connector_types
        return asdict(new) | {
            "operator_id": operator_id,
            "connector_types": await self._once(known_types, tuple(wanted)),
            "current_kind": new.current_kind or (model and model["current_kind"]),
            "max_power_w": new.max_power_w or (model and model["max_power_w"]),
            "origin": await self._once(evse_origin, operator_id, new.site_id),
        }

    async def _operator_of(self, team_id: int) -> int:
        operator_id: int = await self._once(must_know_team, team_id, asked_by=self._asked_by)
        return operator_id

    async def _once(self, look: Callable[..., Awaitable[Any]], *about: Any, **named: Any) -> Any:
        place = (look, about)
        if place not in self._known:
            self._known[place] = await look(self._tx, *about, **named)
        return self._known[place]
