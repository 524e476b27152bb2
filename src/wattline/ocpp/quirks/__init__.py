"""What differs from vendor to vendor, as data, and the oddities that come before the first message.

`table.py` is the list; a new oddity is a new row there, or a new field that the gateway looks at where it matters.
"""

from wattline.ocpp.quirks.table import Quirks, quirks_for

__all__ = ["Quirks", "quirks_for"]
