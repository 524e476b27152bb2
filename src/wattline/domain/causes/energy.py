"""No energy is counted although cars charge."""

from collections.abc import Iterator

from wattline.domain.causes.facts import Facts
from wattline.domain.causes.finding import CERTAIN, FITS, SHOWN, Cause, Finding, Proof


def causes(facts: Facts) -> Iterator[Finding]:
    """Look at the meter, and at charging that nobody asked for."""
    charge, place = facts.charge, facts.place
    if place.status == "Charging" and not place.has_charge:
        proof = Proof(what="StatusNotification", at=place.status_at, value="Charging")
        yield Finding(cause=Cause.FREE_CHARGING, weight=CERTAIN, proofs=(proof, Proof(what="charges-here", value=0)))
    if charge is None or charge.started_at is None or charge.energy_wh > 0:
        return
    over = charge.stopped_at is not None
    if not over and not facts.of_kind("Charging"):
        return
    proofs = [
        Proof(what="counted", value=charge.energy_wh, unit="Wh"),
        Proof(what="meter-begin", value=charge.meter_start_wh, unit="Wh"),
        Proof(what="meter-end", value=charge.meter_last_wh, unit="Wh"),
        *(Proof(what="Charging", at=line.at) for line in facts.of_kind("Charging")[-1:]),
    ]
    known = tuple(each for each in proofs if each.value is not None or each.at is not None)
    yield Finding(
        cause=Cause.NO_ENERGY, weight=SHOWN if over else FITS, proofs=known, told={"charged": bool(facts.power)}
    )
