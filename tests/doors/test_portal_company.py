"""Single sign-on against a provider on a real port: who comes in as whom, and what is not believed."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import msgspec
import pytest
from litestar import Litestar

from tests.doors.accounts import deeds
from tests.doors.portal_door import Clock, Page, Visitor
from tests.doors.portal_server import served
from tests.doors.portal_story import EMAIL, Network
from tests.doors.provider import (
    SECRET,
    IdentityProvider,
    signed_by_nobody,
    signed_by_somebody_else,
    signed_with_the_secret,
)
from tests.waiting import eventually
from wattline.database.connection import Database
from wattline.settings import SingleSignOn

SETTINGS = "/settings/log-in"


@dataclass
class Company:
    """A provider that was set up in the Portal, and somebody who is not logged in yet."""

    provider: IdentityProvider
    administrator: Visitor
    person: Visitor

    async def set_up(self, status: int = 303, **changed: str) -> Page:
        """Fill in the form of the settings."""
        form = {
            "issuer": self.provider.address, "client_id": "wattline", "client_secret": SECRET,
            "domains": "havnelys.example", "newcomer_role": "SupportAgent", "enabled": "yes", **changed,
        }  # fmt: skip
        await self.administrator.get(SETTINGS)
        return await self.administrator.submit(f"{SETTINGS}/provider", form, status)

    async def leave(self, wish: str = "/charges") -> str:
        """Go to the provider; return its address with everything in it."""
        return (await self.person.get(f"/login/company/{EMAIL}?next={wish}", 303)).headers["location"]

    async def come_back(self, way_out: str, status: int = 303, **changed: str) -> Page:
        """Log in there and return."""
        state = parse_qs(urlsplit(way_out).query)["state"][0]
        sent = {"code": self.provider.log_in(way_out), "state": state, **changed}
        return await self.person.get(f"/login/company/back?{urlencode(sent)}", status)


@pytest.fixture
async def company(visitor: Visitor, portal: Litestar, clock: Clock, network: Network) -> AsyncIterator[Company]:
    """A provider, set up."""
    allow_this_machine(portal)
    provider = IdentityProvider(clock)
    async with served(provider.app()) as address:
        provider.address = address
        company = Company(provider, visitor, Visitor(portal, "192.0.2.44"))
        await company.set_up()
        yield company
        await company.person.http.aclose()


def allow_this_machine(portal: Litestar) -> None:
    """Let providers live here, as whoever runs the server may."""
    sign_on = SingleSignOn(reach="this_machine")
    portal.state["settings"] = msgspec.structs.replace(portal.state["settings"], single_sign_on=sign_on)


async def test_somebody_new_is_let_in_with_the_role_for_newcomers(company: Company, database: Database) -> None:
    await company.person.get("/login/company")
    shown = await company.person.submit("/login/company", {"email": "someone@havnelys.example"})
    assert f'href="/login/company/{EMAIL.replace("@", "%40")}"' in shown.source
    landed = await company.come_back(await company.leave())
    assert landed.headers["location"] == "/charges"
    page = await company.person.get("/account")
    assert "Night shift" in page.text
    assert "none: you log in another way" in page.text
    await company.come_back(await company.leave())
    async with database.read() as connection:
        assert await connection.fetchval("select role from users where email = 'someone@havnelys.example'") == (
            "SupportAgent"
        )
        assert await connection.fetchval("select count(*) from single_sign_on_identity") == 1
    assert (await deeds(database))[-3:] == ["sign-up", "log-in", "log-in"]


async def test_an_account_is_linked_by_an_address_the_provider_vouches_for(company: Company) -> None:
    company.provider.claims = {"email": EMAIL.upper()}
    await company.come_back(await company.leave())
    assert "Operations manager" in (await company.person.get("/account")).text
    # From now on the name at the provider counts, whatever becomes of the address there.
    company.provider.claims = {"email": "another@havnelys.example", "email_verified": False}
    await company.come_back(await company.leave())
    assert "Operations manager" in (await company.person.get("/account")).text


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"email": EMAIL, "email_verified": False}, "does not vouch"),
        ({"email": EMAIL, "email_verified": None}, "does not vouch"),
        ({"email": "a@elsewhere.example"}, "lets nobody in with an address at elsewhere.example"),
        ({"nonce": "of another log-in"}, "does not answer this log-in"),
        ({"aud": "another program"}, "another program"),
        ({"iss": "https://another.example"}, "another issuer"),
        ({"exp": 1}, "has expired"),
        ({"iat": 4_000_000_000}, "from the future"),
        ({"sub": ""}, "names nobody"),
    ],
)
async def test_what_a_token_must_not_say(company: Company, claims: dict[str, Any], says: str) -> None:
    company.provider.claims = claims
    assert says in (await company.come_back(await company.leave(), 403)).text
    await company.person.get("/account", 303)


@pytest.mark.parametrize("forge", [signed_by_somebody_else, signed_by_nobody, signed_with_the_secret])
async def test_a_token_somebody_else_made_is_not_believed(
    company: Company, forge: Callable[[dict[str, Any]], str]
) -> None:
    company.provider.forge = forge
    assert "signature is not the provider" in (await company.come_back(await company.leave(), 403)).text


async def test_the_way_back_opens_once_and_only_for_who_went_out(company: Company, portal: Litestar) -> None:
    way_out = await company.leave()
    attacker = Visitor(portal, "192.0.2.45")
    state = parse_qs(urlsplit(way_out).query)["state"][0]
    sent = urlencode({"code": company.provider.log_in(way_out), "state": state})
    assert "Begin again" in (await attacker.get(f"/login/company/back?{sent}", 400)).text
    await attacker.http.aclose()
    await company.come_back(way_out, 400, state="of another log-in")
    await company.come_back(way_out, 400)


async def test_a_log_in_that_took_too_long_begins_again(company: Company, clock: Clock) -> None:
    way_out = await company.leave()
    clock.after(minutes=11)
    await company.come_back(way_out, 400)


async def test_another_provider_cannot_answer(company: Company) -> None:
    page = await company.come_back(await company.leave(), 403, iss="https://another.example")
    assert "another provider answered" in page.text
    company.provider.description = {"issuer": "https://another.example"}
    assert "about another issuer" in (await company.person.get(f"/login/company/{EMAIL}", 502)).text


async def test_the_wish_stays_on_the_site(company: Company) -> None:
    landed = await company.come_back(await company.leave("https://evil.example"))
    assert landed.headers["location"] == "/"


async def test_nobody_new_comes_in_where_that_is_not_wanted(company: Company) -> None:
    await company.set_up(newcomer_role="nobody", client_secret="")
    assert "Ask to be invited" in (await company.come_back(await company.leave(), 403)).text


async def test_accounts_of_other_operators_are_out_of_reach(
    company: Company, network: Network, database: Database
) -> None:
    async with database.begin() as tx:
        other = await tx.fetchval(
            "insert into operator (name, identifier, created_at) values ('Other', 'other', $1) returning id",
            network.now,
        )
        await tx.execute("update users set operator_id = $1 where email = $2", other, EMAIL)
        await tx.execute("update single_sign_on set newcomer_role = 'Admin'")
    company.provider.claims = {"email": EMAIL}
    assert "does not speak for" in (await company.come_back(await company.leave(), 403)).text


async def test_a_blocked_person_stays_outside(company: Company, database: Database) -> None:
    await company.come_back(await company.leave())
    async with database.begin() as tx:
        await tx.execute("update users set blocked_at = created_at where email = 'someone@havnelys.example'")
    assert "blocked" in (await company.come_back(await company.leave(), 403)).text


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"issuer": "javascript:alert(1)"}, "is not an address"),
        ({"client_id": ""}, "is empty"),
        ({"domains": "no domain/"}, "is not a domain"),
        ({"domains": "", "newcomer_role": "Admin"}, "are needed before newcomers"),
        ({"newcomer_role": "Emperor"}, "is not a role"),
    ],
)
async def test_settings_that_make_no_sense_are_refused(company: Company, changed: dict[str, str], says: str) -> None:
    assert says in (await company.set_up(400, **changed)).text


async def test_the_secret_is_sealed_and_never_shown(company: Company, database: Database) -> None:
    assert SECRET not in (await company.administrator.get(SETTINGS)).source
    async with database.read() as connection:
        sealed = await connection.fetchval("select client_secret_sealed from single_sign_on")
    assert SECRET.encode() not in sealed


async def test_a_domain_belongs_to_one_operator(company: Company, network: Network, database: Database) -> None:
    async with database.begin() as tx:
        other = await tx.fetchval(
            "insert into operator (name, identifier, created_at) values ('Other', 'other', $1) returning id",
            network.now,
        )
        await tx.execute(
            """insert into single_sign_on (operator_id, issuer, client_id, client_secret_sealed, created_at, updated_at)
               values ($1, 'https://x.example', 'x', 'x', $2, $2)""",
            other, network.now,
        )  # fmt: skip
        await tx.execute("insert into single_sign_on_domain values ('other.example', $1)", other)
    assert "belongs to another operator" in (await company.set_up(400, domains="other.example")).text


async def test_a_provider_nearby_is_not_called_unless_the_server_allows_it(company: Company, portal: Litestar) -> None:
    portal.state["settings"] = msgspec.structs.replace(portal.state["settings"], single_sign_on=SingleSignOn())
    assert "could not be used just now" in (await company.person.get(f"/login/company/{EMAIL}", 502)).text


async def test_a_provider_that_is_off_or_away(company: Company) -> None:
    await company.set_up(issuer="http://localhost:9", client_secret="")
    assert "could not be used just now" in (await company.person.get(f"/login/company/{EMAIL}", 502)).text
    await company.set_up(enabled="", client_secret="")
    await company.person.get(f"/login/company/{EMAIL}", 404)
    await company.person.get("/login/company/nobody", 404)


async def test_a_provider_that_others_wrote_lets_people_in(company: Company, clock: Clock) -> None:
    """The whole flow with a provider made of another library: PyPI's oidc-provider-mock, as a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "oidc_provider_mock",
        "--port",
        str(port),
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://localhost:{port}") as theirs:
            await eventually(lambda: answers(theirs), within_seconds=60)
            person = {"email": "someone@havnelys.example", "email_verified": True, "name": "Night shift"}
            assert (await theirs.put("/users/person-1", json=person)).is_success
            await company.set_up(issuer=f"http://localhost:{port}")
            # It lives by the time of day.
            clock.now = datetime.now(UTC)
            sent = await theirs.post(await company.leave(), data={"sub": "person-1"})
            assert sent.status_code == 302, sent.text
            back = urlsplit(sent.headers["location"])
            landed = await company.person.get(f"{back.path}?{back.query}", 303)
            assert landed.headers["location"] == "/charges"
            assert "Night shift" in (await company.person.get("/account")).text
    finally:
        process.terminate()
        await process.wait()


async def answers(client: httpx.AsyncClient) -> bool:
    """Tell whether a server has started."""
    try:
        return (await client.get("/.well-known/openid-configuration")).is_success
    except httpx.ConnectError:
        return False
