"""Why a charge failed: every cause that people ask about is found from what was seen, with its evidence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattline.domain.causes.diagnosis import ANSWERS, diagnose
from wattline.domain.causes.facts import Asked, Charge, Facts, Line, Place, Power, Price
from wattline.domain.causes.finding import Cause
from wattline.domain.causes.starts import Step

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
BEGAN = NOW - timedelta(hours=1)


def at(minutes: float) -> datetime:
    return BEGAN + timedelta(minutes=minutes)


ENDED = Charge(
    state="completed", raw_state="charging", created_at=BEGAN, started_at=at(1), cable_in_at=at(0), stopped_at=at(50),
    stop_reason="StoppedByUser", energy_wh=9_000, meter_start_wh=1_000, meter_last_wh=10_000,
)  # fmt: skip
FAILED = replace(
    ENDED, started_at=None, cable_in_at=None, stopped_at=at(5), failed_at=at(5), energy_wh=0, stop_reason="",
    failure_code="start-expired",
)  # fmt: skip
PLACE = Place(power_w_max=11_000, status="Available")
WELL = Facts(now=NOW, place=PLACE, charge=ENDED, power=[Power(at=at(each), watts=10_800) for each in range(2, 50)])
NOWHERE = Facts(now=NOW, place=replace(PLACE, has_charge=False))


def line(minutes: float, kind: str, **detail: object) -> Line:
    return Line(at=at(minutes), kind=kind, detail=detail)


def charge(**changes: Any) -> Facts:
    return replace(WELL, charge=replace(ENDED, **changes))


def slow(watts: int, **place: Any) -> Facts:
    return replace(
        WELL, place=replace(PLACE, **place), power=[Power(at=at(each), watts=watts) for each in range(2, 50)]
    )


START = Asked(at=at(0), action="RemoteStartTransaction", outcome="accepted", status="Accepted")
STORIES: list[tuple[str, Facts, Cause]] = [
    ("no contact at the start", replace(WELL, charge=replace(FAILED, failure_code="start-no-contact")),
     Cause.NO_CONTACT),
    ("no contact now", replace(NOWHERE, place=replace(PLACE, connected=False, contact_lost_at=at(0))),
     Cause.NO_CONTACT),
    ("contact lost as it began", replace(WELL, lines=[line(2, "Disconnect"), line(9, "Connect")]), Cause.LOST_CONTACT),
    ("a network that comes and goes", replace(NOWHERE, lines=[line(each, "Disconnect") for each in (1, 2, 3)]),
     Cause.LOST_CONTACT),
    ("a fault", replace(WELL, lines=[line(9, "StatusNotification", status="Faulted", errorCode="GroundFailure")]),
     Cause.FAULT),
    ("a fault now", replace(NOWHERE, place=replace(PLACE, status="Faulted", error_code="GroundFailure")), Cause.FAULT),
    ("out of service", replace(NOWHERE, place=replace(PLACE, status="Unavailable")), Cause.OUT_OF_SERVICE),
    ("a restart", replace(WELL, lines=[line(30, "BootNotification")]), Cause.RESTARTED),
    ("stopped from afar, not by us", charge(stop_reason="Remote"), Cause.OTHER_APP),
    ("held back, not by us", charge(moves=[(at(9), "PausedByChargePoint")]), Cause.OTHER_APP),
    ("two programs at one socket", replace(WELL, lines=[
        line(each, "Connect", address=f"10.0.0.{each % 2}") for each in range(4)]), Cause.OTHER_APP),
    ("the car pauses", charge(state="paused", raw_state="suspended_ev", stopped_at=None), Cause.CAR_PAUSES),
    ("the car stopped", charge(raw_state="suspended_ev", moves=[(at(40), "PausedByCar")]), Cause.CAR_STOPPED),
    ("full", charge(raw_state="suspended_ev", soc_percent=100.0, moves=[(at(40), "PausedByCar")]), Cause.BATTERY_FULL),
    ("the charge point pauses", charge(state="paused", raw_state="suspended_evse", stopped_at=None),
     Cause.POINT_PAUSES),
    ("planned", charge(state="scheduled", started_at=None, stopped_at=None), Cause.WAITS_FOR_PLAN),
    ("slow: the car", slow(3_600, best_w=10_900, earlier=4), Cause.SLOW_CAR),
    ("slow: the charge point", slow(3_600, best_w=3_700, earlier=4), Cause.SLOW_POINT),
    ("slow: shared", replace(slow(3_600), charge=replace(ENDED, neighbours=3)), Cause.SLOW_SHARED),
    ("slow: the cable", slow(3_600), Cause.SLOW_CABLE),
    ("no kWh", charge(energy_wh=0, meter_last_wh=1_000), Cause.NO_ENERGY),
    ("free charging", replace(NOWHERE, place=replace(PLACE, status="Charging", has_charge=False)),
     Cause.FREE_CHARGING),
    ("wrong price: changed since", replace(WELL, price=Price(group="Day", chosen_by="public", changed_at=at(20))),
     Cause.PRICE_CHANGED_SINCE),
    ("wrong price: changed before", replace(WELL, price=Price(group="Day", chosen_by="public", changed_at=at(-600))),
     Cause.PRICE_CHANGED_BEFORE),
    ("wrong price: one of their own", replace(WELL, price=Price(group="Staff", chosen_by="member")),
     Cause.PRICE_OF_ONES_OWN),
    ("key unknown", replace(NOWHERE, lines=[line(50, "StartTransaction", status="Invalid", idTag="04A1B2C3")]),
     Cause.KEY_UNKNOWN),
    ("key blocked", replace(NOWHERE, lines=[line(50, "StartTransaction", status="Blocked", idTag="04A1B2C3")]),
     Cause.KEY_BLOCKED),
    ("key expired", replace(NOWHERE, lines=[line(50, "StartTransaction", status="Expired", idTag="04A1B2C3")]),
     Cause.KEY_EXPIRED),
    ("key in use", replace(NOWHERE, lines=[line(50, "StartTransaction", status="ConcurrentTx", idTag="04A1B2C3")]),
     Cause.KEY_IN_USE),
    ("key refused afterwards", charge(stop_reason="DeAuthorized"), Cause.KEY_BLOCKED),
    ("funds missing", replace(NOWHERE, lines=[line(
        50, "StartTransaction", status="Blocked", idTag="04A1B2C3", refusal="12,00 kr. are missing.")]),
     Cause.FUNDS_MISSING),
    ("money used up", charge(stop_reason="price-limit"), Cause.FUNDS_MISSING),
    ("card refused", replace(WELL, charge=replace(FAILED, failure_code="card-refused")), Cause.CARD_REFUSED),
    ("owed", replace(WELL, price=Price(group="Day", chosen_by="public", owed_minor=120)), Cause.HOLD_TOO_SMALL),
    ("stuck: the lock", replace(WELL, lines=[line(51, "StatusNotification", errorCode="ConnectorLockFailure")]),
     Cause.CABLE_STUCK),
    ("stuck: unlocking failed", replace(WELL, asked=[
        Asked(at=at(51), action="UnlockConnector", outcome="refused", status="UnlockFailed")]), Cause.CABLE_STUCK),
    ("stuck: still in", replace(charge(state="releasing", stopped_at=at(20)), place=replace(PLACE, cable_in=True)),
     Cause.CABLE_STUCK),
    ("accepted, never begun", replace(WELL, charge=FAILED, asked=[START]), Cause.NOT_BEGUN),
    ("never said yes", replace(WELL, charge=FAILED), Cause.NEVER_SAID_YES),
    ("refused", replace(WELL, charge=replace(FAILED, failure_code="start-refused")), Cause.START_REFUSED),
    ("unanswered", replace(WELL, charge=replace(FAILED, failure_code="start-no-answer")), Cause.START_UNANSWERED),
    ("overtaken", replace(WELL, charge=replace(FAILED, failure_code="another-charge-began")), Cause.OVERTAKEN),
    ("force stopped", charge(forced_at=at(50), forced_by="Operations manager"), Cause.FORCED),
    ("emergency stop", charge(stop_reason="EmergencyStop"), Cause.ENDED),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "cause"), [(facts, cause) for _, facts, cause in STORIES],
                         ids=[name for name, *_ in STORIES])  # fmt: skip
def test_each_cause_is_found_with_its_evidence(facts: Facts, cause: Cause) -> None:
    found = {finding.cause: finding for finding in diagnose(facts).findings}
    assert cause in found
    assert found[cause].proofs
    assert any(proof.at is not None or proof.value is not None for proof in found[cause].proofs)


def test_there_is_a_story_for_every_cause() -> None:
    assert {cause for *_, cause in STORIES} == set(Cause)


def test_a_charge_that_went_well_has_nothing_wrong() -> None:
    found = diagnose(WELL)
    assert found.findings == ()
    assert found.answer is None
    assert found.checks == ()


def test_a_cause_that_the_record_names_stands_before_what_merely_fits() -> None:
    lines = [line(2, "Disconnect"), line(3, "Connect")]
    found = diagnose(replace(charge(stop_reason="EmergencyStop"), lines=lines))
    assert [finding.cause for finding in found.findings] == [Cause.ENDED, Cause.LOST_CONTACT]
    assert found.answer is found.findings[0]


def test_slowness_names_all_four_causes_and_is_no_answer_by_itself() -> None:
    found = diagnose(slow(3_600))
    assert {finding.cause for finding in found.findings} == {
        Cause.SLOW_CAR, Cause.SLOW_POINT, Cause.SLOW_SHARED, Cause.SLOW_CABLE
    }  # fmt: skip
    assert found.answer is None


def test_a_limit_of_ours_comes_before_the_car_when_a_charge_is_slow() -> None:
    limit = Asked(at=at(1), action="SetChargingProfile", outcome="accepted")
    found = diagnose(replace(slow(3_600), asked=[limit]))
    assert found.findings[0].cause is Cause.SLOW_SHARED


def test_our_own_stop_is_not_blamed_on_another_app() -> None:
    found = diagnose(charge(stop_reason="Remote", stop_asked_at=at(49)))
    assert found.findings == ()


def test_a_key_is_shown_by_its_end_only() -> None:
    facts = replace(NOWHERE, lines=[line(50, "StartTransaction", status="Invalid", idTag="04A1B2C3D4E5F6")])
    assert "04A1B2C3" not in str(diagnose(facts))


def test_the_list_for_starts_says_what_is_so_what_is_not_and_what_one_must_look_at() -> None:
    checks = {check.step: check.ok for check in diagnose(replace(WELL, charge=FAILED, asked=[START])).checks}
    assert checks == {
        Step.IN_CONTACT: True, Step.WELL: True, Step.RIGHT_PLACE: None, Step.PLUGGED_IN: False, Step.WAITED: True,
        Step.KEY: None, Step.FUNDS: None,
    }  # fmt: skip


moments = st.integers(-30, 90).map(at)
words = st.sampled_from(["", "NoError", "GroundFailure", "Blocked", "Invalid", "ConnectorLockFailure", "Accepted", "x"])
lines = st.builds(
    Line,
    at=moments,
    kind=st.sampled_from(
        ["Disconnect", "Connect", "StartTransaction", "StatusNotification", "SuspendedEV", "Charging"]
    ),
    detail=st.fixed_dictionaries({"status": words, "errorCode": words, "idTag": words, "address": words}),
)
asked = st.builds(
    Asked,
    at=moments,
    action=st.sampled_from(["RemoteStartTransaction", "UnlockConnector", "SetChargingProfile", "Reset"]),
    outcome=st.sampled_from([None, "accepted", "refused", "no-contact", "no-answer"]),
    status=words,
)
maybe = st.none() | moments
charges = st.builds(
    Charge,
    state=st.sampled_from(["starting", "charging", "paused", "stopped", "releasing", "completed", "scheduled"]),
    raw_state=st.sampled_from([None, "charging", "suspended_ev", "suspended_evse"]),
    created_at=moments, started_at=maybe, stopped_at=maybe, failed_at=maybe, forced_at=maybe, stop_asked_at=maybe,
    failure_code=st.sampled_from(["", "start-expired", "start-no-contact", "card-refused", "something-new"]),
    stop_reason=st.sampled_from(["", "Remote", "PowerLoss", "price-limit", "DeAuthorized", "Unheard"]),
    energy_wh=st.integers(0, 90_000), soc_percent=st.none() | st.floats(0, 100),
    moves=st.lists(st.tuples(moments, st.sampled_from(["PausedByCar", "PausedByChargePoint", "Began"])), max_size=4),
    neighbours=st.integers(0, 9),
)  # fmt: skip
places = st.builds(
    Place, connected=st.booleans(), contact_lost_at=maybe, status=st.none() | words, error_code=st.none() | words,
    cable_in=st.booleans(), power_w_max=st.none() | st.integers(0, 400_000), best_w=st.none() | st.integers(0, 400_000),
    earlier=st.integers(0, 5), has_charge=st.booleans(),
)  # fmt: skip
anything = st.builds(
    Facts, now=st.just(NOW), place=places, charge=st.none() | charges,
    lines=st.lists(lines, max_size=8).map(lambda found: sorted(found, key=lambda each: each.at)),
    asked=st.lists(asked, max_size=4),
    power=st.lists(st.builds(Power, at=moments, watts=st.integers(0, 400_000)), max_size=6),
    price=st.none() | st.builds(Price, group=words, chosen_by=words, changed_at=maybe, owed_minor=st.integers(0, 99)),
)  # fmt: skip


@given(anything)
def test_whatever_was_seen_each_cause_stands_once_the_likeliest_first_and_all_have_evidence(facts: Facts) -> None:
    found = diagnose(facts)
    weights = [finding.weight for finding in found.findings]
    assert weights == sorted(weights, reverse=True)
    assert len({finding.cause for finding in found.findings}) == len(weights)
    assert all(finding.proofs for finding in found.findings)
    assert all(0 < weight <= 100 for weight in weights)
    assert (found.answer is None) == (not weights or weights[0] < ANSWERS)


@given(anything)
def test_the_same_facts_have_the_same_causes(facts: Facts) -> None:
    assert diagnose(facts) == diagnose(facts)
