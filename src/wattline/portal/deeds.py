"""What one can ask of a charge point, as data: each deed with one line on what happens to the driver.

The six of the menu come first; the rest stand on the Actions tab, each with its form. How they are done is in
remote_actions.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from wattline.portal.point_view import PointView
from wattline.queries.portal_charge_point import Connector, OpenCharge


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of Remote actions. `line` tells what happens to the driver, or why it cannot work now."""

    key: str
    icon: str
    label: str
    line: str
    works: bool = True
    danger: bool = False
    shortcut: str = ""


def menu_of(view: PointView, charges: Sequence[OpenCharge]) -> list[MenuItem]:
    """Put the menu together for a charge point as it is now."""
    connected = view.box.connected
    return [
        MenuItem("check", "stethoscope", "Run a check", _check_line(connected), shortcut="c"),
        _start(view, connected),
        _stop(view, connected),
        _asking(
            "unlock", "lock-open", "Unlock connector…", "Frees a stuck cable. A running charge ends first.", connected
        ),
        _asking(
            "reboot",
            "refresh",
            "Reboot charge point…",
            "About 2 minutes without contact. Ends running charges.",
            connected,
        ),
        _force_stop(charges),
    ]


NO_CONTACT = "No contact now, so it cannot be asked."


def _check_line(connected: bool) -> str:
    return (
        "Asks the charge point how it is. Disturbs nobody."
        if connected
        else "No contact now. Says what to do about it."
    )


def _asking(key: str, icon: str, label: str, line: str, connected: bool) -> MenuItem:
    return MenuItem(key, icon, label, line if connected else NO_CONTACT, works=connected)


def startable(view: PointView) -> list[Connector]:
    """List the connectors at which a charge could start now: a car is plugged in, and no charge holds it."""
    return [one.connector for one in view.by_number if one.connector.cable_plugged_in and one.connector.charge is None]


def _start(view: PointView, connected: bool) -> MenuItem:
    ready = startable(view)
    if not connected:
        line = NO_CONTACT
    elif ready:
        line = f"A car is plugged in at connector {ready[0].number}."
    elif all(one.connector.charge for one in view.by_number):
        line = "A charge runs on every connector."
    else:
        free = next(one.connector for one in view.by_number if one.connector.charge is None)
        line = f"Connector {free.number} needs a car first: nothing is plugged in."
    return MenuItem("start", "player-play", "Start charge…", line, works=connected and bool(ready))


def running(view: PointView) -> list[Connector]:
    """List the connectors whose charge can be stopped."""
    stoppable = {"paying", "reserved", "starting", "scheduled", "charging", "paused", "stopping"}
    return [one.connector for one in view.by_number if one.connector.charge and one.connector.charge.state in stoppable]


def _stop(view: PointView, connected: bool) -> MenuItem:
    found = running(view)
    if not found:
        return MenuItem("stop", "square", "Stop charge…", "No charge runs here.", works=False)
    if not connected:
        return MenuItem("stop", "square", "Stop charge…", NO_CONTACT, works=False)
    line = f"Connector {found[0].number} ends normally. What was taken counts."
    return MenuItem("stop", "square", "Stop charge…", line)


def _force_stop(charges: Sequence[OpenCharge]) -> MenuItem:
    if not charges:
        line = "No charge is open here."
        return MenuItem("force-stop", "hand-stop", "Force stop charging…", line, works=False, danger=True)
    line = "Ends it and takes the payment away. Nobody pays."
    return MenuItem("force-stop", "hand-stop", "Force stop charging…", line, danger=True)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a deed's form. `kind`: text, number, moment, long, choice, connector."""

    name: str
    label: str
    kind: str = "text"
    choices: tuple[tuple[str, str], ...] = ()
    value: str = ""
    required: bool = True
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """One deed of the Actions tab."""

    key: str
    icon: str
    label: str
    line: str
    button: str
    fields: tuple[Field, ...] = field(default=())
    expert: bool = False


CONNECTOR = Field("connector", "Connector", "connector")
ANY_CONNECTOR = Field("connector", "Connector", "connector-or-all")
UNITS = (("A", "Ampere"), ("W", "Watt"))
TRIGGERS = tuple((name, name) for name in (
    "StatusNotification", "MeterValues", "Heartbeat", "BootNotification", "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
))  # fmt: skip

