"""Many rows as one argument.

asyncpg takes arrays element by element, which costs more than all the rest of storing a reading. So rows travel as one
JSON text, and `json_to_recordset($1::text::json)` makes them rows again; lists become arrays, whatever their lengths.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode


def rows_text(rows: Sequence[Any]) -> str:
    """Write dicts or msgspec Structs as a JSON list. What PostgreSQL cannot keep in a text, NUL, becomes U+FFFD."""
    return _encode(rows).replace(rb"\u0000", rb"\ufffd").decode()
