"""A passcode that was forgotten, or tried too often: a letter brings a link, and the link opens the form for a new one.

The link names when the old passcode was set, so that it works once. Whoever opens it is logged in as well: neither a
session nor a mailbox alone is enough.
"""

from datetime import datetime, timedelta

from wattline.database.connection import Database, Transaction
from wattline.domain.access import Viewer
from wattline.domain.passcode import checked_digits
from wattline.domain.refusals import NotReady
from wattline.operations import audit
from wattline.operations.mails import Letter, write_letter
from wattline.operations.passcodes import hashed_passcode
from wattline.operations.signed_links import signed

KIND = "passcode-reset"
# Who presses again is told to look into the mail first.
AGAIN_AFTER = timedelta(minutes=1)

TEXT = """Somebody who is logged in as you wants a new passcode for the wallet.

If that was you, open this link, and enter four new digits twice:

{link}

If it was not, do nothing: the old passcode stays. Change your password then.
"""


async def ask_for_reset(database: Database, *, asked_by: Viewer, web_url: str, pepper: bytes, now: datetime) -> str:
    """Send a link by which to set a new passcode; return the address it goes to. Raises NotReady."""
    async with database.begin() as tx:
        row = await tx.fetchrow(ABOUT, asked_by.user_id)
        if row is None:
            raise NotReady("There is no passcode yet. Set one: four digits, entered twice.")
        address: str = row["email"]
        if await tx.fetchval(SENT, row["operator_id"], address, KIND, now - AGAIN_AFTER):
            raise NotReady("A link is on its way already. Look into your mail, or ask again in a minute.")
        link = web_url + signed(path_of(asked_by.user_id, row["set_at"]), pepper=pepper, now=now)
        letter = Letter(
            operator_id=row["operator_id"],
            to_address=address,
            kind=KIND,
            subject="A new passcode for your wallet",
            text=TEXT.format(link=link),
        )
        await write_letter(tx, letter, now=now)
        await audit.note(tx, asked_by, "ask for a new passcode", "user", asked_by.user_id, now=now)
    return address


async def reset_passcode(
    database: Database, stamp: int, *, first: str, second: str, asked_by: Viewer, pepper: bytes, now: datetime
) -> None:
    """Set a new passcode by a link that was made for the old one. Raises Invalid, and NotReady for a link used up."""
    assert asked_by.user_id is not None
    hashed = await hashed_passcode(asked_by.user_id, checked_digits(first, second), pepper)
    async with database.begin() as tx:
        await _must_be_the_last(tx, asked_by.user_id, stamp)
        await tx.execute(RESET, asked_by.user_id, hashed, now)
        await audit.note(tx, asked_by, "reset the passcode", "user", asked_by.user_id, now=now)


async def _must_be_the_last(tx: Transaction, user_id: int, stamp: int) -> None:
    set_at = await tx.fetchval("select set_at from passcode where user_id = $1 for update", user_id)
    if set_at is None or stamp_of(set_at) != stamp:
        raise NotReady("This link was used already. Ask for a new one.")


def path_of(user_id: int | None, set_at: datetime) -> str:
    """Return where the link of a person and their present passcode leads."""
    return f"/passcode/reset/{user_id}/{stamp_of(set_at)}"


def stamp_of(set_at: datetime) -> int:
    """Name a passcode by when it was set, in whole microseconds."""
    return int(set_at.timestamp()) * 1_000_000 + set_at.microsecond


ABOUT = """
select u.email, u.operator_id, p.set_at from passcode p join users u on u.id = p.user_id where p.user_id = $1
"""

SENT = "select exists (select from mail where operator_id = $1 and to_address = $2 and kind = $3 and created_at > $4)"

RESET = """
update passcode set hash = $2, set_at = $3, failures = 0, locked_until = null, reset_needed = false where user_id = $1
"""
