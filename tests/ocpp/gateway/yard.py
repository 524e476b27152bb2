"""A yard for gateway stories: an operator with boxes in a database, and a gateway they can call."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg

from tests.ocpp.gateway.charge_point import ChargePoint
from tests.waiting import eventually
from wattline.database.bus import Bus
from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.identity import identity_key
from wattline.ocpp.gateway import Gateway
from wattline.operations.secrets import box_password_hmac
from wattline.settings import Settings

PEPPER = b"pepper of the tests"
PASSWORD = "6f70656e20736573616d65206f70656e20736573"
CREATED = datetime(2026, 1, 1, tzinfo=UTC)
OPERATOR = 1
TEAM = 1
KEY = "04A2B3C4"


@dataclass
class Yard:
    """What a story has at hand."""

    database: Database
    bus: Bus
    settings: Settings
    gateway: Gateway
    viewer: Viewer = field(
        default_factory=lambda: Viewer(name="Operations manager", operator_id=OPERATOR, operator_ids=(OPERATOR,))
    )

    def box(self, identity: str, password: str | None = PASSWORD, **options: Any) -> ChargePoint:
        """Return a charge point that can dial this gateway."""
        return ChargePoint(self.gateway.port, identity, password, **options)

    async def rows(self, sql: str, *values: object) -> Sequence[asyncpg.Record]:
        """Ask the database."""
        async with self.database.read() as connection:
            return await connection.fetch(sql, *values)

    async def value(self, sql: str, *values: object) -> Any:
        """Ask the database for one value."""
        async with self.database.read() as connection:
            return await connection.fetchval(sql, *values)

    async def run(self, sql: str, *values: object) -> None:
        """Change the database."""
        async with self.database.begin() as tx:
            await tx.execute(sql, *values)

    async def add_box(
        self,
        identity: str,
        *,
        connectors: int = 1,
        password: bytes | None = PASSWORD.encode(),
        booted: bool = False,
        **columns: object,
    ) -> int:
        """Register a box with its connectors; return its id."""
        hmac = None if password is None else box_password_hmac(password, self.settings.pepper)
        async with self.database.begin() as tx:
            box_id: int = await tx.fetchval(
                "insert into charge_point (operator_id, team_id, identity, identity_key, password_hmac, booted_at, "
                "created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $7) returning id",
                OPERATOR, TEAM, identity, identity_key(identity), hmac, CREATED if booted else None, CREATED,
            )  # fmt: skip
            for column, value in columns.items():
                await tx.execute(f"update charge_point set {column} = $2 where id = $1", box_id, value)
            for number in range(1, connectors + 1):
                await _add_connector(tx, box_id, identity, number)
        return box_id

    async def connector_of(self, box_id: int, number: int = 1) -> int:
        """Return the id of a box's connector."""
        connector_id: int = await self.value(
            "select id from connector where charge_point_id = $1 and number = $2", box_id, number
        )
        return connector_id

    async def deviations(self, box_id: int) -> set[str]:
        """Return the codes noted for a box so far."""
        await self.gateway.deviations.flush()
        rows = await self.rows("select code from deviation where charge_point_id = $1", box_id)
        return {row["code"] for row in rows}

    async def until_noted(self, box_id: int, code: str) -> None:
        """Wait until a deviation of a box is noted."""

        async def is_noted() -> bool:
            return code in await self.deviations(box_id)

        await eventually(is_noted)

    async def log_kinds(self, box_id: int) -> list[str]:
        """Return the kinds of a box's log lines, oldest first."""
        rows = await self.rows("select kind from log_line where charge_point_id = $1 order by id", box_id)
        return [row["kind"] for row in rows]

    async def frames(self, box_id: int) -> list[tuple[bool, str | None]]:
        """Return direction and action of a box's recorded frames, oldest first."""
        await self.gateway.recorder.flush()
        rows = await self.rows("select inbound, action from frame where charge_point_id = $1 order by at", box_id)
        return [(row["inbound"], row["action"]) for row in rows]


async def _add_connector(tx: Any, box_id: int, identity: str, number: int) -> None:
    connector_id = await tx.fetchval(
        "insert into connector (operator_id, team_id, charge_point_id, number, name, evse_id, max_power_w, "
        "current_kind, active_at, created_at, updated_at) "
        "values ($1, $2, $3, $4, $5, $6, 22000, 'ac', $7, $7, $7) returning id",
        OPERATOR, TEAM, box_id, number, f"{identity} {number}", f"DK*TST*E{box_id}*{number}", CREATED,
    )  # fmt: skip
    await tx.execute(
        "insert into connector_live (connector_id, operator_id, state, state_since, updated_at) "
        "values ($1, $2, 'disconnected', $3, $3)",
        connector_id, OPERATOR, CREATED,
    )  # fmt: skip


async def furnish(database: Database) -> None:
    """Make the operator, its team and a charge key."""
    async with database.begin() as tx:
        await tx.execute(
            "insert into operator (id, name, identifier, created_at) values ($1, 'Default', 'default', $2)",
            OPERATOR, CREATED,
        )  # fmt: skip
        await tx.execute(
            "insert into team (id, operator_id, name, type, join_code, created_at, updated_at) "
            "values ($1, $2, 'Default', 'operator', 'AAAA', $3, $3)",
            TEAM, OPERATOR, CREATED,
        )  # fmt: skip
        await tx.execute(
            "insert into charge_key (operator_id, team_id, type, identifier, identifier_key, created_at, updated_at) "
            "values ($1, $2, 'rfid', $3, $3, $4, $4)",
            OPERATOR, TEAM, KEY, CREATED,
        )  # fmt: skip


def basic(credentials: bytes, scheme: str = "Basic") -> dict[str, str]:
    """Return an Authorization header with these raw credentials."""
    return {"Authorization": f"{scheme} {base64.b64encode(credentials).decode()}"}
