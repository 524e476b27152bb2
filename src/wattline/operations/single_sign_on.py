"""Single sign-on: an operator's identity provider, and whom it may let in as whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from asyncpg import Record

from wattline.database.connection import Connection, Database, Transaction
from wattline.domain.access import Place, Right, Viewer, must
from wattline.domain.id_token import Identity
from wattline.domain.refusals import AlreadyTaken, Invalid, Refusal
from wattline.operations import audit
from wattline.operations.account_letters import notice_letter
from wattline.operations.mails import write_letter
from wattline.operations.secrets import seal, unseal
from wattline.operations.users import NewUser, User, as_themselves, email_key, find_user, insert_user, user_in

NEWCOMER_ROLES = ("Driver", "SupportAgent", "Bookkeeper", "OperationsManager", "Admin")


class NotLetIn(Refusal):
    """The provider proved who it is, and that is nobody who may come in here."""

    code = "NOT_LET_IN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An operator's identity provider. No `newcomer_role`: only people who have an account come in."""

    operator_id: int
    operator: str
    identifier: str
    issuer: str
    client_id: str
    domains: tuple[str, ...]
    newcomer_role: str | None
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderWish:
    """What an administrator fills in; an empty secret keeps the one there is."""

    issuer: str
    client_id: str
    client_secret: str
    domains: Sequence[str]
    newcomer_role: str | None
    enabled: bool


async def provider_of(connection: Connection, operator_id: int) -> Provider | None:
    """Return an operator's provider, also one that is switched off."""
    row = await connection.fetchrow(f"{FIND} where s.operator_id = $1 group by s.operator_id, o.id", operator_id)
    return None if row is None else _provider(row)


async def provider_called(connection: Connection, identifier: str) -> Provider | None:
    """Return the provider in use at the operator with this short name."""
    row = await connection.fetchrow(
        f"{FIND} where o.identifier = $1 and s.enabled group by s.operator_id, o.id", identifier
    )
    return None if row is None else _provider(row)


async def provider_for(connection: Connection, email: str) -> Provider | None:
    """Return the provider in use to which an address's domain leads."""
    row = await connection.fetchrow(
        f"""{FIND} where s.enabled and s.operator_id = (
              select operator_id from single_sign_on_domain where domain = $1)
            group by s.operator_id, o.id""",
        domain_of(email),
    )
    return None if row is None else _provider(row)


async def any_provider(connection: Connection) -> bool:
    """Tell whether the log-in page has a reason to offer single sign-on."""
    return bool(await connection.fetchval("select exists (select from single_sign_on where enabled)"))


async def secret_of_client(connection: Connection, operator_id: int, *, pepper: bytes) -> str:
    """Return the secret with which we show the provider who we are."""
    sealed = await connection.fetchval(
        "select client_secret_sealed from single_sign_on where operator_id = $1", operator_id
    )
    return unseal(sealed, pepper=pepper)


async def set_provider(
    database: Database,
    operator_id: int,
    wish: ProviderWish,
    *,
    asked_by: Viewer,
    pepper: bytes,
    nonce: bytes,
    now: datetime,
) -> None:
    """Set an operator's provider up, or change it. Raises Invalid, NotAllowed, AlreadyTaken for another's domain."""
    must(asked_by, Right.MANAGE_OPERATOR, Place(operator_id))
    _must_make_sense(wish)
    domains = sorted({domain.strip().lower().removeprefix("@") for domain in wish.domains if domain.strip()})
    async with database.begin() as tx:
        sealed = await tx.fetchval(
            "select client_secret_sealed from single_sign_on where operator_id = $1 for update", operator_id
        )
        if wish.client_secret:
            sealed = seal(wish.client_secret, pepper=pepper, nonce=nonce)
        if sealed is None:
            raise Invalid("client_secret", "is empty. The provider shows it where you registered Wattline.")
        await tx.execute(
            SET, operator_id, wish.issuer.rstrip("/"), wish.client_id, sealed, wish.newcomer_role, wish.enabled, now
        )
        await _set_domains(tx, operator_id, domains)
        detail = {"issuer": wish.issuer, "domains": domains, "enabled": wish.enabled, "newcomers": wish.newcomer_role}
        await audit.note(tx, asked_by, "set-single-sign-on", "operator", operator_id, now=now, detail=detail)


async def set_sign_up(
    database: Database, operator_id: int, *, is_open: bool, terms_url: str | None, asked_by: Viewer, now: datetime
) -> None:
    """Let anybody make an account at an operator, or only who is invited. Raises Invalid, NotAllowed."""
    must(asked_by, Right.MANAGE_OPERATOR, Place(operator_id))
    if terms_url and urlsplit(terms_url).scheme != "https":
        raise Invalid("terms_url", "must begin with https://.")
    async with database.begin() as tx:
        await tx.execute(
            "update operator set sign_up_open = $2, terms_url = $3 where id = $1", operator_id, is_open, terms_url
        )
        await audit.note(
            tx, asked_by, "set-sign-up", "operator", operator_id, now=now, detail={"open": is_open, "terms": terms_url}
        )


