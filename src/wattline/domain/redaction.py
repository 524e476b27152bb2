"""Secrets that pass through commands to charge points and may not stay in logs. Pure."""

import re
from collections.abc import Mapping
from typing import Any

# OCPP 1.6 security whitepaper, section 3: the key that holds the password a box logs in with.
SECRET_KEYS = frozenset({"authorizationkey"})

HIDDEN = "(hidden)"

_VALUE = re.compile(r'("value"\s*:\s*)"(?:[^"\\]|\\.)*"')


def is_secret(key: object) -> bool:
    """Tell whether a configuration key's value is a secret; keys come in any case (field note C5)."""
    return str(key).casefold() in SECRET_KEYS


def hide_secrets(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return an OCPP payload without the secret it sets, if it sets one."""
    if "value" in payload and is_secret(payload.get("key")):
        return {**payload, "value": HIDDEN}
    return dict(payload)


def hide_secrets_in_frame(text: str) -> str:
    """Return a raw frame that may set a secret without it."""
    if any(key in text.casefold() for key in SECRET_KEYS):
        return _VALUE.sub(rf'\1"{HIDDEN}"', text)
    return text
