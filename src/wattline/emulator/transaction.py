"""One transaction, as the charge point itself remembers it."""

from dataclasses import dataclass, field
from datetime import datetime

from wattline.emulator.messages import Reading


@dataclass(slots=True, kw_only=True)
class Transaction:
    """A transaction from its beginning to the answer to its end. `central_id` is known when the start was answered."""

    connector: int
    id_tag: str
    began_at: datetime
    meter_wh_start: int
    parent_id_tag: str | None = None
    reservation_id: int | None = None
    central_id: int | None = None
    # The central system refused the key and we keep the cable without giving power.
    is_refused: bool = False
    # The register reading at which a refused key's free energy is used up (MaxEnergyOnInvalidId).
    free_until_wh: float | None = None
    kept_readings: list[Reading] = field(default_factory=list)
