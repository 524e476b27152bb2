"""Tokens, and who one is."""

from wattline.operations import api_tokens
from wattline.operations.api_tokens import TokenPair
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.wire.partner.credentials import Consumer, Token, consumer_of, token_of
from wattline.wire.partner.shapes import Shape

auth = Group("Authentication")


class ClientCredentials(Shape):
    """Id and secret of an API key."""

    client_id: str
    client_secret: str


class RefreshToken(Shape):
    refresh_token: str


@auth.route("POST", "/auth/token", "get-access-token-with-client-credentials", open=True)
async def get_token(call: Call, body: ClientCredentials) -> Token:
    """Get an access token, good for one hour, and a refresh token, good for 24.

    Send the access token with every other request: `Authorization: Bearer <accessToken>`.
    """
    issued = await api_tokens.issue_tokens(
        call.database, body.client_id, body.client_secret,
        new=_new_pair(call), pepper=call.settings.pepper, now=call.now,
    )  # fmt: skip
    return token_of(issued)


@auth.route("POST", "/auth/refresh", "get-access-token-with-refresh-token", open=True)
async def refresh(call: Call, body: RefreshToken) -> Token:
    """Spend a refresh token for a new pair of tokens."""
    issued = await api_tokens.refresh_tokens(
        call.database, body.refresh_token, new=_new_pair(call), pepper=call.settings.pepper, now=call.now
    )
    return token_of(issued)


@auth.route("GET", "/consumers/me", "get-current-consumer")
async def get_consumer(call: Call) -> Consumer:
    """Tell what the API key behind the token may do."""
    assert call.credential is not None
    return consumer_of(call.credential)


@auth.route("GET", "/auth/me", "get-auth-information", deprecated=True)
async def get_auth_information(call: Call) -> Consumer:
    """The same as `GET /consumers/me`, for programs that were written before it existed."""
    return await get_consumer(call)


def _new_pair(call: Call) -> TokenPair:
    return TokenPair(access=call.chance.uuid(), refresh=call.chance.uuid())
