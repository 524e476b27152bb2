"""How the passcode of somebody stands: set, locked, or to be set anew."""

from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class PasscodeStanding:
    """A passcode as its page shows it; `failures` since the last right one."""

    set_at: datetime
    failures: int
    locked_until: datetime | None
    reset_needed: bool

    def locked(self, now: datetime) -> bool:
        """Tell whether not even the right one counts now."""
        return self.reset_needed or (self.locked_until is not None and now < self.locked_until)


async def passcode_standing(connection: Connection, user_id: int | None) -> PasscodeStanding | None:
    """Load it; None when it was never set."""
    row = await connection.fetchrow(
        "select set_at, failures, locked_until, reset_needed from passcode where user_id = $1", user_id
    )
    return None if row is None else PasscodeStanding(**dict(row))
