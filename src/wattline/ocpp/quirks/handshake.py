"""Mend a request to connect before an HTTP parser sees it, and choose the version to speak (H1, H2, H3, H5)."""

import re
from collections.abc import Sequence
from urllib.parse import quote_from_bytes

import msgspec

from wattline.wire.ocpp.deviations import Code, Deviation, deviation

_REQUEST_LINE = re.compile(rb"(?P<method>[A-Z]+) +(?P<target>\S.*?) +(?P<version>HTTP/\d\.\d)[ \t]*", re.DOTALL)
_UPGRADE = re.compile(rb"^upgrade[ \t]*:[^\r\n]*websocket", re.IGNORECASE | re.MULTILINE)
_CONNECTION = re.compile(rb"^connection[ \t]*:[^\r\n]*\bupgrade\b", re.IGNORECASE | re.MULTILINE)
_LONE_PERCENT = re.compile(rb"%(?![0-9a-fA-F]{2})")

# What RFC 3986 allows in a path and query, less what `quote` always keeps. A `#` is part of a name here.
_ALLOWED = "/:?@!$&'()*+,;=%"


class Repaired(msgspec.Struct, frozen=True):
    """A request's head that a strict parser takes, and what was wrong with it."""

    head: bytes
    deviations: tuple[Deviation, ...]


def repair_request(head: bytes) -> Repaired:
    """Mend the head of a request, given up to and with its empty line. What is not mended is left to the parser."""
    line, end, headers = head.partition(b"\r\n")
    mended = _mend_line(line)
    deviations = []
    if mended != line:
        deviations.append(deviation(Code.REQUEST_LINE, sample=line.decode("latin-1")))
    if _UPGRADE.search(headers) and not _CONNECTION.search(headers):
        deviations.append(deviation(Code.CONNECTION_HEADER_MISSING))
        headers = b"Connection: Upgrade\r\n" + headers
    return Repaired(mended + end + headers, tuple(deviations))


def choose_subprotocol(header: str | None, known: Sequence[str], default: str | None) -> str | None:
    """Choose from the client's list the first subprotocol we know, as the client spells it; `default` if it has none.

    The client lists them by preference (RFC 6455, section 4.1). None: it speaks nothing we know.
    """
    offered = [name.strip() for name in (header or "").split(",") if name.strip()]
    if not offered:
        return default
    return next((name for name in offered if name.casefold() in known), None)


def _mend_line(line: bytes) -> bytes:
    parts = _REQUEST_LINE.fullmatch(line)
    if parts is None:
        return line
    target = quote_from_bytes(_LONE_PERCENT.sub(b"%25", parts["target"]), safe=_ALLOWED)
    return b" ".join((parts["method"], target.encode("ascii"), parts["version"]))
