"""Which tokens of identity providers are believed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from wattline.domain.id_token import Identity, TokenNotBelieved, believed

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
GOOD = {
    "iss": "https://login.example", "aud": "wattline", "nonce": "n", "sub": "1", "iat": SECONDS, "exp": SECONDS + 300,
    "email": "a@b.example", "email_verified": True, "name": "Operations manager",
}  # fmt: skip


def read(**changed: Any) -> Identity:
    claims = {name: value for name, value in (GOOD | changed).items() if value is not None}
    return believed(claims, issuer="https://login.example", client_id="wattline", nonce="n", now=NOW)


def test_a_token_in_order_names_somebody() -> None:
    assert read() == Identity(
        issuer="https://login.example", subject="1", email="a@b.example", name="Operations manager"
    )
    assert read(aud=["wattline", "other"], azp="wattline").subject == "1"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"}, {"iss": None}, {"aud": "other"}, {"aud": None}, {"aud": ["wattline", "other"]},
        {"aud": ["wattline", "other"], "azp": "other"}, {"azp": "other"}, {"nonce": "other"}, {"nonce": None},
        {"exp": SECONDS - 121}, {"exp": None}, {"exp": "soon"}, {"exp": True}, {"iat": SECONDS + 121}, {"iat": None},
        {"nbf": SECONDS + 121}, {"sub": None}, {"sub": ""}, {"sub": 7}, {"sub": "x" * 256},
    ],
)  # fmt: skip
def test_a_token_out_of_order_names_nobody(changed: dict[str, Any]) -> None:
    with pytest.raises(TokenNotBelieved):
        read(**changed)


def test_clocks_may_differ_by_two_minutes() -> None:
    assert read(exp=SECONDS - 119).subject == "1"
    assert read(iat=SECONDS + 119).subject == "1"


@pytest.mark.parametrize("word", [False, None, "false", 1, "yes"])
def test_an_address_nobody_vouches_for_is_none(word: Any) -> None:
    assert read(email_verified=word).email is None
