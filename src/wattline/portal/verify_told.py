"""What is told of a charge point we wait for, and small words that several findings share."""

from dataclasses import dataclass, replace

from markupsafe import Markup

from wattline.queries.portal_setup import Setup

IPV4_PARTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What stands above the stations. `hue` is empty while we simply wait; `times` changes more often than the rest.

    `use` is an identity to take over; `again`, `password`, `correct` and `go_on` offer the ways on.
    """

    heading: str
    reasoning: Markup | str
    hue: str = ""
    glyph: str = ""
    times: str = ""
    todo: str = ""
    use: str = ""
    again: bool = False
    password: bool = False
    correct: bool = False
    go_on: bool = False
    evidence: tuple[str, ...] = ()
    line: str = "no charge point yet"
    clock: Markup | str = ""

    @property
    def key(self) -> str:
        """What it says, without what only counts on."""
        return repr(replace(self, times="", clock="", evidence=()))


def own_id(setup: Setup) -> Markup:
    """Write the identity that was set up."""
    assert setup.hardware is not None
    return Markup('<span class="id">{}</span>').format(setup.hardware.identity)


def from_box(setup: Setup) -> tuple[str, ...]:
    """Say from where it is connected, as evidence."""
    address = setup.hardware.remote_address if setup.hardware else None
    return (f"from {masked(address)}",) if address else ()


def masked(address: str) -> str:
    """Hide the half of an IP address that tells which line it is: enough to know a network again."""
    if ":" in address:
        return ":".join(address.split(":")[:2]) + ":…"
    parts = address.split(".")
    return ".".join([*parts[:2], "·", "·"]) if len(parts) == IPV4_PARTS else address
