"""Who is calling, from the address it calls: charge points put all sorts of things around their name (H4, H5)."""

import re
import unicodedata
from urllib.parse import unquote_to_bytes

# A name longer than any OCPP field for one is no name.
IDENTITY_CHARACTERS_MAX = 255
# A whole URL around such a name, every character of it encoded.
TARGET_CHARACTERS_MAX = 2048
# Enough for every oddity seen; each costs a look into the database.
CANDIDATES_MAX = 8

_WHOLE_URL = re.compile(r"^/*(?:wss?|https?):/*[^/]*", re.IGNORECASE)
_ENCODED = re.compile(r"%[0-9a-fA-F]{2}")
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def identity_candidates(target: str, *, prefix: str = "/ocpp") -> tuple[str, ...]:
    """List the identities a request target may mean, the likeliest first; none when it names nobody.

    `target` is the path of the request as it arrived. Look each up in turn, ignoring case; the first registered one is
    meant. That is safe, since whoever calls must know that one's password.
    """
    if len(target) > TARGET_CHARACTERS_MAX:
        return ()
    parts = [part for part in _path(target).split("/") if part.strip()]
    if parts and parts[0].casefold() == prefix.strip("/").casefold():
        parts = parts[1:]
    # Of several parts the last is mostly the name (`/4/CBI-1`), but it may be any (`/CP_1/SERIAL`), or all together.
    by_place = [*parts[-1:], *parts[:-1]]
    together = ["/".join(_tidy(_decoded(part)) for part in parts)] if len(parts) > 1 else []
    spellings = [*together, *(spelling for part in by_place for spelling in _spellings(part))]
    # The likeliest of all is still the last part.
    spellings[:2] = spellings[1::-1] if together else spellings[:2]
    usable = (name for name in spellings if name and len(name) <= IDENTITY_CHARACTERS_MAX)
    return tuple(dict.fromkeys(usable))[:CANDIDATES_MAX]


def mend_mojibake(text: str) -> str:
    """Undo UTF-8 that was read as Latin-1: `Â°` → `°`. Other text stays as it is."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _path(target: str) -> str:
    """Cut away a scheme and host (some send the whole URL as path) and a query; a `#` belongs to the name."""
    return _WHOLE_URL.sub("", target, count=1).partition("?")[0]


def _spellings(part: str) -> list[str]:
    once = _decoded(part)
    twice = _decoded(once) if _ENCODED.search(once) else once
    return [_tidy(spelling) for spelling in (once, mend_mojibake(once), twice, once.replace("Â", ""))]


def _decoded(part: str) -> str:
    raw = unquote_to_bytes(part)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _tidy(name: str) -> str:
    """Bring equal-looking characters to one form, and drop blanks around the name. Nothing, if it cannot be a name."""
    plain = unicodedata.normalize("NFKC", name).strip()
    return "" if _UNSPEAKABLE.search(plain) else plain
