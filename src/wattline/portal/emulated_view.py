"""What the emulator plays, shaped for its page: states in words, and the deeds that make sense now."""

from dataclasses import dataclass

from wattline.domain.naming import name_of_box
from wattline.portal.emulator_line import Played, PlayedBox
from wattline.queries.portal_emulated import EmulatedBox

# OCPP 1.6 section 7.7: the glyph of the state it leads to, and a word.
STATUS_WORDS = {
    "Available": ("available", "Nothing plugged in"),
    "Preparing": ("busy-blocked", "A car is plugged in"),
    "Charging": ("busy-charging", "Charging"),
    "SuspendedEV": ("busy-non-charging", "The car pauses"),
    "SuspendedEVSE": ("busy-non-charging", "The charge point pauses"),
    "Finishing": ("busy-non-released", "Done, still plugged in"),
    "Reserved": ("busy-reserved", "Reserved"),
    "Unavailable": ("maintenance", "Out of service"),
    "Faulted": ("error", "Broken"),
}
# What one can break, in the words of OCPP 1.6 section 7.6 and in ours.
FAULTS = (
    ("GroundFailure", "Earth fault"),
    ("HighTemperature", "Too hot"),
    ("OverCurrentFailure", "Too much current"),
    ("ConnectorLockFailure", "Lock jammed"),
    ("EVCommunicationError", "Car not understood"),
    ("ReaderFailure", "Reader broken"),
    ("PowerMeterFailure", "Meter broken"),
    ("InternalError", "Internal error"),
)


@dataclass(frozen=True, slots=True)
class SocketView:
    """One connector: its state in words, and what can be done by hand."""

    played: Played
    glyph: str
    word: str
    why: str
    can_pause: bool

    @property
    def deeds_key(self) -> str:
        """What the buttons depend on: they are drawn anew only when other ones make sense."""
        played = self.played
        return f"{played.plugged} {self.can_pause} {played.suspended} {played.error_code is not None}"


@dataclass(frozen=True, slots=True)
class BoxView:
    """A charge point: `played` is None while the emulator does not have it."""

    box: EmulatedBox
    name: str
    played: PlayedBox | None
    sockets: tuple[SocketView, ...]

    @property
    def line(self) -> tuple[str, str]:
        """Glyph and word for its line to us."""
        if self.played is None:
            return "passive", "Not running"
        if not self.played.has_power:
            return "maintenance", "No power"
        return ("available", "Connected") if self.played.connected else ("disconnected", "No contact")


def box_view(box: EmulatedBox, played: PlayedBox | None) -> BoxView:
    """Shape one charge point."""
    sockets = () if played is None else tuple(socket_view(each) for each in played.connectors)
    return BoxView(box, name_of_box(box.names), played, sockets)


def socket_view(played: Played) -> SocketView:
    """Shape one connector."""
    glyph, word = STATUS_WORDS.get(played.status, ("other", played.status))
    faults = dict(FAULTS)
    why = faults.get(played.error_code, played.error_code) if played.error_code else ""
    can_pause = played.transaction_id is not None and played.plugged and played.suspended is None
    return SocketView(played, glyph, word, why, can_pause)
