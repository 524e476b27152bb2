"""A stage for stories about the Partner API: two operators that know nothing of each other, and programs that call."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from litestar import Litestar
from litestar.datastructures import State

from tests.doors.partner_api.description import must_conform
from tests.operations.story import SeededChance
from wattline.database.bus import Bus
from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.charge_record import Charge
from wattline.domain.place import Address
from wattline.operations import charges, reference_data
from wattline.operations.api_keys import NewApiKey, create_api_key
from wattline.operations.boxes import CreatedBox, NewBox, create_box_with_connectors
from wattline.operations.charge_keys import NewChargeKey, add_charge_key
from wattline.operations.charge_points import NewConnector
from wattline.operations.operators import create_operator, viewer_of_operator
from wattline.operations.readings import NewReading, record_readings
from wattline.operations.sites import NewSite, create_site
from wattline.operations.teams import NewTeam, create_team
from wattline.partner_api.app import partner_api_handlers
from wattline.partner_api.errors import answer_exception
from wattline.partner_api.serving import PREFIX
from wattline.partner_api.slashes import keep_slashes
from wattline.settings import Settings, Webhooks

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PEPPER = b"pepper of the tests"
DENMARK, GERMANY = 194, 196
EMULATOR_AC = 1


class Clock:
    """A clock that the story moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def after(self, **length: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**length)
        return self.now


@dataclass(slots=True)
class Tenant:
    """An operator with a team, a site, a box of two sockets and a charge key."""

    viewer: Viewer
    team_id: int
    site_id: int
    box: CreatedBox
    charge_key_id: int

    @property
    def charge_point_id(self) -> int:
        """The first socket, as the API names it."""
        return self.box.connector_ids[0]


class Program:
    """A partner's program: it gets a token with its API key and calls."""

    def __init__(self, app: Any, client_id: str, client_secret: str, api_key_id: int) -> None:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://wattline.test/api/v1")
        self.client_id, self.client_secret, self.api_key_id = client_id, client_secret, api_key_id

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    async def log_in(self) -> httpx.Response:
        """Get a token and send it from now on."""
        body = {"clientId": self.client_id, "clientSecret": self.client_secret}
        answer = await self.http.post("/auth/token", json=body)
        self.http.headers["authorization"] = f"Bearer {answer.json()['accessToken']}"
        return answer

    async def get(self, path: str, status: int = 200, /, **query: Any) -> Any:
        """Ask, and return the JSON of an answer that must have this status."""
        return await self.call("GET", path, status, params=query)

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        """Send JSON, and return that of an answer that must have this status."""
        return await self.call("POST", path, status, **({} if body is None else {"json": body}))

    async def patch(self, path: str, body: Any, status: int = 200) -> Any:
        """Change something."""
        return await self.call("PATCH", path, status, json=body)

    async def put(self, path: str, body: Any, status: int = 200) -> Any:
        """Put something in its place."""
        return await self.call("PUT", path, status, json=body)

    async def delete(self, path: str, status: int = 204) -> Any:
        """Take something away."""
        return await self.call("DELETE", path, status)

    async def call(self, method: str, path: str, status: int, **parts: Any) -> Any:
        """Make a request; its answer must have this status."""
        answer = await self.http.request(method, path, **parts)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        body = answer.json() if answer.content else None
        must_conform(method, path.partition("?")[0], status, body)
        return body


