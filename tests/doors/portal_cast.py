"""Who and what plays in the story of portal_story.py: sites, boxes, states, one log."""

from typing import Any

# Site, prefix of names, prefix of identities, how many boxes, connector types per box, power in watts.
SITES: list[tuple[str, str, str, int, list[str], int]] = [
    ("Kolding Syd E45", "Kolding Syd", "KOL", 6, ["ccs", "ccs"], 300_000),
    ("Odense Havn", "Odense Havn", "ODE", 6, ["type2", "type2"], 22_000),
    ("Aarhus Ø, Bassin 7", "Bassin 7", "AAR", 5, ["type2"], 22_000),
    ("Sydhavnen Depot", "Depot", "KBH", 5, ["ccs", "ccs"], 150_000),
    ("Roskilde Ringen P-hus", "Ringen", "ROS", 4, ["type2"], 22_000),
    ("Flensburg Hafen", "Hafen", "FLE", 4, ["ccs", "ccs"], 150_000),
    ("Hamburg HafenCity P2", "HafenCity P2", "HAM", 5, ["type2", "type2"], 22_000),
    ("Ballerup Boligforening", "Gård C", "BAL", 5, ["type2"], 11_000),
]
TYPE_IDS = {"type2": 2, "ccs": 3, "chademo": 5}
# (identity, connector number): state. Everything else is free.
STATES = {
    ("KOL-0001", 1): "busy-charging", ("KOL-0002", 1): "busy-charging", ("KOL-0002", 2): "busy-charging",
    ("KOL-0003", 1): "busy-charging", ("KOL-0003", 2): "error", ("KOL-0004", 1): "busy-charging",
    ("KOL-0006", 1): "busy-charging", ("ODE-0001", 1): "disconnected", ("ODE-0001", 2): "disconnected",
    ("ODE-0002", 1): "disconnected", ("ODE-0002", 2): "disconnected", ("ODE-0003", 1): "disconnected",
    ("ODE-0003", 2): "disconnected", ("ODE-0004", 1): "busy-charging", ("ODE-0006", 1): "busy-non-released",
    ("AAR-0002", 1): "busy-charging", ("AAR-0004", 1): "busy-blocked", ("KBH-0001", 1): "busy-scheduled",
    ("KBH-0001", 2): "busy-scheduled", ("KBH-0002", 1): "busy-charging", ("KBH-0003", 1): "busy-scheduled",
    ("KBH-0003", 2): "busy-scheduled", ("KBH-0004", 1): "busy-non-charging", ("KBH-0005", 1): "busy-charging",
    ("ROS-0003", 1): "busy-reserved", ("FLE-0001", 1): "busy-charging", ("FLE-0003", 1): "maintenance",
    ("FLE-0003", 2): "maintenance", ("FLE-0004", 1): "busy-charging", ("HAM-0002", 2): "error",
    ("HAM-0004", 1): "busy-charging", ("BAL-0001", 1): "busy-scheduled", ("BAL-0002", 1): "busy-non-charging",
    ("BAL-0004", 1): "passive",
}  # fmt: skip
OCPP_STATUS = {
    "available": "Available", "busy-charging": "Charging", "busy-blocked": "Preparing",
    "busy-scheduled": "SuspendedEVSE", "busy-non-charging": "SuspendedEV", "busy-non-released": "Finishing",
    "busy-reserved": "Reserved", "error": "Faulted", "maintenance": "Unavailable",
}  # fmt: skip
ERRORS = {("KOL-0003", 2): ("GroundFailure", None), ("HAM-0002", 2): ("OtherError", "lid open")}

LOG: list[tuple[str, int | None, float, dict[str, Any]]] = [
    ("Disconnect", None, -269, {"code": 1006, "reason": "no answer to two pings"}),
    ("Connect", None, -258, {"subprotocol": "ocpp1.6", "address": "87.59.12.4"}),
    ("BootNotification", None, -257.9, {"chargePointVendor": "Alpitronic", "chargePointModel": "HYC300"}),
    ("SuspendedEV", 2, -41, {"status": "SuspendedEV", "errorCode": "NoError"}),
    ("StopTransaction", 2, -34, {"meterStop": 148258000, "reason": "EVDisconnected"}),
    ("StatusNotification", 2, -33.5, {"status": "Available", "errorCode": "NoError"}),
    ("RemoteStartTransaction", 1, -26.2, {"outcome": "accepted", "status": "Accepted"}),
    ("StartTransaction", 1, -26.1, {"meterStart": 148220400, "idTag": "a8f0c1d2e3"}),
    ("Charging", 1, -26, {"status": "Charging", "errorCode": "NoError"}),
]
