"""Passkeys (WebAuthn level 2): adding one, logging in with one, naming and removing them.

A passkey is found by itself (discoverable) and asks its owner for a finger, a face or a PIN (user verification): it
stands for password and second factor together. Challenges are tickets, so each answer counts once.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from wattline.database.connection import Connection, Database
from wattline.domain.naming import checked_name
from wattline.domain.refusals import AlreadyTaken, Refusal, Unknown
from wattline.operations import audit
from wattline.operations.account_letters import notice_letter
from wattline.operations.mails import write_letter
from wattline.operations.secrets import secret_hash
from wattline.operations.tickets import Purpose, issue_ticket, take_ticket
from wattline.operations.users import User, as_themselves, find_user

# Telephones, computers, two security keys: nobody has more.
PASSKEYS_MAX = 20
VERIFIED = UserVerificationRequirement.REQUIRED
# What the library raises for an answer that is no answer at all.
NONSENSE = (WebAuthnException, ValueError, TypeError, KeyError, LookupError, msgspec.DecodeError)


class PasskeyRefused(Refusal):
    """What the browser sent proves nothing."""

    code = "PASSKEY_REFUSED"

    def __init__(self) -> None:
        super().__init__("This passkey was not accepted. Try again, or log in with your password.")


@dataclass(frozen=True, slots=True)
class Site:
    """Where the browser is: `origin` like https://portal.example, and the name that passkeys are bound to."""

    origin: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey as its owner sees it."""

    id: int
    name: str
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None


async def passkeys_of(connection: Connection, user_id: int) -> list[Passkey]:
    """List somebody's passkeys, the oldest first."""
    rows = await connection.fetch(
        "select id, name, backed_up, created_at, last_used_at from passkey where user_id = $1 order by id", user_id
    )
    return [Passkey(**dict(row)) for row in rows]


async def offer_passkey(
    database: Database, *, user: User, site: Site, token: str, challenge: bytes, pepper: bytes, now: datetime
) -> str:
    """Return what the browser needs to make a passkey, as JSON. `token` names the challenge."""
    async with database.begin() as tx:
        known = await tx.fetch("select credential_id from passkey where user_id = $1", user.id)
        data = {"challenge": bytes_to_base64url(challenge)}
        await issue_ticket(tx, Purpose.PASSKEY_ADD, token, user_id=user.id, data=data, pepper=pepper, now=now)
    options = generate_registration_options(
        rp_id=site.name,
        rp_name="Wattline",
        user_name=user.email,
        user_display_name=user.display_name,
        user_id=secret_hash(f"passkey handle {user.id}", pepper),
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=row["credential_id"]) for row in known],
    )
    return options_to_json(options)


async def add_passkey(
    database: Database, credential: str, *, name: str, user: User, site: Site, token: str, pepper: bytes, now: datetime
) -> int:
    """Keep a passkey that the browser has just made. Raises Invalid, PasskeyRefused, AlreadyTaken."""
    name = checked_name(name)
    async with database.begin() as tx:
        ticket = await take_ticket(tx, Purpose.PASSKEY_ADD, token, pepper=pepper, now=now)
    if ticket is None or ticket.user_id != user.id:
        raise PasskeyRefused
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(ticket.data["challenge"]),
            expected_rp_id=site.name,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except NONSENSE as error:
        raise PasskeyRefused from error
    async with database.begin() as tx:
        # The row of the person stands for their passkeys: two tabs at once must not get past the limit.
        await tx.execute("select from users where id = $1 for update", user.id)
        row = await tx.fetchrow(
            ADD, user.id, made.credential_id, made.credential_public_key, made.sign_count, name,
            made.credential_backed_up, now, PASSKEYS_MAX,
        )  # fmt: skip
        if row is None:
            raise AlreadyTaken(f"This passkey is there already, or there are {PASSKEYS_MAX}. Remove one first.")
        await write_letter(tx, notice_letter(user, "A passkey was added to your account", now=now), now=now)
        await audit.note(tx, as_themselves(user), "add-passkey", "user", user.id, now=now, detail={"name": name})
    passkey_id: int = row["id"]
    return passkey_id


async def ask_for_passkey(
    database: Database, *, site: Site, token: str, challenge: bytes, pepper: bytes, now: datetime
) -> str:
    """Return what the browser needs to find a passkey for this site, as JSON; it names nobody."""
    async with database.begin() as tx:
        data = {"challenge": bytes_to_base64url(challenge)}
        await issue_ticket(tx, Purpose.PASSKEY_LOG_IN, token, data=data, pepper=pepper, now=now)
    return options_to_json(
        generate_authentication_options(rp_id=site.name, challenge=challenge, user_verification=VERIFIED)
    )


async def check_passkey(
    database: Database, credential: str, *, site: Site, token: str, pepper: bytes, now: datetime
) -> User:
    """Return whose passkey this is. Raises PasskeyRefused, whatever is wrong with it."""
    async with database.begin() as tx:
        ticket = await take_ticket(tx, Purpose.PASSKEY_LOG_IN, token, pepper=pepper, now=now)
    if ticket is None:
        raise PasskeyRefused
    async with database.begin() as tx:
        try:
            sent: dict[str, Any] = msgspec.json.decode(credential, type=dict[str, Any])
            row = await tx.fetchrow(FIND, base64url_to_bytes(sent["rawId"]))
            if row is None:
                raise PasskeyRefused
            seen = verify_authentication_response(
                credential=sent,
                expected_challenge=base64url_to_bytes(ticket.data["challenge"]),
                expected_rp_id=site.name,
                expected_origin=site.origin,
                credential_public_key=row["public_key"],
                credential_current_sign_count=row["sign_count"],
                require_user_verification=True,
            )
        except NONSENSE as error:
            raise PasskeyRefused from error
        await tx.execute(USED, row["id"], seen.new_sign_count, seen.credential_backed_up, now)
        user = await find_user(tx, row["user_id"])
    if user is None:
        raise PasskeyRefused
    return user


async def name_passkey(database: Database, passkey_id: int, name: str, *, user: User, now: datetime) -> None:
    """Call a passkey something else. Raises Invalid, Unknown."""
    name = checked_name(name)
    async with database.begin() as tx:
        found = await tx.fetchval(
            "update passkey set name = $3 where id = $1 and user_id = $2 returning id", passkey_id, user.id, name
        )
        if found is None:
            raise Unknown("passkey", passkey_id)
        await audit.note(tx, as_themselves(user), "name-passkey", "user", user.id, now=now, detail={"name": name})


async def remove_passkey(database: Database, passkey_id: int, *, user: User, now: datetime) -> None:
    """Let a passkey open nothing any more. Raises Unknown."""
    async with database.begin() as tx:
        name = await tx.fetchval(
            "delete from passkey where id = $1 and user_id = $2 returning name", passkey_id, user.id
        )
        if name is None:
            raise Unknown("passkey", passkey_id)
        await write_letter(tx, notice_letter(user, "A passkey was removed from your account", now=now), now=now)
        await audit.note(tx, as_themselves(user), "remove-passkey", "user", user.id, now=now, detail={"name": name})


ADD = """
insert into passkey (user_id, credential_id, public_key, sign_count, name, backed_up, created_at)
select $1, $2, $3, $4, $5, $6, $7 where (select count(*) from passkey where user_id = $1) < $8
on conflict (credential_id) do nothing returning id
"""

FIND = "select id, user_id, public_key, sign_count from passkey where credential_id = $1 for update"
USED = "update passkey set sign_count = $2, backed_up = $3, last_used_at = $4 where id = $1"
