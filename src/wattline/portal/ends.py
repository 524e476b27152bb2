"""Ends of charges that somebody will ask about: how loud each is, its sentence, the reasoning, what to do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class End:
    """How an end is explained."""

    hue: str
    glyph: str
    heading: str
    reasoning: str
    todo: str = ""


ENDS = {
    "EmergencyStop": End(
        "red",
        "error",
        "The emergency stop was pressed",
        "The charge point cut the energy at once.",
        "go and look, and release the button only when it is safe.",
    ),
    "PowerLoss": End(
        "amber",
        "stopped",
        "The charge point lost its power",
        "It ended the charge when the power went or came back.",
        "look at fuses and the mains if it happens again.",
    ),
    "Reboot": End(
        "amber",
        "stopped",
        "The charge point restarted",
        "A restart ended the charge.",
        "look at the log for what made it restart.",
    ),
    "HardReset": End(
        "amber", "stopped", "The charge point was restarted at once", "A restart ended the charge.", "start again."
    ),
    "SoftReset": End(
        "amber", "stopped", "The charge point was restarted", "A restart ended the charge.", "start again."
    ),
    "UnlockCommand": End("amber", "stopped", "The connector was unlocked", "Unlocking ended the charge.", "nothing."),
    "no-sign-of-life": End(
        "amber",
        "stopped",
        "Nothing was heard of it for too long",
        "The charge point stayed silent, so we closed the charge with the last reading it had sent.",
        "nothing. When the charge point comes back with the real end, it is kept here as a correction.",
    ),
    "another-charge-began": End(
        "amber",
        "stopped",
        "Another charge began on the same connector",
        "The end of this one was never told, so it was closed with its last reading.",
        "nothing.",
    ),
    "reservation-expired": End(
        "ink-3", "stopped", "Nobody came in time", "The connector was kept, and is free again.", "nothing."
    ),
    "kwh-limit": End(
        "green", "completed", "Its energy limit was reached", "We stopped it just before it would have passed it."
    ),
    "soc-limit": End(
        "green", "completed", "Its battery limit was reached", "We stopped it when the battery was as full as wished."
    ),
    "price-limit": End(
        "green", "completed", "Its price limit was reached", "We stopped it just before it would have passed it."
    ),
}
