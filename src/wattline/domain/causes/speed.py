"""It charges too slowly: the car, the charge point, load balancing, or the cable."""

from collections.abc import Iterator
from datetime import timedelta

from wattline.domain.causes.facts import Facts
from wattline.domain.causes.finding import FITS, POSSIBLE, Cause, Finding, Proof

# Below this share of what the connector can give, people ask why.
SLOW_SHARE = 0.6
# A car needs a moment to rise to its power.
SEEN_FOR = timedelta(minutes=5)
# A battery this full takes less by its nature.
TAPERS_PERCENT = 80.0
# One phase of 32 A: what a car or a cable with one phase gets at most, in watts.
ONE_PHASE_W = 7_700
ALIKE, FAR_MORE = 1.15, 1.4
ENOUGH_EARLIER = 2


def causes(facts: Facts) -> Iterator[Finding]:
    """Name all four whenever a charge is slow, ordered by what was seen."""
    most_w, proofs = slowness(facts)
    if most_w is None:
        return
    yield _car(facts, most_w, proofs)
    yield _point(facts, most_w, proofs)
    yield _shared(facts, proofs)
    yield _cable(facts, most_w, proofs)


def slowness(facts: Facts) -> tuple[int | None, tuple[Proof, ...]]:
    """Return the most that flowed, in watts, with its proofs; None when the charge was not slow or nobody can tell."""
    flowing = [each for each in facts.power if each.watts > 0]
    could_w = facts.place.power_w_max
    if facts.charge is None or not could_w or len(flowing) < 2 or flowing[-1].at - flowing[0].at < SEEN_FOR:
        return None, ()
    most = max(flowing, key=lambda each: each.watts)
    if most.watts >= could_w * SLOW_SHARE:
        return None, ()
    return most.watts, (
        Proof(what="most-power", at=most.at, value=most.watts, unit="W"),
        Proof(what="connector-power", value=could_w, unit="W"),
    )


def _car(facts: Facts, most_w: int, proofs: tuple[Proof, ...]) -> Finding:
    weight, more = POSSIBLE + 5, list(proofs)
    soc = facts.charge.soc_percent if facts.charge else None
    if facts.place.best_w is not None and facts.place.best_w > most_w * FAR_MORE:
        weight = FITS + 5
        more.append(Proof(what="others-power", value=facts.place.best_w, unit="W"))
    if facts.place.direct_current and soc is not None and soc >= TAPERS_PERCENT:
        weight = max(weight, FITS)
        more.append(Proof(what="battery", value=soc, unit="%"))
    return Finding(cause=Cause.SLOW_CAR, weight=weight, proofs=tuple(more), told={"full": soc})


def _point(facts: Facts, most_w: int, proofs: tuple[Proof, ...]) -> Finding:
    best_w = facts.place.best_w
    hot = [line for line in facts.lines if line.says("errorCode") == "HighTemperature"]
    if hot:
        proof = Proof(what=hot[-1].kind, at=hot[-1].at, value="HighTemperature")
        return Finding(cause=Cause.SLOW_POINT, weight=FITS + 8, proofs=(*proofs, proof), told={"hot": True})
    if best_w is not None and facts.place.earlier >= ENOUGH_EARLIER and best_w <= most_w * ALIKE:
        proof = Proof(what="others-power", value=best_w, unit="W")
        return Finding(cause=Cause.SLOW_POINT, weight=FITS + 2, proofs=(*proofs, proof))
    return Finding(cause=Cause.SLOW_POINT, weight=POSSIBLE, proofs=proofs)


def _shared(facts: Facts, proofs: tuple[Proof, ...]) -> Finding:
    limits = facts.commands("SetChargingProfile")
    neighbours = facts.charge.neighbours if facts.charge else 0
    if limits:
        proof = Proof(what="SetChargingProfile", at=limits[-1].at, value=limits[-1].outcome)
        return Finding(cause=Cause.SLOW_SHARED, weight=FITS + 7, proofs=(*proofs, proof), told={"ours": True})
    counted = Proof(what="neighbours", value=neighbours, unit="times")
    weight = POSSIBLE + 6 if neighbours else POSSIBLE - 10
    return Finding(cause=Cause.SLOW_SHARED, weight=weight, proofs=(*proofs, counted), told={"near": neighbours})


def _cable(facts: Facts, most_w: int, proofs: tuple[Proof, ...]) -> Finding:
    # The cable of a fast charger hangs on it, so it is seldom at fault there.
    fits = not facts.place.direct_current and most_w <= ONE_PHASE_W
    return Finding(cause=Cause.SLOW_CABLE, weight=POSSIBLE + 2 if fits else POSSIBLE - 12, proofs=proofs)
