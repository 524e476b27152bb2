"""What must be true of an identity provider's token before we believe it (OpenID Connect Core, section 3.1.3.7).

The signature is checked by whoever reads the token; this is about what it says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wattline.domain.refusals import Refusal

# Clocks of two servers differ.
SKEW = timedelta(minutes=2)
SUBJECT_LENGTH_MAX = 255
# Claims with seconds since 1970, and what counts where one is missing; the first two must be there.
TIMES = (("exp", None), ("iat", None), ("nbf", 0))


class TokenNotBelieved(Refusal):
    """The provider's answer does not prove what it should. `why` is for whoever set the provider up."""

    code = "IDENTITY_NOT_PROVEN"

    def __init__(self, why: str) -> None:
        super().__init__(f"The identity provider's answer was not accepted: {why}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody as their provider knows them. `email` only when the provider vouches for it."""

    issuer: str
    subject: str
    email: str | None
    name: str | None


def believed(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: datetime, skew: timedelta = SKEW
) -> Identity:
    """Return whom the token names. Raises TokenNotBelieved."""
    if claims.get("iss") != issuer:
        raise TokenNotBelieved("it comes from another issuer")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if client_id not in audiences:
        raise TokenNotBelieved("it is meant for another program")
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != client_id:
        raise TokenNotBelieved("it was made for another program")
    if claims.get("nonce") != nonce:
        raise TokenNotBelieved("it does not answer this log-in")
    _must_be_of_now(claims, now=now, skew=skew)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_LENGTH_MAX:
        raise TokenNotBelieved("it names nobody")
    return Identity(issuer=issuer, subject=subject, email=_vouched_email(claims), name=_text(claims.get("name")))


def _must_be_of_now(claims: Mapping[str, Any], *, now: datetime, skew: timedelta) -> None:
    ends, made, begins = (_seconds(claims.get(name, otherwise)) for name, otherwise in TIMES)
    seconds, grace = now.timestamp(), skew.total_seconds()
    if ends + grace <= seconds:
        raise TokenNotBelieved("it has expired")
    if made - grace > seconds or begins - grace > seconds:
        raise TokenNotBelieved("it is from the future; one of the clocks is wrong")


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenNotBelieved("it does not say when it was made")
    return value


def _vouched_email(claims: Mapping[str, Any]) -> str | None:
    email = _text(claims.get("email"))
    # Some providers write the boolean as text.
    vouched = claims.get("email_verified")
    return email if vouched is True or vouched == "true" else None


def _text(value: object) -> str | None:
    return value.strip()[:320] or None if isinstance(value, str) else None
