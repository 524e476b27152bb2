"""Addresses that open one thing without a log-in for a while: who has the link may, and nobody can make one up."""

import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

# A mail may wait over a long weekend; a link that leaks is dead soon enough.
LASTS = timedelta(days=14)
_PURPOSE = b"signed link\n"


def signed(path: str, *, pepper: bytes, now: datetime) -> str:
    """Return the path with when it ends and our signature; the same for a whole day."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    ends = int((midnight + LASTS).timestamp())
    return f"{path}?ends={ends}&signature={_signature(path, ends, pepper)}"


def opens(path: str, ends: str, signature: str, *, pepper: bytes, now: datetime) -> bool:
    """Tell whether this is a link of ours, and still good."""
    if not (ends.isascii() and ends.isdecimal() and len(ends) < 12) or int(ends) <= now.timestamp():
        return False
    return hmac.compare_digest(_signature(path, int(ends), pepper).encode(), signature.encode())


def _signature(path: str, ends: int, pepper: bytes) -> str:
    made = hmac.new(pepper, _PURPOSE + f"{path}\n{ends}".encode(), sha256).digest()
    return urlsafe_b64encode(made).decode().rstrip("=")
