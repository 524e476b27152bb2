"""What stories about accounts do again and again: read letters, type codes."""

import re
from datetime import datetime

import pyotp

from tests.doors.portal_door import Page, Visitor
from tests.doors.portal_story import PASSWORD
from wattline.database.connection import Database
from wattline.domain.one_time_code import step_at


async def letters_to(database: Database, address: str) -> list[tuple[str, str]]:
    """Return subject and text of every letter to somebody, the newest last."""
    async with database.read() as connection:
        rows = await connection.fetch("select subject, text_body from mail where to_address = $1 order by id", address)
    return [(row["subject"], row["text_body"]) for row in rows]


async def link_to(database: Database, address: str) -> str:
    """Return the path of the link in the newest letter to somebody."""
    _, text = (await letters_to(database, address))[-1]
    found = re.search(r"http://localhost:\d+(/\S+)", text)
    assert found, text
    return found[1]


async def sign_up(visitor: Visitor, email: str, *, status: int = 200, **changed: str) -> Page:
    """Fill in the form."""
    await visitor.get("/sign-up")
    form = {"name": "Demo driver", "email": email, "password": PASSWORD, "terms": "yes", **changed}
    return await visitor.submit("/sign-up", form, status)


async def open_sign_up(database: Database, operator_id: int) -> None:
    """Let anybody make an account at an operator."""
    async with database.begin() as tx:
        await tx.execute("update operator set sign_up_open = true where id = $1", operator_id)


async def deeds(database: Database) -> list[str]:
    """Return what was written into the audit log, the oldest first."""
    async with database.read() as connection:
        return [row["deed"] for row in await connection.fetch("select deed from audit order by id")]


def code_of(secret: str, now: datetime) -> str:
    """Return what the app shows."""
    return pyotp.HOTP(secret.replace(" ", "")).at(step_at(now))


async def set_up_codes(visitor: Visitor, now: datetime) -> tuple[str, list[str]]:
    """Turn codes on; return the secret and the recovery codes."""
    page = await visitor.get("/account/codes")
    secret = page.all(r'<p class="id long">([A-Z2-7 ]+)</p>')[0]
    made = await visitor.submit("/account/codes", {"code": code_of(secret, now)})
    return secret, made.all(r"<li>([0-9a-z]{5}-[0-9a-z]{5})</li>")
