"""Makes the demo in an empty database, with the same verbs that people and programs use."""

import secrets
from datetime import datetime

from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.main.api_keys import create_key
from wattline.main.demo.history import write_history
from wattline.main.demo.paper import ApiKey, ConnectorEntry, DemoPaper, Login, Team
from wattline.main.demo.plan import (
    BOXES,
    CHARGE_KEYS,
    DRIVERS,
    KEY_NAMES,
    OPERATOR,
    OPERATOR_IDENTIFIER,
    SITES,
    TEAMS,
    DemoBox,
    connector_names,
)
from wattline.main.demo.prices import put_up_prices
from wattline.operations.api_keys import NewApiKey
from wattline.operations.boxes import CreatedBox, NewBox, create_boxes
from wattline.operations.charge_keys import NewChargeKey, add_charge_key
from wattline.operations.charge_points import NewConnector
from wattline.operations.operators import create_operator, viewer_of_operator
from wattline.operations.secrets import BOX_PASSWORD_BYTES, box_password
from wattline.operations.single_sign_on import set_sign_up
from wattline.operations.sites import NewSite, create_site
from wattline.operations.teams import NewTeam, create_team
from wattline.operations.users import NewUser, create_user
from wattline.settings import Settings

ASKER = "demo"
RATE_LIMIT = 100_000


async def make_demo(database: Database, settings: Settings, *, now: datetime) -> DemoPaper:
    """Fill an empty database and return everything one needs to use it."""
    operator_id = await create_operator(database, OPERATOR, identifier=OPERATOR_IDENTIFIER, now=now)
    viewer = await viewer_of_operator(database, operator_id, name=ASKER)
    await set_sign_up(database, operator_id, is_open=True, terms_url=None, asked_by=viewer, now=now)
    teams = [await _make_team(database, name, viewer, now) for name in TEAMS]
    boxes = await _make_boxes(database, settings, teams, viewer, now)
    await put_up_prices(database, teams, viewer, now=now)
    for identifier, name in zip(CHARGE_KEYS, KEY_NAMES, strict=True):
        new = NewChargeKey(team_id=teams[DRIVERS].id, type="rfid", identifier=identifier, name=name)
        await add_charge_key(database, new, asked_by=viewer, now=now)
    key = NewApiKey(name="Demo", scopes=["all:delete"], rate_limit=RATE_LIMIT)
    credentials = await create_key(database, settings, key, operator=OPERATOR, now=now)
    paper = DemoPaper(
        portal=await _make_login(database, "manager@wattline.example", "Operations manager", "Admin", viewer, now),
        driver=await _make_login(database, "driver@wattline.example", "Demo driver", "Driver", viewer, now),
        api=ApiKey(client_id=str(credentials["clientId"]), client_secret=str(credentials["clientSecret"])),
        charge_points=[entry for box in boxes for entry in _entries(*box)],
        charge_keys=list(CHARGE_KEYS),
        teams=teams,
    )
    emulated = [created.id for plan, created in boxes if plan.emulated]
    await write_history(database, emulated, payer_team_id=teams[DRIVERS].id, now=now)
    return paper


async def _make_team(database: Database, name: str, viewer: Viewer, now: datetime) -> Team:
    new = NewTeam(name=name, contact_email="team@wattline.example")
    join_code = secrets.token_hex(4).upper()
    return Team(id=await create_team(database, new, asked_by=viewer, join_code=join_code, now=now), name=name)


async def _make_login(database: Database, email: str, name: str, role: str, viewer: Viewer, now: datetime) -> Login:
    login = Login(email=email, password=secrets.token_urlsafe(9))
    new = NewUser(operator_id=viewer.operator_id, email=email, display_name=name, role=role)
    await create_user(database, new, password=login.password, now=now)
    return login


async def _make_boxes(
    database: Database, settings: Settings, teams: list[Team], viewer: Viewer, now: datetime
) -> list[tuple[DemoBox, CreatedBox]]:
    sites = [
        await create_site(
            database,
            NewSite(
                team_id=teams[site.team].id,
                name=site.name,
                address=site.address,
                visibility="public",
                latitude=site.latitude,
                longitude=site.longitude,
                time_zone=site.time_zone,
            ),
            asked_by=viewer,
            now=now,
        )
        for site in SITES
    ]
    new = [_new_box(box, team_id=teams[SITES[box.site].team].id, site_id=sites[box.site]) for box in BOXES]
    made = await create_boxes(database, new, pepper=settings.pepper, asked_by=viewer, now=now)
    return list(zip(BOXES, made, strict=True))


def _new_box(box: DemoBox, *, team_id: int, site_id: int) -> NewBox:
    return NewBox(
        identity=box.identity,
        password=box_password(secrets.token_bytes(BOX_PASSWORD_BYTES)),
        model_id=box.model_id,
        emulated=box.emulated,
        connectors=[
            NewConnector(
                team_id=team_id,
                name=name,
                site_id=site_id,
                model_id=box.model_id,
                max_power_w=box.power_w_max,
                visibility="public",
            )
            for name in connector_names(box)
        ],
    )


def _entries(plan: DemoBox, box: CreatedBox) -> list[ConnectorEntry]:
    return [
        ConnectorEntry(
            id=connector_id,
            identity=box.identity,
            password=box.password,
            connector_id=number,
            emulated=plan.emulated,
        )
        for number, connector_id in enumerate(box.connector_ids, start=1)
    ]
