"""Names that hardware goes by: the identity a box connects with, the EVSE id other networks know a connector by."""

import re

from wattline.domain.refusals import Invalid

# OCPP 2.x allows 48 characters; 1.6 names no limit, and 48 is what our tables and pages are laid out for.
IDENTITY_LENGTH_MAX = 48

# Boxes with `#`, `:`, blanks and slashes in their names exist (field note H5). But `?` and `%` end or change a name in
# an address whatever the gateway does, and a backslash is a slash to some libraries.
_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f?%\\]+")


def checked_identity(identity: str, *, field: str) -> str:
    """Return an identity as people should write it, without blanks around it, or raise Invalid naming `field`."""
    tidy = identity.strip()
    if not tidy:
        raise Invalid(field, "is empty. It is the name the charge point connects with, usually its serial number.")
    if len(tidy) > IDENTITY_LENGTH_MAX:
        raise Invalid(field, f"is longer than {IDENTITY_LENGTH_MAX} characters.")
    if not _PRINTABLE.fullmatch(tidy):
        raise Invalid(field, "has a character that cannot be part of an address: ? % \\ or a control character.")
    if tidy.startswith("/") or tidy.endswith("/") or "//" in tidy:
        raise Invalid(field, "begins or ends with a slash, or has two in a row. Charge points vary those.")
    return tidy


def identity_key(identity: str) -> str:
    """Reduce an identity to what it is looked up by: boxes vary its case and put blanks or slashes around it."""
    return identity.strip(" /\t").casefold()


def evse_id(*, country: str, party: str, number: int) -> str:
    """Make the id of eMI3: country, the operator's three characters, and our number, as in `DK*WAT*E12`."""
    letters = re.sub(r"[^A-Z0-9]", "", party.upper())[:3].ljust(3, "X")
    return f"{country.upper()}*{letters}*E{number}"
