"""`wattline users`: people who may log in to the Portal, and those who cannot any more."""

import secrets
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter

from wattline.database.connection import Database
from wattline.domain.refusals import Unknown
from wattline.main.defaults import viewer_for_commands
from wattline.main.options import Data, Json, with_database
from wattline.main.output import show_one
from wattline.operations.users import NewUser, create_user, set_password
from wattline.settings import Settings

app = App(name="users", help="Create people who may log in to the Portal, and give them other passwords.")


@app.command
def create(
    email: Annotated[str, Parameter(help="E-mail address, which is the login.")],
    *,
    name: Annotated[str | None, Parameter(help="Shown to others. [default: the e-mail address]")] = None,
    password: Annotated[str | None, Parameter(help="At least 8 characters; a random one is made and shown.")] = None,
    role: Annotated[str, Parameter(help="Admin, OperationsManager, Bookkeeper or SupportAgent.")] = "Admin",
    operator: Annotated[str | None, Parameter(help="Name or identifier of the operator.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Create a person's account for the Portal."""

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        now = datetime.now(UTC)
        chosen = password or secrets.token_urlsafe(12)
        viewer = await viewer_for_commands(database, operator, now=now)
        new = NewUser(operator_id=viewer.operator_id, email=email, display_name=name or email, role=role)
        user_id = await create_user(database, new, password=chosen, now=now)
        return {"id": user_id, "email": email, "password": chosen}

    show_one(with_database(data, deed), as_json=json)


@app.command
def password(
    email: Annotated[str, Parameter(help="E-mail address, which is the login.")],
    *,
    password: Annotated[str | None, Parameter(help="At least 8 characters; a random one is made and shown.")] = None,
    forget_codes: Annotated[bool, Parameter(help="Ask for no code of an app any more.")] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Give somebody another password who can get no letter, and log them out everywhere."""

    async def deed(database: Database, _: Settings) -> dict[str, object]:
        chosen = password or secrets.token_urlsafe(12)
        found = await set_password(database, email, password=chosen, forget_codes=forget_codes, now=datetime.now(UTC))
        if not found:
            raise Unknown("user", email)
        return {"email": email, "password": chosen}

    show_one(with_database(data, deed), as_json=json)
