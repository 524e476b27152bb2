"""Somebody else controls the charge point: its own app, its maker's cloud, the car's app."""

from collections.abc import Iterator
from itertools import pairwise

from wattline.domain.causes.facts import Charge, Facts, Line
from wattline.domain.causes.finding import CERTAIN, FITS, SHOWN, Cause, Finding, Proof

REMOTE = frozenset({"Remote", "UnlockCommand"})
STOPS = ("RemoteStopTransaction", "UnlockConnector")
SETTINGS = ("SetChargingProfile",)


def causes(facts: Facts) -> Iterator[Finding]:
    """Look for stops, pauses and other addresses that are not of our doing."""
    if facts.charge is not None:
        yield from _foreign_stop(facts, facts.charge)
        yield from _foreign_pause(facts, facts.charge)
    yield from _two_places(facts)


def _foreign_stop(facts: Facts, charge: Charge) -> Iterator[Finding]:
    if charge.stopped_at is None or charge.stop_reason not in REMOTE or charge.stop_asked_at is not None:
        return
    if facts.commands(*STOPS):
        return
    proofs = (
        Proof(what="StopTransaction", at=charge.stopped_at, value=charge.stop_reason),
        Proof(what="stops-of-ours", value=0, unit="times"),
    )
    yield Finding(cause=Cause.OTHER_APP, weight=CERTAIN - 2, proofs=proofs, told={"did": "stop"})


def _foreign_pause(facts: Facts, charge: Charge) -> Iterator[Finding]:
    at = charge.last_move("PausedByChargePoint")
    if at is None or charge.state == "scheduled" or facts.commands(*SETTINGS):
        return
    proofs = (
        Proof(what="SuspendedEVSE", at=at),
        Proof(what="limits-of-ours", value=0, unit="times"),
    )
    running = charge.stopped_at is None and charge.raw_state == "suspended_evse"
    yield Finding(cause=Cause.OTHER_APP, weight=FITS + 5 if running else FITS - 5, proofs=proofs, told={"did": "pause"})


def _two_places(facts: Facts) -> Iterator[Finding]:
    calls = [line for line in facts.of_kind("Connect") if line.says("address")]
    addresses = {line.says("address") for line in calls}
    if len(addresses) < 2 or _changes(calls) < 3:
        return
    proofs = tuple(Proof(what="Connect", at=line.at, value=line.says("address")) for line in calls[-3:])
    yield Finding(cause=Cause.OTHER_APP, weight=SHOWN - 20, proofs=proofs, told={"did": "connect"})


def _changes(calls: list[Line]) -> int:
    addresses = [line.says("address") for line in calls]
    return sum(before != after for before, after in pairwise(addresses))
