"""The life of a charge: its stories, and every pair of state and event."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wattline.domain import charge_steps as life
from wattline.domain.charge import ASKS, CLAIMING, END_PATIENCE, MOVES, RUNNING, WAITS, Ask, TimerKind
from wattline.domain.charge_events import (
    Began,
    CableOut,
    Closed,
    EnergyFlows,
    Event,
    ForceStopped,
    Overtaken,
    PausedByCar,
    PausedByChargePoint,
    PaymentAsked,
    Reaped,
    ReservationExpired,
    Reserved,
    StartAsked,
    StartExpired,
    StartRefused,
    StopAsked,
    Stopped,
    StopRefused,
    WaitEnded,
)
from wattline.domain.charge_facts import edited, facts_of, progressed
from wattline.domain.charge_record import Charge
from wattline.domain.charge_steps import birth, step
from wattline.domain.meter import Meter
from wattline.domain.refusals import IllegalMove
from wattline.domain.values import ChargeState as S

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def draft(state: S = S.OTHER) -> Charge:
    """A charge before anything happened to it."""
    return Charge(
        id=1, operator_id=2, team_id=3, connector_id=4, charge_point_id=5, connector_number=1,
        human_readable_id="0K49-QBST-PD5J7", state=state, type="operator", start_source="server-api",
        paying_team_id=6, paying_operator_id=7, id_tag="AB" * 10, currency="eur", created_at=NOON, updated_at=NOON,
    )  # fmt: skip


def stopped(minutes: float = 60, **more: object) -> Stopped:
    meter = Meter(start_wh=1_000, last_wh=4_600, last_at=at(minutes), energy_wh=3_600)
    told = {"reason": "ChargePointRemote", "meter_stop_wh": 4_600, "meter": meter}
    return Stopped(at=at(minutes), **{"cable_in": True, "release_detection": True, **told, **more})  # type: ignore[arg-type]


def began(minutes: float = 1, transaction_id: int = 8) -> Began:
    return Began(at=at(minutes), transaction_id=transaction_id, ocpp_transaction_id=90 + transaction_id, meter_wh=1_000)


class Life:
    """Lets a charge live; remembers the last step and all moves."""

    def __init__(self, first: Event) -> None:
        self.last = birth(draft(), first, now=first.at)
        self.moves = list(self.last.moves)

    def then(self, event: Event) -> "Life":
        self.last = step(self.last.charge, event, now=event.at)
        self.moves += self.last.moves
        return self

    @property
    def charge(self) -> Charge:
        return self.last.charge

    @property
    def states(self) -> list[str]:
        return [move.went_to for move in self.moves]


def starting() -> Life:
    return Life(StartAsked(at=NOON))


def charging() -> Life:
    return starting().then(began())


# Stories ---------------------------------------------------------------------------------------------------------


def test_a_charge_is_asked_for_begins_stops_and_ends_when_the_cable_is_out() -> None:
    story = charging().then(StopAsked(at=at(59), by="api")).then(stopped()).then(CableOut(at=at(70)))
    assert story.states == ["starting", "charging", "stopping", "releasing", "released", "completed"]
    charge = story.charge
    assert (charge.started_at, charge.stopped_at, charge.released_at, charge.completed_at) == (
        at(1), at(60), at(70), at(70),
    )  # fmt: skip
    assert (charge.energy_wh, charge.meter_start_wh, charge.meter_stop_wh) == (3_600, 1_000, 4_600)
    assert charge.price_minor is None


def test_without_release_detection_a_stopped_charge_is_completed_at_once() -> None:
    story = charging().then(stopped(release_detection=False))
    assert story.states == ["starting", "charging", "stopped", "completed"]


def test_a_cable_that_is_out_already_when_the_stop_comes_completes_the_charge() -> None:
    story = charging().then(stopped(cable_in=False))
    assert story.states == ["starting", "charging", "released", "completed"]
    assert story.charge.released_at == at(60)


def test_a_tapped_key_begins_a_charge_out_of_nothing() -> None:
    assert Life(began()).states == ["charging"]


def test_the_car_and_the_charge_point_pause_and_go_on() -> None:
    story = charging().then(PausedByChargePoint(at=at(5)))
    assert (story.charge.state, story.charge.raw_state) == (S.PAUSED, "suspended_evse")
    story.then(EnergyFlows(at=at(6)))
    assert (story.charge.state, story.charge.raw_state) == (S.CHARGING, "charging")
    story.then(PausedByCar(at=at(7)))
    assert (story.charge.state, story.charge.raw_state) == (S.PAUSED, "suspended_ev")


def test_a_car_that_pauses_after_taking_energy_is_full_until_it_takes_more() -> None:
    waiting = charging().then(PausedByCar(at=at(5)))
    assert waiting.charge.fully_charged_at is None
    fed = replace(waiting.charge, energy_wh=5_000)
    full = step(fed, PausedByCar(at=at(6)), now=at(6)).charge
    assert full.fully_charged_at == at(6)
    assert step(full, PausedByCar(at=at(9)), now=at(9)).charge.fully_charged_at == at(6)
    assert step(full, EnergyFlows(at=at(9)), now=at(9)).charge.fully_charged_at is None


def test_a_refused_start_has_failed_and_is_completed_at_once_with_nothing_to_pay() -> None:
    story = starting().then(StartRefused(at=at(0.1), code="start-refused", reason="No."))
    assert story.states == ["starting", "stopped", "completed"]
    charge = story.charge
    assert (charge.failed_at, charge.completed_at, charge.energy_wh, charge.price_minor) == (at(0.1), at(0.1), 0, 0)
    assert (charge.failure_code, charge.failure_reason) == ("start-refused", "No.")


def test_a_start_that_never_begins_has_failed() -> None:
    charge = starting().then(StartExpired(at=at(5))).charge
    assert (charge.state, charge.failed_at, charge.timeout_at, charge.price_minor) == (S.COMPLETED, at(5), at(5), 0)


def test_a_start_may_be_taken_back_before_it_begins() -> None:
    charge = starting().then(StopAsked(at=at(2), by="portal")).charge
    assert (charge.state, charge.failed_at, charge.stop_reason, charge.price_minor) == (S.COMPLETED, None, "portal", 0)


def test_a_held_connector_is_started_later_or_let_go() -> None:
    held = Reserved(at=NOON, until=at(15), reservation_id=77)
    assert Life(held).then(StartAsked(at=at(3))).then(began(4)).states == ["reserved", "starting", "charging"]
    expired = Life(held).then(ReservationExpired(at=at(15))).charge
    assert (expired.state, expired.timeout_at, expired.failed_at) == (S.COMPLETED, at(15), None)
    assert expired.stop_reason == "reservation-expired"


def test_a_box_that_refuses_to_stop_charges_on_as_before() -> None:
    refused = StopRefused(at=at(3), outcome="refused", answer={"status": "Rejected"})
    assert charging().then(StopAsked(at=at(2), by="api")).then(refused).charge.state is S.CHARGING
    paused = charging().then(PausedByCar(at=at(1)))
    again = paused.then(StopAsked(at=at(2), by="api")).then(refused).charge
    assert (again.state, again.stopped_by) == (S.PAUSED, None)


@pytest.mark.parametrize("story", [starting(), charging(), charging().then(stopped())], ids=["new", "on", "over"])
def test_force_stop_ends_a_charge_from_anywhere_and_nobody_pays(story: Life) -> None:
    charge = story.then(ForceStopped(at=at(90), by="Operations manager", reason="stuck")).charge
    assert (charge.state, charge.price_minor, charge.cost_minor) == (S.COMPLETED, 0, 0)
    assert (charge.stop_reason, charge.forced_by, charge.force_reason) == ("force-stop", "Operations manager", "stuck")


def test_a_ghost_waits_a_day_for_its_real_stop() -> None:
    ghost = charging().then(Reaped(at=at(600)))
    assert (ghost.charge.state, ghost.charge.stop_reason) == (S.STOPPED, "no-sign-of-life")
    assert ghost.last.timer_set == (TimerKind.END, at(600) + timedelta(hours=24))
    assert ghost.then(WaitEnded(at=at(2_040))).charge.completed_at == at(2_040)


def test_a_ghost_whose_real_stop_comes_in_time_is_billed_by_it() -> None:
    charge = charging().then(Reaped(at=at(600))).then(stopped(cable_in=False)).charge
    assert (charge.state, charge.stopped_at, charge.energy_wh) == (S.COMPLETED, at(60), 3_600)


def test_a_ghost_whose_cable_is_pulled_still_waits_for_its_last_reading() -> None:
    story = charging().then(Reaped(at=at(600))).then(CableOut(at=at(601)))
    assert story.charge.state is S.RELEASED
    # By now the next car may be plugged in: that is not this charge's cable.
    assert story.then(stopped(cable_in=True)).states[-1] == "completed"


def test_a_charge_that_another_overtakes_is_closed_with_a_reason() -> None:
    ran = charging().then(Overtaken(at=at(30))).charge
    assert (ran.state, ran.stop_reason, ran.stopped_at) == (S.COMPLETED, "another-charge-began", at(30))
    hoped = starting().then(Overtaken(at=at(2))).charge
    assert (hoped.state, hoped.failed_at, hoped.failure_code) == (S.COMPLETED, at(2), "another-charge-began")
    over = charging().then(stopped()).then(Overtaken(at=at(70))).charge
    assert (over.state, over.stop_reason, over.stopped_at) == (S.COMPLETED, "ChargePointRemote", at(60))


def test_a_box_that_begins_anew_goes_on_with_the_same_charge() -> None:
    charge = charging().then(began(20, transaction_id=9)).charge
    assert (charge.state, charge.started_at, charge.transaction_id) == (S.CHARGING, at(1), 9)
    assert charge.meter_start_wh == 1_000


def test_signed_data_told_with_the_stop_stays_with_the_charge() -> None:
    signed = {"format": "OCMF", "startMeter": None, "endMeter": "OCMF|{}"}
    assert charging().then(stopped(signed_data=signed)).charge.signed_data == signed


# What moves cause ------------------------------------------------------------------------------------------------


def test_moves_ask_the_box_for_what_they_need() -> None:
    held = Reserved(at=NOON, until=at(15), reservation_id=77)
    assert starting().last.asks == (Ask.START,)
    assert starting().then(StartAsked(at=at(1))).last.asks == (Ask.START,)
    assert Life(held).last.asks == (Ask.RESERVE,)
    assert Life(held).then(ReservationExpired(at=at(15))).last.asks == (Ask.CANCEL_RESERVATION,)
    assert charging().then(StopAsked(at=at(2), by="api")).last.asks == (Ask.STOP,)
    assert charging().then(ForceStopped(at=at(2), by="x", reason=None)).last.asks == (Ask.STOP,)
    assert charging().then(stopped()).last.asks == ()


def test_each_wait_has_a_timer_that_goes_with_it() -> None:
    held = Reserved(at=NOON, until=at(15), reservation_id=77)
    assert Life(held).last.timer_set == (TimerKind.RESERVATION, at(15))
    assert starting().last.timer_set == (TimerKind.START, at(5))
    assert starting().then(StartAsked(at=at(3))).last.timer_set == (TimerKind.START, at(8))
    assert charging().last.timer_cleared is TimerKind.START
    assert charging().last.timer_set == (TimerKind.SIGN_OF_LIFE, at(61))
    assert charging().then(PausedByCar(at=at(3))).last.timer_set is None
    over = charging().then(stopped()).last
    assert (over.timer_cleared, over.timer_set) == (TimerKind.SIGN_OF_LIFE, (TimerKind.END, at(60) + END_PATIENCE))
    assert charging().then(stopped()).then(CableOut(at=at(70))).last.timer_cleared is TimerKind.END


def test_signs_of_life_are_dated_when_we_hear_them() -> None:
    late = step(starting().charge, began(1), now=at(300)).charge
    assert (late.started_at, late.last_sign_at) == (at(1), at(300))


def test_facts_tell_the_birth_and_every_move_to_owner_and_payer() -> None:
    (created,) = facts_of(starting().last)
    assert (created.kind, created.operator_ids, created.team_ids) == ("ChargeCreated", (2, 7), (3, 6))
    moved = facts_of(charging().then(stopped(cable_in=False)).last)
    assert [fact.detail for fact in moved] == [
        {"from": "charging", "to": "released", "cause": "Stopped"},
        {"from": "released", "to": "completed", "cause": "Closed"},
    ]
    assert edited(draft()).kind == "ChargeEdited"
    assert progressed(1, operator_ids=(2,), team_ids=(3,), charge_point_id=5).kind == "ChargeProgressed"
    alone = facts_of(Life(StartAsked(at=NOON)).last)[0]
    own = replace(draft(), paying_operator_id=2, paying_team_id=3)
    assert alone.entity_id == 1
    assert edited(own).operator_ids == (2,)


def test_the_timeline_says_why() -> None:
    assert stopped(oddities=("register-changed",)).detail == {
        "reason": "ChargePointRemote",
        "oddities": ["register-changed"],
    }
    assert stopped().detail == {"reason": "ChargePointRemote"}
    assert StartRefused(at=NOON, code="c", reason="No.").detail == {"reason": "No."}
    assert StopAsked(at=NOON, by="api").detail == {"by": "api"}
    assert ForceStopped(at=NOON, by="x", reason="y").detail == {"by": "x", "reason": "y"}
    assert StopRefused(at=NOON, outcome="error", answer={}).detail == {"outcome": "error", "answer": {}}
    assert CableOut(at=NOON).detail == {}


def test_a_start_told_late_is_history_unless_it_is_younger() -> None:
    running = charging().charge
    assert life.is_overtaken(running, began_at=at(2))
    assert not life.is_overtaken(running, began_at=NOON)
    hoped = starting().charge
    assert life.is_overtaken(hoped, began_at=at(-0.5))
    assert not life.is_overtaken(hoped, began_at=at(-2))


# Every pair ------------------------------------------------------------------------------------------------------

EVENTS: dict[type[Event], Event] = {
    type(event): event
    for event in (
        PaymentAsked(at=at(9)),
        StartAsked(at=at(9)),
        Reserved(at=at(9), until=at(24), reservation_id=1),
        StartRefused(at=at(9), code="c", reason="r"),
        StartExpired(at=at(9)),
        ReservationExpired(at=at(9)),
        began(9),
        EnergyFlows(at=at(9)),
        PausedByCar(at=at(9)),
        PausedByChargePoint(at=at(9)),
        StopAsked(at=at(9), by="api"),
        StopRefused(at=at(9), outcome="refused", answer={}),
        stopped(9),
        ForceStopped(at=at(9), by="x", reason=None),
        Reaped(at=at(9)),
        Overtaken(at=at(9)),
        CableOut(at=at(9)),
        Closed(at=at(9)),
        WaitEnded(at=at(9)),
    )
}


def in_state(state: S) -> Charge:
    """A charge as it can be found in a state."""
    charge = draft(state)
    if state in RUNNING | {S.STOPPED, S.RELEASING, S.RELEASED, S.COMPLETED}:
        charge = replace(charge, started_at=at(1), last_sign_at=at(1), meter_start_wh=0, meter_last_wh=0)
    return charge


@pytest.mark.parametrize("event", list(EVENTS.values()), ids=lambda event: type(event).__name__)
@pytest.mark.parametrize("state", list(S))
def test_every_event_in_every_state_is_legal_or_loud(state: S, event: Event) -> None:
    charge = in_state(state)
    if not life.is_legal(charge, type(event)):
        with pytest.raises(IllegalMove, match=f"A charge that is {state} cannot"):
            step(charge, event, now=at(10))
        return
    after = step(charge, event, now=at(10))
    assert after.before == charge
    assert after.charge.updated_at == at(10)
    assert after.moves == () or after.moves[-1].went_to is after.charge.state
    assert (after.charge.completed_at is None) == (after.charge.state is not S.COMPLETED)


@pytest.mark.parametrize("event", list(EVENTS.values()), ids=lambda event: type(event).__name__)
def test_only_four_events_bring_a_charge_into_being(event: Event) -> None:
    if type(event) in (PaymentAsked, StartAsked, Reserved, Began):
        assert birth(draft(), event, now=at(10)).born
        return
    with pytest.raises(IllegalMove, match="new"):
        birth(draft(), event, now=at(10))


def test_the_table_knows_every_event_and_nothing_leaves_completed() -> None:
    assert {event for _, event in MOVES} == set(EVENTS)
    assert {state for state, _ in MOVES if state} == set(S) - {S.COMPLETED}
    assert set(ASKS) <= set(MOVES)


def test_every_state_has_a_way_to_completed_without_the_box() -> None:
    for state in set(S) - {S.COMPLETED}:
        assert MOVES[state, ForceStopped] is S.COMPLETED
    # And by time alone, except where later issues put a charge or people must decide.
    by_time = {
        TimerKind.PAYMENT: StartRefused,
        TimerKind.START: StartExpired,
        TimerKind.RESERVATION: ReservationExpired,
        TimerKind.SIGN_OF_LIFE: Reaped,
        TimerKind.END: WaitEnded,
    }
    for state, kind in WAITS.items():
        assert (state, by_time[kind]) in MOVES
    assert set(S) - set(WAITS) == {S.SCHEDULED, S.OTHER, S.COMPLETED}


def test_what_claims_a_connector_is_what_is_not_over() -> None:
    assert set(S) - CLAIMING == {S.STOPPED, S.RELEASING, S.RELEASED, S.COMPLETED}
