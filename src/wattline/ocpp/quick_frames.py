"""The one kind of WebSocket frame that charge points send nearly always, read and written the short way.

A whole, masked, unfragmented text frame of up to 64 KB that fills one chunk of TCP: taking it apart here costs a fifth
of the general parser's time. Everything else is left to the library.
"""

# The library's own choice between C and Python.
from websockets.frames import apply_mask  # type: ignore[attr-defined]

WHOLE_TEXT = 0x81  # FIN, opcode 1
MASKED = 0x80
SMALL_MAX = 125
LENGTH_IN_TWO_BYTES = 126
MEDIUM_MAX = 0xFFFF


def whole_text(chunk: bytes) -> str | None:
    """Return the text of a chunk that is exactly one such frame; None for anything else. RFC 6455, section 5.2."""
    if len(chunk) < 6 or chunk[0] != WHOLE_TEXT or not chunk[1] & MASKED:
        return None
    length, start = chunk[1] & ~MASKED, 2
    if length == LENGTH_IN_TWO_BYTES:
        length, start = int.from_bytes(chunk[2:4]), 4
    if length > MEDIUM_MAX or len(chunk) != start + 4 + length:
        return None
    try:
        return str(apply_mask(chunk[start + 4 :], chunk[start : start + 4]), "utf-8")
    except UnicodeDecodeError:
        return None


def text_frame(text: str) -> bytes | None:
    """Write a text frame of a server, which is not masked; None when it is too long for the short way."""
    payload = text.encode()
    if len(payload) <= SMALL_MAX:
        return bytes((WHOLE_TEXT, len(payload))) + payload
    if len(payload) <= MEDIUM_MAX:
        return bytes((WHOLE_TEXT, LENGTH_IN_TWO_BYTES)) + len(payload).to_bytes(2) + payload
    return None