async def person_behind(database: Database, provider: Provider, identity: Identity, *, now: datetime) -> User:
    """Return whom an identity means: known from before, linked by an address the provider vouches for, or new.

    Accounts are linked only at the provider's own operator: another operator's provider vouches for nothing here.
    Raises NotLetIn.
    """
    async with database.begin() as tx:
        known = await tx.fetchval(KNOWN, provider.operator_id, identity.issuer, identity.subject)
        if known is not None:
            user = await find_user(tx, known)
            if user is None:
                raise NotLetIn("This account is blocked. Ask whoever runs this server.")
            return user
        email = _must_be_theirs(provider, identity)
        row = await tx.fetchrow("select * from users where email_key = $1 for update", email_key(email))
        user = await _make(tx, provider, identity, email, now=now) if row is None else _linkable(row, provider)
        await tx.execute(LINK, provider.operator_id, identity.issuer, identity.subject, user.id, now)
        if row is not None:
            what = f"Your account can now be used by logging in at {provider.issuer}"
            await write_letter(tx, notice_letter(user, what, now=now), now=now)
        deed = "sign-up" if row is None else "link-single-sign-on"
        detail = {"issuer": identity.issuer}
        await audit.note(tx, as_themselves(user), deed, "user", user.id, now=now, detail=detail)
    return user


def domain_of(email: str) -> str:
    """Return what stands behind the @, in small letters."""
    return email.strip().rpartition("@")[2].lower()


def _must_be_theirs(provider: Provider, identity: Identity) -> str:
    if identity.email is None:
        raise NotLetIn("Your provider does not vouch for your e-mail address, so it cannot be connected to an account.")
    if provider.domains and domain_of(identity.email) not in provider.domains:
        raise NotLetIn(f"{provider.operator} lets nobody in with an address at {domain_of(identity.email)}.")
    return identity.email


def _linkable(row: Record, provider: Provider) -> User:
    if row["operator_id"] != provider.operator_id or row["email_verified_at"] is None:
        raise NotLetIn("This address has an account that this provider does not speak for. Log in with your password.")
    if row["blocked_at"] is not None:
        raise NotLetIn("This account is blocked. Ask whoever runs this server.")
    return user_in(row)


async def _make(tx: Transaction, provider: Provider, identity: Identity, email: str, *, now: datetime) -> User:
    if provider.newcomer_role is None:
        raise NotLetIn(f"There is no account for {email} at {provider.operator}. Ask to be invited.")
    new = NewUser(
        operator_id=provider.operator_id,
        email=email,
        display_name=(identity.name or email)[:120],
        role=provider.newcomer_role,
    )
    user = await find_user(tx, await insert_user(tx, new, password_hash=None, now=now))
    assert user is not None
    return user


async def _set_domains(tx: Transaction, operator_id: int, domains: Sequence[str]) -> None:
    await tx.execute("delete from single_sign_on_domain where operator_id = $1", operator_id)
    kept = await tx.fetch(
        """insert into single_sign_on_domain (domain, operator_id) select d, $1 from unnest($2::text[]) d
           on conflict do nothing returning domain""",
        operator_id, list(domains),
    )  # fmt: skip
    if taken := set(domains) - {row["domain"] for row in kept}:
        raise AlreadyTaken(f"{', '.join(sorted(taken))} belongs to another operator's single sign-on.")


def _must_make_sense(wish: ProviderWish) -> None:
    parts = urlsplit(wish.issuer)
    if parts.scheme not in {"https", "http"} or not parts.netloc or parts.query or parts.fragment:
        raise Invalid("issuer", "is not an address like https://login.example.com.")
    if not wish.client_id.strip():
        raise Invalid("client_id", "is empty. The provider shows it where you registered Wattline.")
    if wish.newcomer_role is not None and wish.newcomer_role not in NEWCOMER_ROLES:
        raise Invalid("newcomer_role", "is not a role.")
    # Without domains, every customer of a public provider could make themselves an account with this role.
    if wish.newcomer_role not in (None, "Driver") and not [each for each in wish.domains if each.strip()]:
        raise Invalid("domains", "are needed before newcomers get a role by themselves.")
    for domain in wish.domains:
        if domain.strip() and ("." not in domain or "/" in domain or any(map(str.isspace, domain.strip()))):
            raise Invalid("domains", f"'{domain.strip()[:60]}' is not a domain like example.com.")


def _provider(row: Record) -> Provider:
    return Provider(**{**dict(row), "domains": tuple(row["domains"])})


FIND = """
select s.operator_id, o.name as operator, o.identifier, s.issuer, s.client_id, s.newcomer_role, s.enabled,
  coalesce(array_agg(d.domain order by d.domain) filter (where d.domain is not null), '{}') as domains
from single_sign_on s join operator o on o.id = s.operator_id
  left join single_sign_on_domain d on d.operator_id = s.operator_id
"""

SET = """
insert into single_sign_on (operator_id, issuer, client_id, client_secret_sealed, newcomer_role, enabled, created_at,
  updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $7)
on conflict (operator_id) do update set issuer = $2, client_id = $3, client_secret_sealed = $4, newcomer_role = $5,
  enabled = $6, updated_at = $7
"""

KNOWN = "select user_id from single_sign_on_identity where operator_id = $1 and issuer = $2 and subject = $3"

LINK = """
insert into single_sign_on_identity (operator_id, issuer, subject, user_id, created_at) values ($1, $2, $3, $4, $5)
on conflict do nothing
"""
