"""A connector kept for one charge key."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Reservation:
    """Who may use the connector, and until when."""

    id: int
    id_tag: str
    parent_id_tag: str | None
    expires_at: datetime

    def admits(self, id_tag: str, parent_id_tag: str | None) -> bool:
        """Tell whether this key, or its group, is the one that reserved."""
        same_group = parent_id_tag is not None and parent_id_tag == self.parent_id_tag
        return id_tag == self.id_tag or same_group
