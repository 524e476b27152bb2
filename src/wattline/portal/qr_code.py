"""QR codes: dark on light in both themes, since cameras expect it."""

import segno
from markupsafe import Markup


def qr_code(text: str) -> Markup:
    """Draw a text as SVG."""
    drawn = segno.make(text, error="m", micro=False)
    svg = drawn.svg_inline(border=2, dark="#17191e", light="#ffffff", svgclass="code", lineclass=None, omitsize=True)
    return Markup(svg)  # noqa: S704  drawn by segno from numbers; the text is only in the pattern
