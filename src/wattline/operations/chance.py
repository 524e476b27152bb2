"""Where random values come from. Verbs take a Chance, so that tests and simulations can repeat what happened."""

import secrets
import uuid
from typing import Protocol

# Without letters that look like digits (Crockford's base 32), so that people can read it out on the phone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
INT32_MAX = 2**31 - 1


class Chance(Protocol):
    """A source of values that nobody can guess."""

    def tag(self) -> str:
        """Make the idTag of a remote start: 20 hexadecimal characters."""

    def transaction_id(self) -> int:
        """Make an OCPP 1.6 transaction id: a positive int32."""

    def human_id(self) -> str:
        """Make a charge's number for people, like `0K49-QBST-PD5J7`."""

    def uuid(self) -> str:
        """Make a UUID."""


class SystemChance:
    """The operating system's randomness."""

    def tag(self) -> str:
        return secrets.token_hex(10).upper()

    def transaction_id(self) -> int:
        return secrets.randbelow(INT32_MAX) + 1

    def human_id(self) -> str:
        return human_id([secrets.choice(ALPHABET) for _ in range(13)])

    def uuid(self) -> str:
        return str(uuid.uuid4())


def human_id(letters: list[str]) -> str:
    """Group 13 letters as 4-4-5."""
    text = "".join(letters)
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"
