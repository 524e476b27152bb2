"""A QR code for whoever stands at the charge point: the three values, as text that any phone shows and copies."""

from markupsafe import Markup

from wattline.portal.qr_code import qr_code


def installer_code(*, address: str, identity: str, password: str) -> Markup:
    """Draw the code."""
    return qr_code(f"OCPP URL: {address}\nIdentity: {identity}\nPassword: {password}\n")
