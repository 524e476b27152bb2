"""HTTP Basic as charge points write it (OCPP-J 1.6 section 6.2; field notes H6, H7)."""

import base64
import binascii
import re

import msgspec

from wattline.wire.ocpp.deviations import Code, Deviation, deviation

_BASIC = re.compile(r"\s*basic(?P<colon>:?)\s+(?P<token>\S.*?)\s*", re.IGNORECASE | re.DOTALL)
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2})+")

# A key of 20 bytes is the longest OCPP-J knows; leave room for long passphrases, not for attacks.
CREDENTIALS_BYTES_MAX = 1024


class Credentials(msgspec.Struct, frozen=True):
    """What the header said: `identity:password` as bytes, since a password may be any bytes (H6)."""

    raw: bytes
    deviations: tuple[Deviation, ...] = ()

    def __repr__(self) -> str:
        return "Credentials(not shown)"

    def passwords_for(self, *identities: str) -> tuple[bytes, ...]:
        """List the passwords this may mean for a box, as sent first: each to be tried against the stored hash.

        `identities` are its name as it is registered and as it called. It may hold colons (a MAC address), so it is
        looked for as a whole. A key set in hexadecimal is sent as that text by some firmware and decoded by other.
        """
        return tuple(dict.fromkeys(form for identity in identities for form in self._forms(identity)))

    def _forms(self, identity: str) -> list[bytes]:
        sent = self._after(identity)
        forms = [sent, sent.strip(b"\x00\r\n ")]
        if _HEX.fullmatch(sent):
            forms += [sent.upper(), sent.lower(), binascii.unhexlify(sent)]
        else:
            forms += [sent.hex().upper().encode(), sent.hex().encode()]
        return [form for form in forms if form]

    def _after(self, identity: str) -> bytes:
        name = identity.encode() + b":"
        if self.raw[: len(name)].lower() == name.lower():
            return self.raw[len(name) :]
        return self.raw.partition(b":")[2]


def read_basic(header: str | bytes | None) -> Credentials | None:
    """Read an Authorization header; None when there is none, or nothing can be made of it."""
    text = header.decode("latin-1") if isinstance(header, bytes) else header or ""
    found = _BASIC.fullmatch(text)
    raw = _decoded(found["token"]) if found and len(text) <= CREDENTIALS_BYTES_MAX else None
    if found is None or raw is None:
        return None
    # The text is not kept: it is a secret.
    return Credentials(raw, (deviation(Code.AUTHORIZATION_SCHEME, "Authorization"),) if found["colon"] else ())


def _decoded(token: str) -> bytes | None:
    """Decode base64 in either alphabet, with or without padding."""
    plain = token.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
