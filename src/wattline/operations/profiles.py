"""What somebody changes about themselves: name, language, time zone, and the e-mail address they log in with."""

from dataclasses import asdict
from datetime import datetime
from zoneinfo import available_timezones

from wattline.database.connection import Database
from wattline.domain.naming import checked_name
from wattline.domain.refusals import AlreadyTaken, Invalid, NotReady
from wattline.operations import audit
from wattline.operations.account_letters import known_letter, new_email_letter, notice_letter
from wattline.operations.mails import write_letter
from wattline.operations.tickets import Purpose, issue_ticket, look_at_ticket, take_ticket, tear_tickets
from wattline.operations.users import User, as_themselves, email_key, find_user, must_be_address

LOCALES = ("en", "en-DK", "en-GB", "da", "de")
LINK_SPENT = "This link was used already, or is older than 24 hours. Ask for another on the page of your account."


async def change_profile(
    database: Database, *, name: str, locale: str, time_zone: str, user: User, now: datetime
) -> None:
    """Change how somebody is called and how they read. Raises Invalid."""
    name = checked_name(name)
    if locale not in {*LOCALES, user.locale}:
        raise Invalid("locale", "is not among the languages.")
    if time_zone not in available_timezones():
        raise Invalid("time_zone", "is not among the time zones.")
    async with database.begin() as tx:
        await tx.execute(
            "update users set display_name = $2, locale = $3, time_zone = $4, updated_at = $5 where id = $1",
            user.id, name, locale, time_zone, now,
        )  # fmt: skip
        after = {"display_name": name, "locale": locale, "time_zone": time_zone}
        detail = audit.changed(asdict(user), after)
        await audit.note(tx, as_themselves(user), "edit", "user", user.id, now=now, detail=detail)


async def ask_for_email(
    database: Database, email: str, *, token: str, url: str, user: User, pepper: bytes, now: datetime
) -> None:
    """Write to the new address; nothing changes before its link is opened. Raises Invalid.

    An address that has an account gets another letter, and whoever asked learns nothing of it.
    """
    must_be_address(email)
    email = email.strip()
    async with database.begin() as tx:
        known = await tx.fetchval("select operator_id from users where email_key = $1", email_key(email))
        if known is not None:
            await write_letter(tx, known_letter(known, email, f"{url}/login"), now=now)
        else:
            await tear_tickets(tx, user.id, Purpose.NEW_EMAIL)
            await issue_ticket(
                tx, Purpose.NEW_EMAIL, token, user_id=user.id, data={"email": email}, pepper=pepper, now=now
            )
            await write_letter(tx, new_email_letter(user, email, f"{url}/new-email?ticket={token}"), now=now)
        await audit.note(tx, as_themselves(user), "ask-new-email", "user", user.id, now=now)


async def waiting_email(database: Database, token: str, *, pepper: bytes, now: datetime) -> str:
    """Return the address that waits for its link to be opened. Raises NotReady."""
    async with database.read() as connection:
        ticket = await look_at_ticket(connection, Purpose.NEW_EMAIL, token, pepper=pepper, now=now)
    if ticket is None:
        raise NotReady(LINK_SPENT)
    return str(ticket.data["email"])


async def take_email(database: Database, token: str, *, pepper: bytes, now: datetime) -> None:
    """Log in with the new address from now on, and tell the old one. Raises NotReady, AlreadyTaken."""
    async with database.begin() as tx:
        ticket = await take_ticket(tx, Purpose.NEW_EMAIL, token, pepper=pepper, now=now)
        user = None if ticket is None or ticket.user_id is None else await find_user(tx, ticket.user_id)
        if ticket is None or user is None:
            raise NotReady(LINK_SPENT)
        email = ticket.data["email"]
        if await tx.fetchval("select true from users where email_key = $1", email_key(email)):
            raise AlreadyTaken(f"{email} got an account meanwhile.")
        await tx.execute(
            "update users set email = $2, email_key = $3, email_verified_at = $4, updated_at = $4 where id = $1",
            user.id, email, email_key(email), now,
        )  # fmt: skip
        # A letter to the old address may still hold a link.
        await tear_tickets(tx, user.id, Purpose.RESET)
        await write_letter(tx, notice_letter(user, f"Your account's address is now {email}", now=now), now=now)
        detail = {"from": user.email, "to": email}
        await audit.note(tx, as_themselves(user), "change-email", "user", user.id, now=now, detail=detail)
