"""Visitors of the Portal in every role, and the letters they get."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar

from tests.doors.portal_door import Visitor
from tests.doors.portal_story import NOW, Network
from wattline.database.connection import Database
from wattline.domain.roles import OPERATOR_ROLES, Role, Switch
from wattline.operations.users import NewUser, create_user

PASSWORD = "some long password"


@asynccontextmanager
async def logged_in(portal: Litestar, email: str, address: str = "192.0.2.77") -> AsyncIterator[Visitor]:
    """Let somebody log in."""
    visitor = Visitor(portal, address)
    await visitor.log_in(email, PASSWORD)
    yield visitor
    await visitor.http.aclose()


async def account(
    database: Database, email: str, *, operator_id: int, role: str = "Driver", name: str = "Demo driver"
) -> int:
    """Make somebody an account."""
    new = NewUser(operator_id=operator_id, email=email, display_name=name, role=role)
    return await create_user(database, new, password=PASSWORD, now=NOW)


async def somebody_who_is(
    database: Database, network: Network, role: Role, *switches: Switch, email: str | None = None
) -> str:
    """Make somebody with a role at the network's operator or its team; return their e-mail address."""
    email = email or f"{role}-{len(switches)}@havnelys.example".lower()
    if role in OPERATOR_ROLES:
        await account(database, email, operator_id=network.operator_id, role=role)
        return email
    user_id = await account(database, email, operator_id=network.operator_id)
    columns = "".join(f", {switch.column}" for switch in switches)
    values = ", true" * len(switches)
    async with database.begin() as tx:
        if role is not Role.DRIVER:
            await tx.execute(
                f"""insert into member (operator_id, team_id, user_id, email, role, state, accepted_at, created_at,
                      updated_at{columns}) values ($1, $2, $3, $4, $5, 'accepted', $6, $6, $6{values})""",
                network.operator_id, network.team_id, user_id, email,
                "user" if role is Role.TEAM_MEMBER else "admin", NOW,
            )  # fmt: skip
        if role is Role.TEAM_OWNER:
            await tx.execute("update team set owner_user_id = $2 where id = $1", network.team_id, user_id)
    return email


async def link_in_last_letter(database: Database, to: str) -> str:
    """Read the path of the link in the last letter to somebody."""
    async with database.read() as connection:
        text = await connection.fetchval(
            "select text_body from mail where to_address = $1 order by id desc limit 1", to
        )
    assert text, f"no letter to {to}"
    found = re.search(r"(/invitations/[\w-]+)", text)
    assert found
    return found[1]
