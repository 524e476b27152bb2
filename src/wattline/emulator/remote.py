"""What the central system can have a charge point do with its connectors, in words of no particular OCPP version."""

from dataclasses import replace
from enum import StrEnum

from wattline.emulator.authorising import ask_or_decide
from wattline.emulator.box import Box
from wattline.emulator.charging import admit, can_start, end
from wattline.emulator.charging_profiles import Profile
from wattline.emulator.connector import Connector
from wattline.emulator.messages import StopReason
from wattline.emulator.quirks import Quirk


class Unlocking(StrEnum):
    """How an attempt to open the lock ended."""

    UNLOCKED = "Unlocked"
    FAILED = "UnlockFailed"
    NOT_SUPPORTED = "NotSupported"


def remote_start(box: Box, id_tag: str, number: int | None, profile: Profile | None) -> bool:
    """Start for somebody who asked elsewhere; tell whether we will try.

    With AuthorizeRemoteTxRequests the key is checked as if it had been shown here (OCPP 1.6 section 5.11).
    """
    connector = _connector_for(box, id_tag, number)
    refuses_profile = profile is not None and Quirk.NO_START_WITH_PROFILE in box.quirks
    if connector is None or refuses_profile:
        return False
    if profile is not None and not box.profiles.install(replace(profile, connector=connector.number)):
        return False
    if box.keys.is_on("AuthorizeRemoteTxRequests"):
        ask_or_decide(box, connector, id_tag)
    else:
        admit(box, connector, id_tag)
    return True


def remote_stop(box: Box, central_transaction_id: int) -> bool:
    """End the transaction of this id; tell whether there is one."""
    connector = box.find_transaction(central_transaction_id)
    if connector is None:
        return False
    end(box, connector, StopReason.REMOTE)
    return True


def unlock(box: Box, number: int) -> Unlocking:
    """Open the lock, which ends a transaction; hands must pull the cable out (OCPP 1.6 section 5.18)."""
    if not 1 <= number <= len(box.connectors):
        return Unlocking.NOT_SUPPORTED
    connector = box.connector(number)
    if connector.is_cable_stuck:
        return Unlocking.FAILED
    if connector.transaction is not None:
        end(box, connector, StopReason.UNLOCK_COMMAND)
    return Unlocking.UNLOCKED


def _connector_for(box: Box, id_tag: str, number: int | None) -> Connector | None:
    if number is not None:
        known = 1 <= number <= len(box.connectors)
        candidates = [box.connector(number)] if known else []
    else:
        # Without a number we choose: where a car waits, else where one could come.
        candidates = sorted(box.connectors, key=lambda connector: connector.car is None)
    return next((c for c in candidates if can_start(box, c, id_tag) and c.welcome is None), None)
