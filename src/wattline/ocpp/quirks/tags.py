"""Charge keys as charge points spell them (F9, F10)."""

from wattline.domain.charge_key import normalise
from wattline.ocpp.quirks.table import Quirks


def read_tag(id_tag: str, quirks: Quirks) -> str:
    """Return the tag as keys are compared: without what this make adds, without blanks and separators, in one case.

    A vehicle's `VID:` stays: it says that the tag is a car and not a key.
    """
    separator = quirks.tag_suffix_separator
    bare = id_tag.partition(separator)[0] if separator else id_tag
    return normalise(bare or id_tag)
