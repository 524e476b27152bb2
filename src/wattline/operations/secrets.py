"""Hashing and sealing of secrets. The pepper is the server's own secret: a stolen database alone opens nothing.

Random and long secrets (passwords of boxes, tokens, client secrets) are hashed with HMAC-SHA-256, which is fast; what
people choose goes through argon2id in users.py. Secrets that we must show to others again are sealed, not hashed.
"""

import hmac
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

BOX_PASSWORD_BYTES = 20
NONCE_BYTES = 12


def box_password(random: bytes) -> str:
    """Write 20 random bytes as a box's password: 40 hex characters, which Basic auth and AuthorizationKey both take.

    OCPP 1.6J section 6.2: AuthorizationKey is set as hex, and a box may send the text or the bytes it stands for.
    """
    assert len(random) == BOX_PASSWORD_BYTES
    return random.hex()


def box_password_hmac(password: bytes, pepper: bytes) -> bytes:
    """Hash the password a box sent or was given."""
    return _keyed_hash(b"charge point password", password, pepper)


def token_hash(token: str, pepper: bytes) -> bytes:
    """Hash an API token or a session's cookie."""
    return _keyed_hash(b"token", token.encode(), pepper)


def secret_hash(secret: str, pepper: bytes) -> bytes:
    """Hash an API key's client secret."""
    return _keyed_hash(b"client secret", secret.encode(), pepper)


def seal(text: str, *, pepper: bytes, nonce: bytes) -> bytes:
    """Encrypt a secret that must be read again. `nonce` is 12 random bytes, new each time."""
    assert len(nonce) == NONCE_BYTES
    return nonce + _cipher(pepper).encrypt(nonce, text.encode(), None)


def unseal(sealed: bytes, *, pepper: bytes) -> str:
    """Decrypt what `seal` made. Raises cryptography's InvalidTag when the pepper is another."""
    return _cipher(pepper).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()


def _keyed_hash(purpose: bytes, secret: bytes, pepper: bytes) -> bytes:
    # The purpose keeps the hash of one kind of secret from standing in for another kind.
    return hmac.digest(pepper, purpose + b"\0" + secret, "sha256")


@lru_cache(maxsize=4)
def _cipher(pepper: bytes) -> AESGCM:
    return AESGCM(hmac.digest(pepper, b"sealing key", "sha256"))
