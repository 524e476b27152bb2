"""Tokens, and what a program may know of its own API key, in JSON."""

from wattline.operations.api_tokens import Credential, IssuedTokens
from wattline.wire.partner.shapes import Shape, Time


class Token(Shape):
    """A pair of tokens. The access token goes into the Authorization header, the other one gets the next pair."""

    access_token: str
    refresh_token: str
    access_token_expiration_date: Time
    refresh_token_expiration_date: Time


class Consumer(Shape):
    """An API key. No `operatorIds` means all child operators, no `teamIds` all teams."""

    name: str
    operator_id: int
    operator_ids: list[int]
    team_ids: list[int]
    client_id: str
    rate_limit: int
    rate_limit_interval_in_seconds: int
    scopes: list[str]
    created_at: Time
    updated_at: Time | None


def token_of(issued: IssuedTokens) -> Token:
    """Make the answer to a program that asked for tokens."""
    return Token(
        access_token=issued.access,
        refresh_token=issued.refresh,
        access_token_expiration_date=issued.access_expires_at,
        refresh_token_expiration_date=issued.refresh_expires_at,
    )


def consumer_of(credential: Credential) -> Consumer:
    """Make a program's own description."""
    return Consumer(
        name=credential.name,
        operator_id=credential.viewer.operator_id,
        operator_ids=list(credential.operator_ids),
        team_ids=list(credential.team_ids),
        client_id=credential.client_id,
        rate_limit=credential.rate_limit,
        rate_limit_interval_in_seconds=credential.rate_limit_interval_seconds,
        scopes=list(credential.scopes),
        created_at=credential.created_at,
        updated_at=credential.updated_at,
    )