@dataclass(slots=True)
class Stage:
    """Everything a story has at hand."""

    database: Database
    app: Any
    clock: Clock
    chance: SeededChance
    ours: Tenant
    theirs: Tenant
    programs: list[Program] = field(default_factory=list)

    async def program(self, *scopes: str, of: Tenant | None = None, **limits: Any) -> Program:
        """Make an API key, and the program that has it, with a token."""
        tenant = of or self.ours
        client_id, secret = self.chance.uuid(), self.chance.uuid()
        new = NewApiKey(name="Terminal maker", scopes=scopes or ("all:delete",), **limits)
        api_key_id = await create_api_key(
            self.database, new, client_id=client_id, client_secret=secret, pepper=PEPPER, asked_by=tenant.viewer,
            now=self.clock(),
        )  # fmt: skip
        program = Program(self.app, client_id, secret, api_key_id)
        self.programs.append(program)
        await program.log_in()
        return program

    async def in_contact(self, tenant: Tenant) -> None:
        """Let the tenant's box have a socket, as the gateway that accepts it would write it."""
        async with self.database.begin() as tx:
            await tx.execute("insert into gateway values ('gw', $1, $1) on conflict (id) do nothing", self.clock())
            await tx.execute(
                "insert into lease values ($1, 'gw', nextval('lease_epoch'), $2)", tenant.box.id, self.clock()
            )

    async def charge(self, tenant: Tenant, *, socket: int = 1, **wishes: Any) -> Charge:
        """Ask for a charge at a socket of the tenant's box, past the API."""
        request = charges.StartRequest(
            connector_id=tenant.box.connector_ids[socket - 1], paying_team_id=tenant.team_id,
            **{"start_source": "server-api", **wishes},
        )  # fmt: skip
        return await charges.request_charge(
            self.database, request, asked_by=tenant.viewer, chance=self.chance, now=self.clock()
        )

    async def begin(self, tenant: Tenant, charge: Charge, *, meter_wh: int = 10_000) -> int:
        """Let the box open the transaction of a charge; return its id."""
        start = charges.TransactionStart(
            charge_point_id=tenant.box.id, connector_number=charge.connector_number or 1, id_tag=charge.id_tag,
            meter_wh=meter_wh, started_at=self.clock(), received_at=self.clock(),
        )  # fmt: skip
        answer = await charges.begin_charge(self.database, start, chance=self.chance, now=self.clock())
        return answer.ocpp_transaction_id

    async def measure(
        self, tenant: Tenant, transaction_id: int, meter_wh: int, *, socket: int = 1, soc: Decimal | None = None
    ) -> None:
        """Let the box send a reading."""
        reading = NewReading(
            operator_id=tenant.viewer.operator_id, charge_point_id=tenant.box.id, connector_number=socket,
            ocpp_transaction_id=transaction_id, measured_at=self.clock(), received_at=self.clock(),
            context="Sample.Periodic", energy_wh=meter_wh, power_w=11_000, current_a=None, voltage_v=None,
            soc_percent=None if soc is None else float(soc), sampled=[], fingerprint=meter_wh,
        )  # fmt: skip
        await record_readings(self.database, [reading], now=self.clock())

    async def end(self, tenant: Tenant, transaction_id: int, *, meter_wh: int, reason: str = "Remote") -> None:
        """Let the box close a transaction."""
        stop = charges.TransactionStop(
            charge_point_id=tenant.box.id, ocpp_transaction_id=transaction_id, meter_wh=meter_wh,
            stopped_at=self.clock(), received_at=self.clock(), reason=reason,
        )  # fmt: skip
        await charges.end_charge(self.database, stop, now=self.clock())

    async def run(self, sql: str, *values: object) -> None:
        """Change the database past every verb."""
        async with self.database.begin() as tx:
            await tx.execute(sql, *values)


async def set_up(database: Database) -> tuple[Tenant, Tenant]:
    """Make both operators: ours, and another."""
    await reference_data.seed(database, now=NOON)
    ours = await _tenant(database, "Havnelys", "havnelys", "WL-1", NOON, "04A2B3C4")
    return ours, await _tenant(database, "Nabolys", "nabolys", "WL-2", NOON, "04A2B3C5")


def open_doors(database: Database, bus: Bus, data_directory: Path, ours: Tenant, theirs: Tenant) -> Stage:
    """Furnish the app for both operators. There is one at a time: to make it takes as long as many requests."""
    clock, chance = Clock(), SeededChance(11)
    settings = Settings(data_directory=data_directory, pepper=PEPPER, webhooks=Webhooks(allow_loopback=True))
    app = _app()
    app.state = State({"database": database, "bus": bus, "settings": settings, "clock": clock, "chance": chance})
    return Stage(database, app, clock, chance, ours, theirs)


@cache
def _app() -> Litestar:
    app = Litestar(
        partner_api_handlers(),
        exception_handlers={Exception: answer_exception},
        openapi_config=None,
        logging_config=None,
    )
    return keep_slashes(app, under=PREFIX)


async def _tenant(database: Database, name: str, identifier: str, box_identity: str, now: datetime, key: str) -> Tenant:
    operator_id = await create_operator(database, name, identifier=identifier, now=now)
    viewer = await viewer_of_operator(database, operator_id, name="command line")
    team_id = await create_team(
        database, NewTeam(name=f"{name} team", currency="dkk"), asked_by=viewer, join_code=identifier, now=now
    )
    address = Address(address1="Havnegade 1", zip_code="8000", city="Aarhus", country_id=DENMARK)
    site_id = await create_site(
        database, NewSite(team_id=team_id, name=f"{name} harbour", address=address, latitude=56.15, longitude=10.21),
        asked_by=viewer, now=now,
    )  # fmt: skip
    sockets = [
        NewConnector(team_id=team_id, site_id=site_id, name=f"{name} {number}", model_id=EMULATOR_AC)
        for number in (1, 2)
    ]
    box = await create_box_with_connectors(
        database, NewBox(identity=box_identity, password="a" * 40, connectors=sockets, model_id=EMULATOR_AC),
        pepper=PEPPER, asked_by=viewer, now=now,
    )  # fmt: skip
    key_id = await add_charge_key(
        database, NewChargeKey(team_id=team_id, type="rfid", identifier=key), asked_by=viewer, now=now
    )
    return Tenant(viewer, team_id, site_id, box, key_id)


def start_body(tenant: Tenant, **more: Any) -> dict[str, Any]:
    """Write the smallest body that starts a charge."""
    return {"payingTeamId": tenant.team_id, "chargePointId": tenant.charge_point_id, **more}
