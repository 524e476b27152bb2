"""How an operator's pages look: a logo and a colour, both checked. Nothing that could run or follow a link is taken."""

import re
from dataclasses import dataclass

from wattline.domain.refusals import Invalid

LOGO_BYTES_MAX = 256 * 1024
# A logo is shown 32 pixels high; more than this is a photograph, or a trap that unpacks.
LOGO_PIXELS_MAX = 2_000
# WCAG 2.2, 1.4.3: white words on it, and it on the paper of our pages.
CONTRAST_MIN = 4.5
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
# Markers of JPEG that hold the size of the picture (ITU-T T.81, table B.1), without those for Huffman tables and such.
JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """A picture that was looked at; `type` is its media type."""

    content: bytes
    type: str
    width: int
    height: int


def checked_logo(content: bytes) -> Logo:
    """Look at a picture's own bytes, not at its name. Raises Invalid."""
    if len(content) > LOGO_BYTES_MAX:
        raise Invalid("logo", "is larger than 256 kB. Save it smaller.")
    if content.lstrip()[:5].lower() in (b"<?xml", b"<svg ", b"<svg>") or b"<svg" in content[:1024].lower():
        raise Invalid("logo", "is SVG, which can hold programs. Save it as PNG.")
    if content.startswith(PNG) and content[12:16] == b"IHDR" and content.rstrip(b"\0").endswith(b"IEND\xaeB`\x82"):
        return _sized(content, "image/png", _number(content[16:20]), _number(content[20:24]))
    if content.startswith(JPEG):
        width, height = _jpeg_size(content)
        return _sized(content, "image/jpeg", width, height)
    raise Invalid("logo", "is neither PNG nor JPEG, or it is damaged.")


def _sized(content: bytes, media_type: str, width: int, height: int) -> Logo:
    if not (0 < width <= LOGO_PIXELS_MAX and 0 < height <= LOGO_PIXELS_MAX):
        raise Invalid("logo", f"is {width} × {height} pixels. At most {LOGO_PIXELS_MAX} × {LOGO_PIXELS_MAX} fit.")
    return Logo(content=content, type=media_type, width=width, height=height)


def _number(octets: bytes) -> int:
    return int.from_bytes(octets, "big")


def _jpeg_size(content: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in JPEG_SIZES:
            return _number(content[at + 7 : at + 9]), _number(content[at + 5 : at + 7])
        at += 2 + _number(content[at + 2 : at + 4])
    raise Invalid("logo", "is a damaged JPEG. Save it again.")


def checked_colour(colour: str) -> str | None:
    """Return a colour as #rrggbb that white words can be read on; None when there is none. Raises Invalid."""
    tidy = colour.strip().lower()
    if not tidy:
        return None
    if not re.fullmatch(r"#[0-9a-f]{6}", tidy):
        raise Invalid("colour", "is written as # and six digits or letters a to f, such as #16704a.")
    ratio = contrast(tidy, "#ffffff")
    if ratio < CONTRAST_MIN:
        raise Invalid("colour", f"is too light: its contrast to white is {ratio:.1f}, and {CONTRAST_MIN} is needed.")
    return tidy


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((_light(one), _light(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _light(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)


def _linear(share: float) -> float:
    return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
