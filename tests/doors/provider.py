"""An identity provider that does everything right, until it is told to do something wrong.

On a real port, with real signatures; it checks what a strict provider checks: client secret, redirect address, PKCE.
"""

import json
import secrets
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from litestar import Litestar, Request, Response, get, post

from wattline.portal.identity_provider import challenge_of

SECRET = "client secret / of tests"


@dataclass
class IdentityProvider:
    """What it says of whoever logs in, and how it lies. `claims` change a token, `forge` makes another one of them."""

    clock: Callable[[], datetime]
    address: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    forge: Callable[[dict[str, Any]], str] | None = None
    description: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    _asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def log_in(self, way_out: str) -> str:
        """Play the person at the provider's own page; return the code."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(way_out).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(8)
        self._asked[code] = asked
        return code

    def redeem(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Give a token for a code, once, to who has the secret and began the log-in."""
        asked = self._asked.pop(form["code"], None)
        pair = b64decode(authorization.removeprefix("Basic ")).decode().split(":")
        if asked is None or [unquote(each) for each in pair] != [asked["client_id"], SECRET]:
            return None
        if challenge_of(form["code_verifier"]) != asked["code_challenge"]:
            return None
        if form["redirect_uri"] != asked["redirect_uri"]:
            return None
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.token(asked)}

    def token(self, asked: dict[str, str]) -> str:
        """Sign what is said of the person."""
        seconds = int(self.clock().timestamp())
        claims = {
            "iss": self.address, "aud": asked["client_id"], "nonce": asked["nonce"], "sub": "person-1", "iat": seconds,
            "exp": seconds + 300, "email": "someone@havnelys.example", "email_verified": True, "name": "Night shift",
            **self.claims,
        }  # fmt: skip
        if self.forge is not None:
            return self.forge(claims)
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)

    def app(self) -> Litestar:
        """Furnish its web server."""

        @get("/.well-known/openid-configuration", sync_to_thread=False)
        def describe() -> dict[str, Any]:
            return {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                **self.description,
            }

        @get("/keys", sync_to_thread=False)
        def keys() -> dict[str, Any]:
            return dict(KeySet([self.key]).as_dict(private=False))

        @post("/token", status_code=200)
        async def token(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
            form = {name: str(value) for name, value in (await request.form()).items()}
            made = self.redeem(form, request.headers.get("authorization", ""))
            return Response(made or {"error": "invalid_grant"}, status_code=200 if made else 400)

        return Litestar([describe, keys, token], openapi_config=None, logging_config=None)


def signed_by_somebody_else(claims: dict[str, Any]) -> str:
    """Sign with a key that is not the provider's."""
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048))


def signed_by_nobody(claims: dict[str, Any]) -> str:
    """Sign not at all."""
    parts = (urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "none"}, claims))
    return ".".join([*parts, ""])


def signed_with_the_secret(claims: dict[str, Any]) -> str:
    """Sign with what the client knows too."""
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET.ljust(32, "_")))
