"""What many charge points can be asked for at once, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from wattline.operations.commands import CommandResult
from wattline.operations.fleet_deeds import COMMANDS, IMPORT
from wattline.portal import outcomes


@dataclass(frozen=True, slots=True)
class FleetDeed:
    """A deed as people read it: its name, what it asks and warns of, its button and icon. `grave`: think twice."""

    label: str
    question: str
    sentence: str
    button: str
    icon: str
    line: str = ""
    grave: bool = False


DEEDS: Mapping[str, FleetDeed] = MappingProxyType({
    "reboot": FleetDeed(
        "Reboot", "Reboot these charge points?",
        "Each is without contact for about 2 minutes, and charges that run on it end. Drivers pay for what they got "
        "until then.", "Reboot", "refresh", grave=True,
    ),
    "out-of-service": FleetDeed(
        "Take out of service", "Take these charge points out of service?",
        "No new charge starts on them, and drivers see that. A charge that runs ends first, in its own time.",
        "Take out of service", "power", grave=True,
    ),
    "in-service": FleetDeed(
        "Put into service", "Put these charge points into service?", "Drivers can start charges on them again.",
        "Put into service", "toggle-left",
    ),
    "price-group": FleetDeed(
        "Set price group", "Which price group counts at these charge points?",
        "It replaces the price group of the same kind that counts there now. Charges that run keep their price.",
        "Set price group", "tag", "Charges that run keep their price.",
    ),
    "site": FleetDeed(
        "Move to a site", "At which site do these charge points stand?",
        "They are listed there, and have that site’s address and prices.", "Move them", "map-pin",
        "They get its address and prices.",
    ),
    "firmware": FleetDeed(
        "Update firmware", "Update the firmware of these charge points?",
        "Each fetches the file from the address, installs it and restarts, out of service meanwhile. Only choose "
        "charge points of the model that the file is for.", "Update firmware", "download",
        "Each fetches a file and installs it.", grave=True,
    ),
    "unlock": FleetDeed(
        "Unlock connectors", "Unlock all connectors of these charge points?",
        "They let every cable go. Charges that run there end first; what was taken counts.", "Unlock", "lock-open",
        "Frees stuck cables. Running charges end first.", grave=True,
    ),
    "read-settings": FleetDeed(
        "Read settings", "Read the settings of these charge points?",
        "Disturbs nobody. The answers are kept on their pages.", "Read settings", "list-details",
        "Disturbs nobody. The answers are kept on their pages.",
    ),
    "clear-cache": FleetDeed(
        "Forget remembered keys", "Let these charge points forget the keys they remember?",
        "Keys are asked for again at their next tap.", "Forget keys", "eraser",
        "Keys are asked for again at their next tap.",
    ),
})  # fmt: skip

PLANS = {"create": "Make it", "update": "Change it", "same": "Nothing to do", "problem": "Left out"}
STATES = {"draft": "Waits for you", "running": "Under way", "done": "Done", "cancelled": "Called off"}
STATE_GLYPHS = {"draft": "pending", "running": "pending", "done": "complete", "cancelled": "failed"}


def label_of(deed: str) -> str:
    """Call an order by its name."""
    return "Import from a file" if deed == IMPORT else DEEDS[deed].label


def say_row(deed: str, row: Any) -> outcomes.Said:
    """Say what became of one row."""
    outcome = row["outcome"]
    label = label_of(deed)
    if outcome is None:
        waits = row["plan"] is None and row["command_id"] is not None
        return outcomes.Said("current", "starting", "Asked, waiting for its answer" if waits else "Not begun yet")
    if outcome in ("done", "left-out"):
        return _written(row, outcome)
    if outcome == "refused" and row["command_id"] is None:
        return outcomes.Said("amber", "failed", "Not done", row["words"] or "")
    if outcome == "called-off":
        return outcomes.Said("ink", "failed", "Called off before it began")
    if outcome == "gone":
        return outcomes.Said("ink", "failed", "Deleted meanwhile", "There is no such charge point any more.")
    command = COMMANDS.get(deed)
    purpose = command.purpose if command else deed
    return outcomes.say(purpose, label, CommandResult(outcome, row["answer"] or {}, row["command_id"] or 0))


def _written(row: Any, outcome: str) -> outcomes.Said:
    if outcome == "left-out":
        return outcomes.Said("amber", "failed", "Left out", row["words"] or "")
    heading = {"create": "Made", "update": "Changed", "same": "Is like that already"}.get(row["plan"] or "", "Done")
    return outcomes.Said("green", "completed", heading, row["words"] or "")
