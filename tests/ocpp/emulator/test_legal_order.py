"""Whatever people and networks do to a charge point, what it says stays in a legal order."""

from contextlib import suppress
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.ocpp.emulator.stage import KEY, Central, Stage, samples, small_car
from wattline.emulator import front_panel
from wattline.emulator.box import Impossible

REGISTER = "Energy.Active.Import.Register"
CONNECTORS = st.integers(1, 2)
TAGS = st.sampled_from([KEY, "FRIEND", "STRANGER"])
KEYS = {
    "StopTxnSampledData": REGISTER,
    "AllowOfflineTxForUnknownId": "true",
    "MeterValueSampleInterval": "30",
    "TransactionMessageAttempts": "99",
}


class Notary:
    """Reads all that was said, and knows what may not be."""

    def __init__(self) -> None:
        self.read = 0
        self.open: dict[int, int] = {}
        self.ended: set[int] = set()
        self.registers = {1: 0, 2: 0}
        self.has_booted = False
        # What is said again because the answer was lost is no second end.
        self.last_stop: dict[str, Any] = {}

    def check(self, stage: Stage) -> None:
        """Read on."""
        for said in stage.said[self.read :]:
            self._check_one(said.action, said.payload, stage.central)
        self.read = len(stage.said)

    def _check_one(self, action: str, payload: dict[str, Any], central: Central) -> None:
        assert self.has_booted or action == "BootNotification", f"{action} before the boot"
        match action:
            case "BootNotification":
                self.has_booted = True
            case "StartTransaction":
                self._start(payload, central)
            case "MeterValues":
                self._values(payload)
            case "StopTransaction":
                self._stop(payload)

    def _start(self, payload: dict[str, Any], central: Central) -> None:
        connector = payload["connectorId"]
        given_id = central.begun[connector, payload["timestamp"], payload["meterStart"]]
        if self.open.get(given_id) == connector:
            return
        assert connector not in self.open.values(), "a second transaction on one connector"
        assert payload["meterStart"] >= self.registers[connector], "the meter ran back"
        self.registers[connector] = payload["meterStart"]
        self.open[given_id] = connector

    def _values(self, payload: dict[str, Any]) -> None:
        if "transactionId" in payload:
            assert self.open.get(payload["transactionId"]) == payload["connectorId"], "readings of no open transaction"
        for sample in samples(payload, REGISTER):
            assert int(sample["value"]) >= self.registers[payload["connectorId"]], "the meter ran back"
            self.registers[payload["connectorId"]] = int(sample["value"])

    def _stop(self, payload: dict[str, Any]) -> None:
        transaction = payload["transactionId"]
        if payload == self.last_stop:
            return
        self.last_stop = payload
        assert transaction not in self.ended, "ended twice"
        connector = self.open.pop(transaction, None)
        assert connector is not None, "ended what never began"
        assert payload["meterStop"] >= self.registers[connector], "the meter ran back"
        self.registers[connector] = payload["meterStop"]
        self.ended.add(transaction)


class Anything(RuleBasedStateMachine):
    """People, networks and the central system, doing whatever they like in any order."""

    def __init__(self) -> None:
        super().__init__()
        keys = {KEY: {"status": "Accepted"}, "FRIEND": {"status": "Accepted", "parentIdTag": "US"}}
        self.stage = Stage(connectors=2, keys=KEYS, central=Central(keys=keys), begins_connected=False)
        self.stage.settle()
        self.notary = Notary()

    def _try(self, deed: Any) -> None:
        # Hands are slow: two deeds never fall on the same moment.
        self.stage.wait(1)
        with suppress(Impossible):
            deed()
        self.stage.settle()

    def _ask(self, action: str, **payload: Any) -> None:
        self.stage.wait(1)
        if self.stage.box.is_online:
            self.stage.command(action, **payload)

    @rule(connector=CONNECTORS, soc=st.floats(5, 99.9))
    def plug(self, connector: int, soc: float) -> None:
        self._try(lambda: self.stage.plug(small_car(soc_percent=soc), connector))

    @rule(connector=CONNECTORS)
    def unplug(self, connector: int) -> None:
        self._try(lambda: self.stage.unplug(connector))

    @rule(connector=CONNECTORS | st.none(), tag=TAGS)
    def tap(self, connector: int | None, tag: str) -> None:
        self._try(lambda: self.stage.tap(tag, connector))

    @rule(seconds=st.integers(1, 400))
    def wait(self, seconds: int) -> None:
        self.stage.wait(seconds)

    @rule(connector=CONNECTORS, by_car=st.booleans())
    def suspend(self, connector: int, by_car: bool) -> None:
        self._try(lambda: front_panel.suspend(self.stage.box, connector, self.stage.now, by_car=by_car))

    @rule(connector=CONNECTORS)
    def resume(self, connector: int) -> None:
        self._try(lambda: front_panel.resume(self.stage.box, connector, self.stage.now))

    @rule(connector=CONNECTORS, ends=st.booleans())
    def fault(self, connector: int, ends: bool) -> None:
        box, now = self.stage.box, self.stage.now
        self._try(lambda: front_panel.fault(box, connector, "OtherError", now, ends_transaction=ends))

    @rule(connector=CONNECTORS)
    def clear_fault(self, connector: int) -> None:
        self._try(lambda: front_panel.clear_fault(self.stage.box, connector, self.stage.now))

    @rule()
    def cut(self) -> None:
        self._try(self.stage.cut)

    @rule()
    def mend(self) -> None:
        self._try(self.stage.mend)

    @rule(seconds=st.integers(1, 120))
    def lose_power(self, seconds: int) -> None:
        self._try(lambda: self.stage.lose_power(seconds))

    @rule()
    def reboot(self) -> None:
        self._try(self.stage.reboot)

    @rule(connector=CONNECTORS, tag=TAGS)
    def remote_start(self, connector: int, tag: str) -> None:
        self._ask("RemoteStartTransaction", connectorId=connector, idTag=tag)

    @rule(ago=st.integers(0, 2))
    def remote_stop(self, ago: int) -> None:
        self._ask("RemoteStopTransaction", transactionId=self.stage.central.transactions - ago)

    @rule(connector=CONNECTORS)
    def unlock(self, connector: int) -> None:
        self._ask("UnlockConnector", connectorId=connector)

    @rule(hard=st.booleans())
    def reset(self, hard: bool) -> None:
        self._ask("Reset", type="Hard" if hard else "Soft")

    @rule(connector=st.integers(0, 2), operative=st.booleans())
    def change_availability(self, connector: int, operative: bool) -> None:
        kind = "Operative" if operative else "Inoperative"
        self._ask("ChangeAvailability", connectorId=connector, type=kind)

    @rule(answers=st.integers(0, 2), lines=st.integers(0, 2))
    def break_the_network(self, answers: int, lines: int) -> None:
        self.stage.central.answers_lost, self.stage.central.lines_broken = answers, lines

    @rule()
    def forget_a_key(self) -> None:
        self.stage.central.keys.pop("FRIEND", None)

    @invariant()
    def what_was_said_is_legal(self) -> None:
        self.notary.check(self.stage)

    def teardown(self) -> None:
        """In the end everything is mended, and every transaction that was begun is either running or ended."""
        self.stage.central.answers_lost = self.stage.central.lines_broken = 0
        self.stage.mend().wait(minutes=30)
        self.notary.check(self.stage)
        running = {c.transaction.central_id for c in self.stage.box.connectors if c.transaction is not None}
        assert set(self.notary.open) == running
        assert len(self.stage.box.outbox) == 0


TestAnything = Anything.TestCase
TestAnything.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
