"""Signed meter values (Eichrecht): kept word for word, because a changed byte breaks the signature."""

from collections.abc import Iterable, Mapping
from typing import Any

# How the text of each format begins.
_FORMATS = {"OCMF|": "OCMF", "AP;": "ALFEN", "<?xml": "PCDF"}

_BEGIN = "Transaction.Begin"


def signed_data(sampled: Iterable[Mapping[str, Any]]) -> dict[str, str | None] | None:
    """Find the signed values among a transaction's sampledValues: the text of its start (if apart) and of its end."""
    signed = [value for value in sampled if value.get("format") == "SignedData" and value.get("value")]
    if not signed:
        return None
    starts = [value["value"] for value in signed if value.get("context") == _BEGIN]
    end = signed[-1]["value"]
    start = starts[0] if starts and starts[0] != end else None
    return {"format": _format(end), "startMeter": start, "endMeter": end}


def _format(text: str) -> str:
    return next((name for beginning, name in _FORMATS.items() if text.startswith(beginning)), "UNKNOWN")
