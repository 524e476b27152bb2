"""How many OCPP calls went each way, by action: counted here, told with the gateway's beat, shown by /metrics."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wattline.wire.ocpp.versions import V16

# A box may call by any name; only those of the standard are told apart.
UNKNOWN = "unknown"


def _zeros() -> dict[str, int]:
    return dict.fromkeys([*sorted(V16.actions), UNKNOWN], 0)


@dataclass(frozen=True, slots=True)
class CallCounter:
    """Calls since this gateway began: `received` from charge points, `sent` to them."""

    received: dict[str, int] = field(default_factory=_zeros)
    sent: dict[str, int] = field(default_factory=_zeros)

    @property
    def told(self) -> Mapping[str, Mapping[str, int]]:
        """The counts of what has happened at all, by direction."""
        return {way: {action: n for action, n in counts.items() if n} for way, counts in self._ways()}

    def note_received(self, action: str) -> None:
        """Count a call of a charge point."""
        self.received[action if action in self.received else UNKNOWN] += 1

    def note_sent(self, action: str) -> None:
        """Count a call of ours."""
        self.sent[action if action in self.sent else UNKNOWN] += 1

    def _ways(self) -> tuple[tuple[str, dict[str, int]], ...]:
        return ("received", self.received), ("sent", self.sent)
