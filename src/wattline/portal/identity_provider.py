"""Speaking with an identity provider: OpenID Connect's code flow with PKCE, through the one guarded client.

OpenID Connect Discovery 1.0; OpenID Connect Core 1.0, section 3.1; PKCE: RFC 7636; the issuer in answers: RFC 9207.
"""

import asyncio
import hashlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from wattline.domain.destinations import Reach
from wattline.domain.id_token import TokenNotBelieved
from wattline.settings import SingleSignOn
from wattline.wire.outward import open_client

# Only signatures with a public key: with HS256 a provider's public key could pass for the secret.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
# The largest providers' documents are some 10 KB.
ANSWER_BYTES_MAX = 512 * 1024
REACH = {
    "public": Reach.PUBLIC,
    "this_machine": Reach.THIS_MACHINE,
    "private_networks": Reach.PRIVATE_NETWORKS,
}


class ProviderAway(Exception):
    """The provider did not answer, or not in the way of OpenID Connect. `str()` says what was missing."""


class Description(msgspec.Struct, frozen=True):
    """What a provider says about itself at /.well-known/openid-configuration, as far as we need it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who we are to the provider."""

    client_id: str
    client_secret: str
    redirect_uri: str


async def describe(settings: SingleSignOn, issuer: str) -> Description:
    """Read what the provider says about itself; it must be about this issuer. Raises ProviderAway."""
    body = await _ask(settings, "GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    try:
        found = msgspec.json.decode(body, type=Description)
    except msgspec.DecodeError as error:
        raise ProviderAway(f"its description makes no sense: {error}") from error
    if found.issuer.rstrip("/") != issuer.rstrip("/"):
        raise ProviderAway("its description is about another issuer")
    schemes = {"https"} if settings.reach == "public" else {"https", "http"}
    if urlsplit(found.authorization_endpoint).scheme not in schemes:
        raise ProviderAway("its log-in page has no https address")
    return found


def way_out(described: Description, client: Client, *, state: str, nonce: str, verifier: str) -> str:
    """Make the address of the provider's log-in page."""
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "scope": "openid email profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in described.authorization_endpoint else "?"
    return f"{described.authorization_endpoint}{joint}{urlencode(asked)}"


def challenge_of(verifier: str) -> str:
    """Hash the secret that only whoever began the log-in knows (RFC 7636, section 4.2)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


async def redeem(
    settings: SingleSignOn, described: Description, client: Client, *, code: str, verifier: str
) -> Mapping[str, Any]:
    """Give the code back for a token, check its signature, and return what it says. Raises ProviderAway and
    TokenNotBelieved.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": verifier,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if "client_secret_basic" in described.token_endpoint_auth_methods_supported:
        pair = f"{quote(client.client_id, safe='')}:{quote(client.client_secret, safe='')}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    else:
        form |= {"client_id": client.client_id, "client_secret": client.client_secret}
    body = await _ask(settings, "POST", described.token_endpoint, content=urlencode(form).encode(), headers=headers)
    keys = await _ask(settings, "GET", described.jwks_uri)
    return _signed_claims(body, keys)


def _signed_claims(body: bytes, keys: bytes) -> Mapping[str, Any]:
    try:
        token = msgspec.json.decode(body, type=dict[str, Any])["id_token"]
        key_set = KeySet.import_key_set(msgspec.json.decode(keys))
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, JoseError) as error:
        raise ProviderAway("its answer holds no token, or its keys make no sense") from error
    try:
        return jwt.decode(str(token), key_set, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, TypeError) as error:
        raise TokenNotBelieved("its signature is not the provider's") from error


async def _ask(
    settings: SingleSignOn,
    method: str,
    url: str,
    *,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    sent = {"Accept": "application/json", **(headers or {})}
    try:
        async with (
            asyncio.timeout(settings.timeout_seconds),
            open_client(reach=REACH[settings.reach], seconds_max=settings.timeout_seconds) as client,
            client.stream(method, url, content=content, headers=sent) as answer,
        ):
            body = b""
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > ANSWER_BYTES_MAX:
                    raise ProviderAway("its answer is far too long")
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
        raise ProviderAway(f"{urlsplit(url).netloc} did not answer ({type(error).__name__})") from error
    if answer.status_code != 200:
        raise ProviderAway(f"{urlsplit(url).netloc} answered {answer.status_code}")
    return body
