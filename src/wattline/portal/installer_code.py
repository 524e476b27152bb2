"""A QR code for whoever stands at the charge point: the three values, as text that any phone shows and copies."""

import segno
from markupsafe import Markup


def installer_code(*, address: str, identity: str, password: str) -> Markup:
    """Draw the code as SVG: dark on light in both themes, since cameras expect it."""
    text = f"OCPP URL: {address}\nIdentity: {identity}\nPassword: {password}\n"
    drawn = segno.make(text, error="m", micro=False)
    svg = drawn.svg_inline(border=2, dark="#17191e", light="#ffffff", svgclass="code", lineclass=None, omitsize=True)
    return Markup(svg)  # noqa: S704  drawn by segno from numbers; the text is only in the pattern
