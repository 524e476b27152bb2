"""What people see a connector doing."""

from typing import Any

import pytest

from wattline.domain.connector import IDLE_STATUSES, TRANSACTION_STATUSES, cable_plugged_in, connector_state
from wattline.domain.values import ChargeState, ConnectorState

S = ConnectorState


def state(ocpp_status: str | None = None, charge: str | None = None, **more: Any) -> ConnectorState:
    """Derive the state of a connector that is integrated and in contact, unless `more` says otherwise."""
    known = {"bound": True, "connected": True, "maintenance": False, "box_status": None, "raw_state": None}
    charge_state = ChargeState(charge) if charge else None
    return connector_state(
        **{**known, "plugged_in": False, "ocpp_status": ocpp_status, "charge_state": charge_state, **more}
    )


@pytest.mark.parametrize(
    ("ocpp_status", "expected"),
    [
        ("Available", S.AVAILABLE),
        ("Preparing", S.BUSY_BLOCKED),
        ("Charging", S.BUSY_CHARGING),
        ("SuspendedEV", S.BUSY_NON_CHARGING),
        ("SuspendedEVSE", S.BUSY_NON_CHARGING),
        ("Finishing", S.BUSY_NON_RELEASED),
        ("Reserved", S.BUSY_RESERVED),
        ("Unavailable", S.MAINTENANCE),
        ("Faulted", S.ERROR),
        ("SomethingNew", S.OTHER),
        (None, S.OTHER),
    ],
)
def test_without_a_charge_the_box_decides(ocpp_status: str | None, expected: ConnectorState) -> None:
    assert state(ocpp_status) is expected


@pytest.mark.parametrize(
    ("charge", "expected"),
    [
        ("paying", S.BUSY),
        ("reserved", S.BUSY_RESERVED),
        ("starting", S.BUSY),
        ("scheduled", S.BUSY_SCHEDULED),
        ("charging", S.BUSY_CHARGING),
        ("paused", S.BUSY_NON_CHARGING),
        ("stopping", S.BUSY_CHARGING),
        ("stopped", S.AVAILABLE),
        ("releasing", S.BUSY_NON_RELEASED),
        ("released", S.AVAILABLE),
        ("completed", S.AVAILABLE),
        ("other", S.BUSY),
    ],
)
def test_a_charge_of_ours_decides_while_it_uses_the_connector(charge: str, expected: ConnectorState) -> None:
    assert state("Available", charge) is expected


def test_a_stopped_charge_with_its_cable_in_is_not_released() -> None:
    assert state("Finishing", "stopped", plugged_in=True) is S.BUSY_NON_RELEASED


def test_a_paused_charge_that_is_being_stopped_does_not_draw() -> None:
    assert state("SuspendedEV", "stopping", raw_state="suspended_ev") is S.BUSY_NON_CHARGING


def test_c3_a_box_that_says_available_while_it_charges_is_charging() -> None:
    assert state("Available", "charging") is S.BUSY_CHARGING


def test_what_people_decided_stands_above_what_boxes_say() -> None:
    assert state("Charging", "charging", bound=False) is S.PASSIVE
    assert state("Faulted", connected=False, maintenance=True) is S.MAINTENANCE
    assert state("Faulted", connected=False) is S.DISCONNECTED


def test_a_fault_of_the_whole_box_is_one_of_its_connectors_unless_they_charge_on() -> None:
    assert state("Available", box_status="Faulted") is S.ERROR
    assert state("Charging", "charging", box_status="Faulted") is S.BUSY_CHARGING
    # Field note 2: a box says so when it goes offline on purpose.
    assert state("Available", box_status="Unavailable") is S.AVAILABLE


def test_the_cable_is_known_by_the_status_or_stays_as_it_was() -> None:
    assert not cable_plugged_in("Available", before=True)
    assert not cable_plugged_in("Reserved", before=True)
    assert all(cable_plugged_in(status, before=False) for status in TRANSACTION_STATUSES | {"Preparing", "Finishing"})
    for unsure in ("Faulted", "Unavailable", "SomethingNew"):
        assert cable_plugged_in(unsure, before=True)
        assert not cable_plugged_in(unsure, before=False)
    assert not TRANSACTION_STATUSES & IDLE_STATUSES
