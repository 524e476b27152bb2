"""What the pages of accounts ask beyond lists."""

from dataclasses import dataclass

from wattline.database.connection import Connection


@dataclass(frozen=True, slots=True)
class SignUpRules:
    """Whether anybody may sign up at an operator, what they agree to, and the operator's short name."""

    is_open: bool
    terms_url: str | None
    identifier: str


async def has_password(connection: Connection, user_id: int) -> bool:
    """Tell whether somebody can log in with a password; whoever came by single sign-on has none."""
    return bool(await connection.fetchval("select password_hash is not null from users where id = $1", user_id))


async def sign_up_of(connection: Connection, operator_id: int) -> SignUpRules:
    """Look the rules of an operator up."""
    row = await connection.fetchrow(
        "select sign_up_open as is_open, terms_url, identifier from operator where id = $1", operator_id
    )
    assert row is not None
    return SignUpRules(**dict(row))