MORE_DEEDS = (
    Deed(
        "availability", "toggle-left", "Change availability",
        "Out of service, no new charge starts; one that runs ends first. In service, drivers can charge again.",
        "Change it",
        (ANY_CONNECTOR, Field("operative", "Should be", "choice", (("yes", "In service"), ("no", "Out of service")))),
    ),
    Deed(
        "get-configuration", "list-details", "Read its settings",
        "Disturbs nobody. What it answers is kept and shown below.", "Read settings",
        (Field("keys", "Only these, separated by commas", required=False, hint="Empty asks for all."),),
    ),
    Deed(
        "set-configuration", "adjustments-horizontal", "Change a setting",
        "Some settings count only after a reboot. A wrong address makes it lose contact with us.", "Change setting",
        (Field("key", "Name"), Field("value", "Value", required=False)),
    ),
    Deed(
        "trigger", "broadcast", "Ask for a message now",
        "Disturbs nobody. The message shows in the log.", "Ask",
        (Field("message", "Message", "choice", TRIGGERS), ANY_CONNECTOR),
    ),
    Deed(
        "diagnostics", "file-download", "Fetch its diagnostics",
        "It uploads a file to an address of yours, for its maker to read. Charging goes on.", "Ask for the file",
        (Field("location", "Upload to", hint="ftp:// or https://, as its manual says"),
         Field("start", "From", "moment", required=False), Field("stop", "To", "moment", required=False)),
    ),
    Deed(
        "log", "cloud-download", "Fetch its log",
        "It uploads its log to an address of yours. Only charge points with the security extension can.",
        "Ask for the log",
        (Field("kind", "Which", "choice", (("DiagnosticsLog", "Diagnostics"), ("SecurityLog", "Security"))),
         Field("location", "Upload to")),
    ),
    Deed(
        "firmware", "rotate-clockwise", "Update its firmware",
        "It restarts when it is done, often 10 minutes without charging. Running charges may end.", "Update firmware",
        (Field("location", "Download from"), Field("at", "Not before", "moment", required=False)),
    ),
    Deed(
        "clear-cache", "eraser", "Forget remembered keys",
        "Keys are asked for again at their next tap. Nobody notices.", "Clear the cache",
    ),
    Deed(
        "reserve", "bookmark", "Reserve a connector",
        "Only the key named here can charge until then.", "Reserve",
        (CONNECTOR, Field("id_tag", "Charge key"), Field("until", "Until", "moment")),
    ),
    Deed(
        "cancel-reservation", "bookmark-off", "Cancel a reservation",
        "The connector is free for everybody again.", "Cancel it",
        (Field("reservation_id", "Reservation number", "number"),),
    ),
    Deed(
        "set-profile", "chart-line", "Limit its power",
        "Cars charge slower at once; nobody is stopped unless the limit is 0.", "Set the limit",
        (ANY_CONNECTOR, Field("limit", "At most", "number"), Field("unit", "Unit", "choice", UNITS),
         Field("purpose", "Holds for", "choice", (
             ("ChargePointMaxProfile", "the whole charge point"), ("TxDefaultProfile", "every charge from now on"),
         ))),
    ),
    Deed(
        "clear-profile", "bolt", "Lift power limits",
        "Cars may take all that the charge point gives.", "Lift the limits", (ANY_CONNECTOR,),
    ),
    Deed(
        "composite-schedule", "calendar-time", "Ask for its plan",
        "Disturbs nobody. It says which power it would give.", "Ask",
        (ANY_CONNECTOR, Field("minutes", "For the next minutes", "number", value="60"),
         Field("unit", "Unit", "choice", UNITS)),
    ),
    Deed(
        "data-transfer", "send", "Send data of its maker's own",
        "What happens is for its maker to say.", "Send",
        (Field("vendor_id", "Vendor id"), Field("message_id", "Message id", required=False),
         Field("data", "Data", "long", required=False)),
    ),
    Deed(
        "raw", "terminal-2", "Raw command",
        "Sends exactly what you write, even what OCPP does not allow. The reply is shown as it comes.", "Send it",
        (Field("action", "Action", hint="For instance GetLocalListVersion"),
         Field("payload", "Payload (JSON)", "long", value="{}")),
        expert=True,
    ),
)  # fmt: skip
