"""Whose token is this? Asked with every request, so the answer is kept for a second."""

from datetime import datetime, timedelta

from wattline.database.connection import Database
from wattline.domain.refusals import TokenRefused
from wattline.operations.api_tokens import Credential, find_credential

# A token that was revoked, or rights that were changed, are at most this much behind.
REMEMBERED_FOR = timedelta(seconds=1)
TOKENS_MAX = 10_000
# Ours have 36 characters; longer ones are not looked up.
TOKEN_LENGTH_MAX = 200


class Credentials:
    """Looks up access tokens and remembers them for a moment."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Credential, datetime]] = {}

    async def of(self, authorization: str | None, *, database: Database, pepper: bytes, now: datetime) -> Credential:
        """Return the credential behind an Authorization header. Raises TokenRefused."""
        scheme, _, token = (authorization or "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or len(token) > TOKEN_LENGTH_MAX:
            raise TokenRefused
        known = self._known.get(token)
        if known is not None and now < known[1] and now < known[0].token_expires_at:
            return known[0]
        found = await find_credential(database, token, pepper=pepper, now=now)
        if len(self._known) >= TOKENS_MAX:
            self._known.clear()
        self._known[token] = (found, now + REMEMBERED_FOR)
        return found
