"""Passwords of people, hashed off the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PASSWORD_LENGTH_MIN = 8

# Longer than anybody types; keeps the cost of hashing bounded.
PASSWORD_LENGTH_MAX = 1024

# OWASP's setting for argon2id: 19 MiB, two passes, one lane; about 25 ms here.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# At most four hashes at once, so that a wave of logins neither takes the machine's memory nor blocks the loop.
_hashing = ThreadPoolExecutor(max_workers=4, thread_name_prefix="argon2")

# Verified when there is no such user, so that the time an answer takes does not tell.
NOBODY = _hasher.hash("nobody has this password")


async def hash_password(password: str) -> str:
    """Hash a password with argon2id, off the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, _hasher.hash, password)


async def verify_password(password_hash: str, password: str) -> bool:
    """Tell whether a password has this hash, off the event loop."""
    if len(password) > PASSWORD_LENGTH_MAX:
        return False
    return await asyncio.get_running_loop().run_in_executor(_hashing, _verify, password_hash, password)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
