"""`wattline charge-points create`: boxes with their connectors, one or thousands."""

import os
import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from wattline.database.connection import Database
from wattline.domain.refusals import Invalid
from wattline.main.defaults import team_for_commands, viewer_for_commands
from wattline.main.options import Data, Json, with_database
from wattline.main.output import show_rows
from wattline.operations.boxes import NewBox, create_boxes
from wattline.operations.charge_points import NewConnector
from wattline.operations.secrets import BOX_PASSWORD_BYTES, box_password
from wattline.settings import Settings

app = App(name="charge-points", help="Create charge points.")

# One transaction makes this many boxes: quick, and short enough not to hold back others.
BOXES_PER_STEP = 500


@app.command
def create(
    *,
    identity: Annotated[str | None, Parameter(help="OCPP identity of one charge point.")] = None,
    count: Annotated[int, Parameter(help="How many to make; their identities are PREFIX00001 and on.")] = 1,
    prefix: Annotated[str, Parameter(help="Beginning of the identities made with --count.")] = "CP",
    connectors: Annotated[int, Parameter(help="Connectors of each.")] = 1,
    team: Annotated[str | None, Parameter(help="Name or id of the team that owns them.")] = None,
    operator: Annotated[str | None, Parameter(help="Name or identifier of the operator.")] = None,
    auth_file: Annotated[
        Path | None, Parameter(help="Write identity:password lines here, readable by you only.")
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Create charge points with random passwords, ready to connect."""
    if count < 1 or connectors < 1:
        raise Invalid("count" if count < 1 else "connectors", "must be at least 1.")
    identities = [identity] if identity is not None else [f"{prefix}{number:05d}" for number in range(1, count + 1)]

    async def deed(database: Database, settings: Settings) -> list[dict[str, object]]:
        now = datetime.now(UTC)
        viewer = await viewer_for_commands(database, operator, now=now)
        team_id = await team_for_commands(database, team, asked_by=viewer, now=now)
        made: list[dict[str, object]] = []
        for start in range(0, len(identities), BOXES_PER_STEP):
            boxes = [new_box(name, connectors, team_id) for name in identities[start : start + BOXES_PER_STEP]]
            created = await create_boxes(database, boxes, pepper=settings.pepper, asked_by=viewer, now=now)
            made += [
                {"identity": box.identity, "password": box.password, "ids": list(box.connector_ids)} for box in created
            ]
            if len(identities) > BOXES_PER_STEP:
                sys.stderr.write(f"{len(made)} of {len(identities)} charge points created\n")
        return made

    made = with_database(data, deed)
    if auth_file is not None:
        write_secrets(auth_file, [f"{box['identity']}:{box['password']}" for box in made])
    if json or len(made) <= 20 or auth_file is None:
        show_rows(made, as_json=json)
    else:
        print(f"{len(made)} charge points created; identity:password lines are in {auth_file}")


def new_box(identity: str, connectors: int, team_id: int) -> NewBox:
    """Describe a box with `connectors` sockets named after it."""
    names = [identity] if connectors == 1 else [f"{identity} {number}" for number in range(1, connectors + 1)]
    return NewBox(
        identity=identity,
        password=box_password(secrets.token_bytes(BOX_PASSWORD_BYTES)),
        connectors=[NewConnector(team_id=team_id, name=name) for name in names],
    )


def write_secrets(path: Path, lines: Sequence[str]) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        os.fchmod(file.fileno(), 0o600)
        file.writelines(f"{line}\n" for line in lines)
