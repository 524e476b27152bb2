"""Whatever people, boxes and time do, in whatever order: the laws of charges hold, and every charge can end."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.conftest import administer, url_of
from tests.operations.story import Story, begin_story
from wattline.database.connection import Database
from wattline.domain.charge import CLAIMING, MOVES, RUNNING, WAITS
from wattline.domain.charge_record import Charge
from wattline.domain.facts import ChargeCreated, ChargeMoved
from wattline.domain.refusals import Refusal
from wattline.domain.values import ChargeState

KEYS = ("04BE7C40", "04BE7C4004BE7C")
STATUSES = ("Available", "Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Reserved", "Faulted")

T = TypeVar("T")
connectors = st.sampled_from((1, 2))
picks = st.integers(0, 5)


class Session:
    """A transaction as its box remembers it."""

    def __init__(self, tag: str, connector: int, meter_wh: int, started_at: Any, answer_id: int) -> None:
        self.tag, self.connector, self.start_wh, self.started_at = tag, connector, meter_wh, started_at
        self.wh, self.id = meter_wh, answer_id


class World(RuleBasedStateMachine):
    """People, boxes and time, acting at random on two connectors."""

    def __init__(self, server_url: str, template: str) -> None:
        super().__init__()
        self.server_url, self.template = server_url, template
        self.name = f"wattline_world_{id(self)}"
        self.loop = asyncio.new_event_loop()
        self.sessions: list[Session] = []
        self.completed: dict[int, Charge] = {}
        self.energy: dict[int, int] = {}
        self.births = self.moves = 0

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(doing)

    def refusable(self, doing: Coroutine[Any, Any, T]) -> T | None:
        try:
            return self.run(doing)
        except Refusal:
            return None

    @initialize()
    def set_the_stage(self) -> None:
        create = f"create database {self.name} template {self.template} strategy file_copy"
        self.run(administer(self.server_url, create))
        self.database = self.run(Database.open(url_of(self.server_url, self.name)))
        self.story: Story = self.run(begin_story(self.database))
        for key in KEYS:
            self.run(self.story.add_key(key))
        self.run(self.story.facts())

    def teardown(self) -> None:
        if hasattr(self, "story"):
            self.let_everything_end()
            self.run(self.database.close())
            self.run(administer(self.server_url, f"drop database {self.name} with (force)"))
        self.loop.close()

    # People and programs -----------------------------------------------------------------------------------------

    @rule(connector=connectors, reserve=st.booleans(), limit=st.none() | st.just(3_000))
    def somebody_asks(self, connector: int, reserve: bool, limit: int | None) -> None:
        self.refusable(self.story.ask(connector, reserve=reserve, energy_limit_wh=limit))

    @rule(pick=picks, act=st.sampled_from(("stop", "force_stop", "restart")))
    def somebody_acts(self, pick: int, act: str) -> None:
        charge = self.pick_charge(pick)
        if charge is not None:
            self.refusable(getattr(self.story, act)(charge))

    # Boxes -------------------------------------------------------------------------------------------------------

    @rule(pick=picks, suffix=st.sampled_from(("", "_slave")))
    def the_box_begins_what_was_asked(self, pick: int, suffix: str) -> None:
        charge = self.pick_charge(pick)
        if charge is not None and charge.connector_number is not None:
            self.begin(charge.id_tag.lower() + suffix, charge.connector_number, 1_000)

    @rule(connector=connectors, key=st.sampled_from((*KEYS, "DEADBEEF")), meter_wh=st.sampled_from((0, 50_000)))
    def a_driver_taps(self, connector: int, key: str, meter_wh: int) -> None:
        self.begin(key, connector, meter_wh)

    @rule(pick=picks)
    def the_box_repeats_a_start(self, pick: int) -> None:
        if self.sessions:
            session = self.sessions[pick % len(self.sessions)]
            again = self.run(
                self.story.begin(
                    session.tag, connector=session.connector, meter_wh=session.start_wh, at=session.started_at
                )
            )
            assert (again.ocpp_transaction_id, again.repeat) == (session.id, True)

    @rule(pick=picks, gain=st.integers(0, 900), late_s=st.sampled_from((0, 0, 0, 40)), nameless=st.booleans())
    def the_meter_is_read(self, pick: int, gain: int, late_s: int, nameless: bool) -> None:
        self.story.later(seconds=30)
        if self.sessions:
            session = self.sessions[pick % len(self.sessions)]
            session.wh += gain
            at = self.story.now - timedelta(seconds=late_s)
            named = None if nameless else session.id
            self.run(self.story.measure(session.wh, named, connector=session.connector, at=at))

    @rule(connector=connectors, status=st.sampled_from(STATUSES))
    def the_box_tells_a_status(self, connector: int, status: str) -> None:
        self.run(self.story.status(status, connector=connector))

    @rule(pick=picks, reason=st.sampled_from((None, "Remote", "EVDisconnected")), late_s=st.sampled_from((0, 0, 3_600)))
    def the_box_stops(self, pick: int, reason: str | None, late_s: int) -> None:
        if self.sessions:
            session = self.sessions[pick % len(self.sessions)]
            at = self.story.now - timedelta(seconds=late_s)
            self.run(self.story.end(session.id, session.wh, reason=reason, at=at))

    @rule(transaction_id=st.sampled_from((-1, 0, 2**63 - 1)))
    def the_box_stops_what_nobody_knows(self, transaction_id: int) -> None:
        self.run(self.story.end(transaction_id, 5_000))

    @rule(pick=picks, transaction_id=st.sampled_from((0, 4711)), with_tag=st.booleans())
    def the_box_stops_without_our_number(self, pick: int, transaction_id: int, with_tag: bool) -> None:
        if self.sessions:
            session = self.sessions[pick % len(self.sessions)]
            self.run(self.story.end(transaction_id, session.wh, id_tag=session.tag if with_tag else None))

    @rule(pick=picks, outcome=st.sampled_from(("refused", "error", "no-answer", "expired")))
    def the_box_answers_no(self, pick: int, outcome: str) -> None:
        charge = self.pick_charge(pick)
        if charge is not None:
            self.run(self.story.refuse(charge, outcome=outcome))

    @rule(connector=connectors, hours=st.integers(1, 40))
    def the_box_tells_a_charge_of_long_ago(self, connector: int, hours: int) -> None:
        began_at = self.story.now - timedelta(hours=hours)
        answer = self.run(self.story.begin(KEYS[0], connector=connector, meter_wh=0, at=began_at))
        self.run(self.story.end(answer.ocpp_transaction_id, 700, at=began_at + timedelta(minutes=20)))

    @rule(away=st.booleans())
    def contact_comes_and_goes(self, away: bool) -> None:
        self.run(self.story.disconnect() if away else self.story.connect())

    # Time --------------------------------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from((1, 6, 20, 90, 1_500)))
    def time_passes(self, minutes: int) -> None:
        self.run(self.story.after(minutes=minutes))

    # Laws --------------------------------------------------------------------------------------------------------

    @invariant()
    def the_laws_hold(self) -> None:
        if hasattr(self, "story"):
            charges = self.run(self.story.charges())
            self.completed_charges_never_change(charges)
            self.energy_never_falls_while_a_charge_runs(charges)
            self.a_connector_has_one_charge_and_perhaps_history(charges)
            self.every_move_is_legal_kept_and_told(charges)
            self.every_wait_has_its_timer(charges)

    def completed_charges_never_change(self, charges: list[Charge]) -> None:
        for charge in charges:
            if charge.completed_at is not None:
                plain = replace(charge, correction=None)
                assert self.completed.setdefault(charge.id, plain) == plain
                assert charge.state is ChargeState.COMPLETED

    def energy_never_falls_while_a_charge_runs(self, charges: list[Charge]) -> None:
        for charge in charges:
            assert charge.energy_wh >= 0
            if charge.state in RUNNING:
                assert charge.energy_wh >= self.energy.get(charge.id, 0)
                self.energy[charge.id] = charge.energy_wh

    def a_connector_has_one_charge_and_perhaps_history(self, charges: list[Charge]) -> None:
        for connector, connector_id in self.story.box.connectors.items():
            here = [c for c in charges if c.connector_id == connector_id and c.state in CLAIMING]
            current_id = self.run(self.story.current(connector))
            assert not here or current_id is not None
            current = next((charge for charge in charges if charge.id == current_id), None)
            for other in here:
                assert current is not None
                assert (
                    other == current
                    or (other.started_at or other.created_at) < (current.started_at or current.created_at)
                    or not other.begun
                )

    def every_move_is_legal_kept_and_told(self, charges: list[Charge]) -> None:
        moves = self.run(self.story.rows("select * from charge_move order by id"))
        where: dict[int, str | None] = {}
        legal = {(came_from, event.__name__) for came_from, event in MOVES}
        for move in moves:
            assert move["from_state"] == where.get(move["charge_id"])
            assert (move["from_state"], move["cause"]) in legal
            where[move["charge_id"]] = move["to_state"]
        assert where == {charge.id: charge.state for charge in charges}
        told = Counter(self.run(self.story.facts()))
        self.births += told[ChargeCreated.__name__]
        self.moves += told[ChargeMoved.__name__]
        assert (self.births, self.moves) == (len(charges), len(moves) - len(charges))

    def every_wait_has_its_timer(self, charges: list[Charge]) -> None:
        timers = {(row["entity_id"], row["kind"]) for row in self.run(self.story.rows("select * from timer"))}
        assert timers == {(charge.id, WAITS[charge.state]) for charge in charges if charge.state in WAITS}

    def let_everything_end(self) -> None:
        for _ in range(12):
            self.run(self.story.after(days=1))
        assert {charge.state for charge in self.run(self.story.charges())} <= {ChargeState.COMPLETED}

    # -------------------------------------------------------------------------------------------------------------

    def begin(self, tag: str, connector: int, meter_wh: int) -> None:
        self.story.later(seconds=1)
        at = self.story.now
        answer = self.run(self.story.begin(tag, connector=connector, meter_wh=meter_wh))
        self.sessions.append(Session(tag, connector, meter_wh, at, answer.ocpp_transaction_id))

    def pick_charge(self, pick: int) -> Charge | None:
        charges = self.run(self.story.charges())
        return charges[-1 - pick % len(charges)] if charges else None


HURRIED = settings(
    max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


def world_on(server_url: str, template: str) -> type[World]:
    """Make a World that lives in databases of this server, each a copy of the template."""

    class Here(World):
        def __init__(self) -> None:
            super().__init__(server_url, template)

    return Here


def test_whatever_happens_the_laws_of_charges_hold(postgres_url: str, template_name: str) -> None:
    run_state_machine_as_test(world_on(postgres_url, template_name), settings=HURRIED)


@pytest.mark.long
def test_whatever_happens_for_a_long_time_the_laws_of_charges_hold(postgres_url: str, template_name: str) -> None:
    patient = settings(HURRIED, max_examples=150, stateful_step_count=60)
    run_state_machine_as_test(world_on(postgres_url, template_name), settings=patient)
